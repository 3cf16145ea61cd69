public import Ledger
import LedgerCrypto
import Scenarios
public import Statements
import TransparencyLog

/// The block as of which a certificate's rows are all there are: what the state after it has of the item, and what its roster
/// calls the ledger and its members.
///
/// Two texts: the C2SP tlog-proof of `StateProofs` with two keys, the item's list of records and its record; and the roster's
/// extract,
///
/// ```
/// zheng-roster-extract 1
/// <a `RosterExtract`, base64>
/// ```
public struct ListedBlock: Sendable {
  /// The block's header.
  public let header: BlockHeader
  /// When the block existed at the latest, in s since the epoch.
  public let time: UInt64?
  /// What the ledger is called.
  public let ledgerName: LocalizedName
  /// What members are called, by their ids.
  public let names: [String: LocalizedName]
  /// The ledger's clocks, by which times are shown.
  public let utcOffset: UTCOffset
  /// What the state after the block has.
  let state: ProvenState

  private static let heading = "zheng-roster-extract 1"

  /// The keys that are proven: of the list of records about `item`, and of the item's record.
  public static func keys(of item: String) -> [StateKey] { [listKey(item), Evidence.Item.key(item)] }

  private static func listKey(_ item: String) -> StateKey { .subject(item, of: Evidence.scenario.name) }

  /// The text that tells what `roster` calls the ledger and `members`, as far as it has them.
  ///
  /// - Throws: `ProofError`, for too many members.
  public static func names(_ roster: Roster, members: Set<String>) throws -> [UInt8] {
    text(try RosterExtract(of: roster, members: members))
  }

  private static func text(_ extract: RosterExtract) -> [UInt8] {
    Array("\(heading)\n\(Base64.encode(extract.encoded))\n".utf8)
  }

  /// The ids of the members that these statements are by or name as receivers.
  public static func members(in statements: [SignedStatement]) -> Set<String> {
    var ids: Set<String> = []
    for statement in statements {
      if let claims = statement.claims { ids.insert(claims.issuer) }
      guard let payload = try? CBOR(decoding: statement.payload), case .map(let map) = payload,
        case .text(let to)? = map["to"]
      else { continue }
      ids.insert(to)
    }
    return ids
  }

  /// What `proof` proves under `policy`, and what `names` says of the roster of its block.
  ///
  /// - Throws: the part that is at fault, `state-proof` or `roster`.
  init(_ proof: [UInt8], names text: [UInt8], _ policy: Policy) throws(CertificateFault) {
    do throws(ProofError) { state = try StateProofs(parsing: proof.span).check(policy) } catch {
      throw CertificateFault("state-proof", error.code.rawValue, error.description)
    }
    (header, time) = (state.header, state.verdict.time)
    do {
      let lines = String(decoding: text, as: UTF8.self).split(
        separator: "\n", omittingEmptySubsequences: false)
      guard lines.count == 3, let bytes = Base64.decode(String(lines[1])) else {
        throw StatementError(.malformed, "it is not an extract of a roster")
      }
      let items = try CBOR.decodeSequence(bytes.span, maximum: 2 + 2 * RosterExtract.maximumMemberCount)
      let extract = try RosterExtract(items, root: header.roster)
      guard ListedBlock.text(extract) == text else {
        throw StatementError(.malformed, "it is not in its one spelling")
      }
      ledgerName = extract.terms.name
      utcOffset = extract.terms.parameters.utcOffset
      names = extract.members.mapValues(\.name)
    } catch { throw CertificateFault("roster", ProofError.Code.roster.rawValue, "\(error)") }
  }

  // MARK: What the state says of the item

  /// Sees that `records` are all that there are about `item` as of the block.
  ///
  /// - Throws: `rows`, with what is missing.
  func requireAll(_ records: [ProvenRecord], of item: String) throws(CertificateFault) {
    let list = try value(ListedBlock.listKey(item), "rows", "list of the records") { value throws(Refusal) in
      try RecordList(decoding: value)
    }
    var hasher = StateHasher()
    let given = RecordList(records.map { ($0.statement.id, $0.index) }, using: &hasher)
    guard given != list else { return }
    let asOf = "as of block \(header.height)"
    let told = "the ledger lists \(count(list.count)) about the item \(asOf)"
    guard let given else { throw rows("\(told); those here are out of order, or twice here") }
    var missing: [String] = []
    if given.first > list.first { missing.append("the first, entry \(list.first), is missing") }
    if given.last < list.last { missing.append("the newest, entry \(list.last), is missing") }
    if given.count > list.count || given.last > list.last {
      missing.append(
        "some here are not among them: the state proof is older than they are, or they are foreign")
    } else if given.count == list.count {
      missing.append("the rows here are not those")
    }
    let left = list.count - min(list.count, given.count)
    let here =
      left > 0
      ? "\(left) of them \(left == 1 ? "is" : "are") not here"
      : "\(count(given.count)) \(given.count == 1 ? "is" : "are") here"
    throw rows(([told, here] + missing).joined(separator: "; "))
  }

  private func count(_ number: UInt64) -> String { number == 1 ? "1 record" : "\(number) records" }

  private func rows(_ detail: String) -> CertificateFault { CertificateFault("state-proof", "rows", detail) }

  /// Sees that the item called `name` is as `item` has it, which follows from its rows.
  ///
  /// - Throws: `state`, with what differs.
  func require(_ item: Evidence.Item, of name: String) throws(CertificateFault) {
    let known = try value(Evidence.Item.key(name), "state", "record of the item") { value throws(Refusal) in
      try Evidence.Item(decoding: value)
    }
    guard known.encoded != item.encoded else { return }
    let differing = ListedBlock.differing(known.encoded, item.encoded)
    throw CertificateFault(
      "state-proof", "state",
      "the item's record as of block \(header.height) is not what the rows give: \(differing.joined(separator: ", "))"
    )
  }

  /// The names of the members in which two maps differ.
  private static func differing(_ left: [UInt8], _ right: [UInt8]) -> [String] {
    guard case .map(let left)? = try? CBOR(decoding: left), case .map(let right)? = try? CBOR(decoding: right)
    else {
      return []
    }
    let keys = (left.pairs + right.pairs).compactMap { pair -> String? in
      if case .text(let name) = pair.0 { name } else { nil }
    }
    return Set(keys.filter { left[$0] != right[$0] }).sorted()
  }

  /// The value of `key`, read by `read`; `what` says what it is.
  private func value<Value>(
    _ key: StateKey, _ code: String, _ what: String, _ read: ([UInt8]) throws(Refusal) -> Value
  ) throws(CertificateFault) -> Value {
    guard let proven = state.value(of: key) else {
      throw CertificateFault(
        "state-proof", code, "nothing is proven of the \(what): the proof is of another item")
    }
    guard let value = proven.value else {
      throw CertificateFault(
        "state-proof", code, "the ledger has no \(what) as of block \(header.height)")
    }
    do throws(Refusal) { return try read(value) } catch {
      throw CertificateFault("state-proof", code, "the \(what) does not read as one: \(error.reason)")
    }
  }
}
