import Ledger
import LedgerCrypto
import LedgerStore
import Scenarios
import Statements
import TransparencyLog

/// An entry with what the ledger says about it: its block, and whose key signed it.
struct ShownEntry {
  let index: UInt64
  let statement: SignedStatement
  let block: BlockRow
  /// The key that `kid` names, by the roster of the entry's block.
  let key: PublicKey
  /// The issuer as that roster has it; nil for a block header.
  let issuer: Member?
  /// The content of a block header.
  let header: BlockHeader?

  /// Entry `index` of `reader`'s ledger, which reaches so far.
  init(_ index: UInt64, in reader: LedgerReader) throws {
    guard let entry = try reader.entry(index) else {
      throw CommandError.noInput("\(reader.folder.path): there is no entry \(index)")
    }
    self.index = index
    do { statement = try SignedStatement(decoding: entry) } catch {
      throw Fault(.malformedEntry, entry: index, "\(error)")
    }
    block = try reader.block(of: index)
    let blockHeader = try BlockHeader(payload: reader.header(of: block).payload)
    let roster = try reader.roster(blockHeader.roster, at: block.height)
    guard let key = roster.keys[statement.keyID] else {
      throw Fault(
        .unknownSigner, block: block.height, entry: index,
        "the key \(statement.keyID) is not in the block's roster")
    }
    self.key = key
    issuer = statement.claims.flatMap { roster.member($0.issuer) }
    header = statement.claims == nil ? blockHeader : nil
  }

  /// The signature in DER; nil for Ed25519, which has no such form.
  var signatureDER: [UInt8]? {
    statement.algorithm.keyAlgorithm == .es256 ? ECDSASignature.der(fromRaw: statement.signature.span) : nil
  }

  /// Every part.
  var json: JSON {
    get throws {
      let claims = statement.claims
      var fields: [(String, JSON)] = [
        ("index", .number(index)), ("block", .number(block.height)), ("id", .text(statement.id.hex)),
        ("time", .text(Timestamp.text(milliseconds: block.time))),
      ]
      if let claims {
        fields += [
          ("issuer", .text(claims.issuer)), ("issuerName", issuer?.name.json ?? .null),
          ("subject", JSON(claims.subject)), ("issuedAt", .text(Timestamp.text(seconds: claims.issuedAt))),
          ("ledger", JSON(claims.audience?.hex)), ("tokenId", .text(Hex.encode(claims.tokenID))),
        ]
      }
      if let header { fields.append(("header", header.json)) }
      let payload = statement.payload
      fields += [
        ("type", .text(statement.contentType)), ("bytes", .number(UInt64(payload.count))),
        ("digest", .text(SHA256.digest(of: payload).hex)), ("payload", .text(Base64.encode(payload))),
        ("algorithm", .text(key.algorithm.name)), ("kid", .text(statement.keyID.hex)),
        ("publicKey", .text(try key.pem())), ("sigStructure", .text(Base64.encode(statement.sigStructure))),
        ("signature", .text(Base64.encode(statement.signature))),
      ]
      if let signatureDER { fields.append(("signatureDER", .text(Base64.encode(signatureDER)))) }
      fields.append(("entry", .text(Base64.encode(statement.entry))))
      return .object(fields.map { ($0.0, $0.1) })
    }
  }

  /// For people.
  var text: String {
    var rows: [(String, String)] = []
    if let header {
      rows = [
        ("header", "of block \(header.height), entry \(index)"),
        ("time", Timestamp.text(milliseconds: header.time)),
        ("previous", header.previous.hex), ("root", "\(header.root), of the \(header.size) entries before"),
        ("roster", header.roster.hex),
      ]
    } else {
      let place = "entry \(index), in block \(block.height) of \(Timestamp.text(milliseconds: block.time))"
      rows = [("record", place)]
      if let claims = statement.claims {
        rows.append(("who", issuer.map { "\($0.id), \(Printable.text($0.name.both))" } ?? claims.issuer))
        if let subject = claims.subject { rows.append(("subject", Printable.text(subject))) }
        rows.append(("claims", "to have said so at \(Timestamp.text(seconds: claims.issuedAt))"))
      }
      let payload = statement.payload
      rows += [
        ("type", statement.contentType),
        ("payload", "\(Printable.byteCount(UInt64(payload.count))), SHA-256 \(SHA256.digest(of: payload))"),
        (
          "",
          PayloadPreview(payload, type: statement.contentType, lines: 16, rest: "--payload prints all").text
        ),
      ]
    }
    rows += [
      ("id", statement.id.hex), ("key", "\(statement.keyID), \(key.algorithm.name)"),
      ("signature", Hex.encode(statement.signature)),
    ]
    return Printable.table(rows)
  }
}

extension LocalizedName {
  /// `{"zh":…,"en":…}` with what there is.
  var json: JSON {
    .object([("zh", zh), ("en", en)].compactMap { key, name in name.map { (key, JSON.text($0)) } })
  }
}

extension BlockHeader {
  /// Every part.
  var json: JSON {
    [
      "height": .number(height), "previous": .text(previous.hex), "size": .number(size),
      "root": .text(root.hex),
      "time": .text(Timestamp.text(milliseconds: time)), "roster": .text(roster.hex),
    ]
  }
}
