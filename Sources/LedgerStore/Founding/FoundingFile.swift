import Ledger
import LedgerCrypto
import Statements
import TransparencyLog

extension Refusal.Code {
  /// The parts of a founding file do not fit each other: it is not as it was signed.
  public static let foundingAltered = Self(rawValue: "founding-altered")
  /// A founding file lacks the header or a validator's signature.
  public static let foundingUnsigned = Self(rawValue: "founding-unsigned")
  /// This validator has signed another header for the ledger; it signs one only.
  public static let foundingOtherHeader = Self(rawValue: "founding-other-header")
}

/// The founding of a ledger by several validators, as it is passed round: entry 0, its header, and what each validator has signed.
///
/// The founding block is not voted on: the first validator of the roster makes the header, and each validator signs one header for a
/// ledger id. The file is JSON; the statement, the header and the signatures are in base64:
///
///     {
///       "format": "zheng-founding-1",
///       "ledger": "<id, in hex>",
///       "statement": "<entry 0>",
///       "header": "<entry 1, once the first validator has signed>",
///       "signatures": [
///         { "validator": "v1", "cosignature": "<72 bytes>", "block": "<64 bytes>", "vote": "<64 bytes>" }
///       ]
///     }
///
/// Signatures are those of `ValidatorJoin` for the checkpoint that ends with the header. No private key is in it.
public struct FoundingFile: Sendable {
  static let format = "zheng-founding-1"

  /// The most bytes of a founding file.
  public static let maximumByteCount = 1 << 20

  /// The ledger's id, the leaf hash of entry 0.
  public let ledger: Digest
  /// The roster that it founds.
  public let roster: Roster
  /// The administrator that signed entry 0.
  public let founder: Member
  let statement: SignedStatement
  let rules: [any RuleSet]
  /// The header and the block that it closes; nil until the first validator has signed.
  var header: (entry: [UInt8], block: ValidatedBlock)?
  /// What validators have signed, in roster order.
  public internal(set) var signatures: [ValidatorJoin] = []

  /// Proposes to found a ledger: signs entry 0.
  ///
  /// - Parameters:
  ///   - consortium: names the log key, whose private half comes to every validator.
  ///   - administrator: the key of an administrator.
  ///   - now: in s since the epoch.
  /// - Throws: the refusal of the roster or the key; `malformed` where there is a single validator, who founds alone.
  public init(
    proposing consortium: ConsortiumFile, administrator key: PrivateKey, now: UInt64, rules: [any RuleSet]
  ) throws {
    let roster = consortium.roster
    let member = try rules.founder(of: roster, administrator: key.publicKey)
    guard consortium.namesLogKey || !roster.terms.hasVotes else {
      throw Refusal(
        .malformed,
        "\"log\" is missing: the public key of the ledger's one log key, whose private half every validator gets"
      )
    }
    let statement = try Founding.statement(
      roster, administrator: member.id, key: key, issuedAt: now, tokenID: randomBytes(16))
    try self.init(statement, rules: rules)
  }

  private init(_ statement: SignedStatement, rules: [any RuleSet]) throws {
    var hasher = TreeHasher()
    let state = try Founding.state(of: statement)
    guard state.roster.terms.hasVotes else {
      throw Refusal(.malformed, "there is one validator, which founds the ledger by itself")
    }
    guard let claims = statement.claims, let founder = state.roster.member(claims.issuer) else {
      throw Refusal(.foundingAltered, "entry 0 is signed by no member")
    }
    (ledger, roster, self.founder) = (hasher.leaf(statement.entry.span), state.roster, founder)
    (self.statement, self.rules) = (statement, rules)
    // Judged as a block of its own claimed time: whoever signs judges it by the header's.
    _ = try FoundingBlock(statement, time: claims.issuedAt * 1000, rules: rules)
  }

  /// Reads a founding file, and judges all that is in it.
  ///
  /// - Throws: `malformed`, `founding-altered`, `bad-signature`, or the refusal of entry 0.
  public init(parsing bytes: [UInt8], rules: [any RuleSet]) throws {
    var file = try StrictJSON(parsing: bytes, of: "the founding file")
    let format = try file.text("format")
    guard format == FoundingFile.format else {
      throw file.complaint("the format \(format.quoted) is not \(FoundingFile.format)")
    }
    let ledger = try file.text("ledger")
    let entry = try FoundingFile.base64(file.text("statement"), "statement", in: file)
    let header = try file.optionalText("header").map { try FoundingFile.base64($0, "header", in: file) }
    let signatures = try file.objects("signatures") ?? []
    try file.finish()
    do { try self.init(SignedStatement(decoding: entry), rules: rules) } catch let error as StatementError {
      throw Refusal(.foundingAltered, "entry 0: \(error)")
    }
    guard ledger == self.ledger.hex else {
      throw Refusal(
        .foundingAltered, "entry 0 founds the ledger \(self.ledger), and the file names \(ledger.quoted)")
    }
    if let header { try setHeader(header) }
    for signature in signatures { try add(signature) }
  }

  private static func base64(
    _ text: String, _ key: String, in file: StrictJSON
  ) throws(Refusal) -> [UInt8] {
    guard let bytes = Base64.decode(text) else {
      throw file.complaint("\(key.quoted) is not base64")
    }
    return bytes
  }

  /// Takes the header of the founding block, which is judged.
  mutating func setHeader(_ entry: [UInt8]) throws {
    do {
      let header = try BlockHeader(payload: SignedStatement(decoding: entry).payload)
      let block = try FoundingBlock(statement, time: header.time, rules: rules).validated(entry)
      guard block.proposer == roster.terms.validators[0] else {
        throw Refusal(
          .foundingAltered,
          "the header is signed by \(block.proposer.name); \(roster.terms.validators[0].name), the first validator, makes it"
        )
      }
      self.header = (entry, block)
    } catch let refusal as Refusal {
      throw refusal
    } catch {
      throw Refusal(.foundingAltered, "the header is not that of this founding: \(error)")
    }
  }

  private mutating func add(_ object: StrictJSON) throws {
    var object = object
    let name = try object.text("validator")
    func signature(_ key: String) throws -> CBOR {
      .bytes(try FoundingFile.base64(object.text(key), key, in: object))
    }
    guard let header else {
      throw Refusal(.foundingUnsigned, "\(name.quoted) has signed, and the header that it signed is not here")
    }
    let join = try ValidatorJoin(
      [
        "name": .text(name), "size": .unsigned(header.block.checkpoint.size),
        "root": .bytes(header.block.checkpoint.root.bytes), "cosignature": signature("cosignature"),
        "block": signature("block"), "vote": signature("vote"),
      ])
    try object.finish()
    try add(join)
  }

  /// Takes what a validator has signed.
  mutating func add(_ join: ValidatorJoin) throws {
    guard let place = roster.terms.validators.firstIndex(where: { $0.name == join.name }) else {
      throw Refusal(.foundingAltered, "\(join.name.quoted) has signed and is no validator of this founding")
    }
    guard !signatures.contains(where: { $0.name == join.name }) else {
      throw Refusal(.foundingAltered, "\(join.name) has signed twice")
    }
    try join.check(roster.terms.validators[place], of: ledger, origin: roster.terms.origin)
    signatures.append(join)
    let order = roster.terms.validators.map(\.name)
    signatures.sort { (order.firstIndex(of: $0.name) ?? 0) < (order.firstIndex(of: $1.name) ?? 0) }
  }

  /// Takes what others have signed of the same founding, in a copy of the file.
  ///
  /// - Throws: `founding-other-header` where it is another founding or another header.
  public mutating func merge(_ other: FoundingFile) throws {
    guard other.ledger == ledger else {
      throw Refusal(
        .foundingOtherHeader, "the files are of two foundings: \(ledger) and \(other.ledger)")
    }
    guard let theirs = other.header else { return }
    if let own = header, own.entry != theirs.entry {
      throw Refusal(
        .foundingOtherHeader,
        "two headers were made for the ledger \(ledger), and each validator signs one; propose the founding anew"
      )
    }
    header = header ?? theirs
    for join in other.signatures where !signatures.contains(where: { $0.name == join.name }) { try add(join) }
  }

  /// The validators that have not signed.
  public var missing: [String] {
    roster.terms.validators.map(\.name).filter { name in !signatures.contains { $0.name == name } }
  }

  /// The time of the block in ms since the epoch, where the header is there.
  public var time: UInt64? { header?.block.header.time }

  /// The file's content.
  public var bytes: [UInt8] {
    var lines = [
      "\"format\": \"\(FoundingFile.format)\"", "\"ledger\": \"\(ledger.hex)\"",
      "\"statement\": \"\(Base64.encode(statement.entry))\"",
    ]
    if let header { lines.append("\"header\": \"\(Base64.encode(header.entry))\"") }
    let signed = signatures.map { join in
      """
          { "validator": "\(join.name)", "cosignature": "\(Base64.encode(join.cosignature.bytes))",
            "block": "\(Base64.encode(join.block))",
            "vote": "\(Base64.encode(join.vote ?? []))" }
      """
    }
    let list = signed.isEmpty ? "[]" : "[\n\(signed.joined(separator: ",\n"))\n  ]"
    lines.append("\"signatures\": \(list)")
    return Array("{\n\(lines.map { "  \($0)" }.joined(separator: ",\n"))\n}\n".utf8)
  }
}
