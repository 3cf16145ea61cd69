import Ledger
import LedgerCrypto
import Scenarios
import Statements
import TransparencyLog

/// The custody chain of one item, followed statement by statement.
///
/// The validators have judged every statement when it was recorded; this sees that the ones at hand are about one item of one
/// ledger, stand in the order of the log, and leave no gap: each custody entry names the one before it.
struct CertificateChain: Sendable {
  private(set) var rows: [CertificateRow] = []
  let claims: Claims
  let ledger: Digest
  let item: String

  /// The last custody entry.
  var last: Digest { known.last }
  /// The item as the rows so far leave it.
  private var known = Evidence.Item()
  /// The `release` or `resolve` that waits for its countersignature.
  private var pending: (row: Int, id: Digest, outcome: Evidence.State, seal: String?)?
  private var numbers: [Digest: Int] = [:]
  /// What the newest `accept` found other than it was deposited and sealed.
  private var differs: [CertificateRow.Difference] = []
  /// The holds in force, by the orders that they name.
  private(set) var holds: [(order: String?, row: Int)] = []

  /// The row that waits for its countersignature.
  var waiting: Int? { pending?.row }

  /// The chain that begins with this deposit.
  init(_ proof: RecordProof, _ proven: ProvenRecord) throws(CertificateFault) {
    let statement = proven.statement
    guard let claims = statement.claims, let ledger = claims.audience, let item = claims.subject,
      EvidenceKind(contentType: statement.contentType) == .deposit
    else { throw CertificateFault("proof-1", "chain", "the first row is not the deposit of an item") }
    let payload = try CertificateChain.payload(statement, 1)
    (self.claims, self.ledger, self.item) = (claims, ledger, item)
    try follow(.deposit, statement, issuer: claims.issuer, 1)
    add(proof, proven, payload, about: nil)
  }

  /// Adds the next statement about the item.
  mutating func append(_ proof: RecordProof, _ proven: ProvenRecord) throws(CertificateFault) {
    let number = rows.count + 1
    let statement = proven.statement
    func fault(_ detail: String) -> CertificateFault { CertificateFault("proof-\(number)", "chain", detail) }
    guard let claims = statement.claims, claims.audience == ledger,
      proven.verdict.log == rows[0].proven.verdict.log
    else { throw fault("it is of another ledger than the deposit") }
    guard let before = rows.last, proven.index > before.proven.index else {
      throw fault("it does not stand after the row before it in the log")
    }
    let payload = try CertificateChain.payload(statement, number)
    if statement.contentType == Kind.countersign {
      guard let waiting = pending, CertificateChain.digest(payload, "statement") == waiting.id else {
        throw fault("it countersigns no row that waits for it")
      }
      known.complete(waiting.id, outcome: waiting.outcome, seal: waiting.seal, at: 0)
      pending = nil
      return add(proof, proven, payload, about: waiting.row)
    }
    guard let kind = EvidenceKind(contentType: statement.contentType), kind != .deposit,
      claims.subject.map({ $0.hasSameBytes(as: item) }) ?? false
    else { throw fault("it is not about the item") }
    var about: Int?
    if kind == .correct {
      guard let corrected = CertificateChain.digest(payload, "statement").flatMap({ numbers[$0] }) else {
        throw fault("it corrects a statement that is not in the table")
      }
      about = corrected
    }
    if kind.isCustodyEntry {
      guard let previous = CertificateChain.digest(payload, "previous") else {
        throw fault("it does not name the custody entry before it")
      }
      guard previous == last else {
        throw fault("it follows \(previous), and the row before it in the chain is \(last): a row is missing")
      }
      try follow(kind, statement, issuer: claims.issuer, number)
    }
    let order = CertificateChain.text(payload, "order")
    if kind == .hold { holds.append((order, number)) }
    if kind == .lift, let order,
      let place = holds.firstIndex(where: { $0.order?.isSameReference(as: order) ?? false })
    {
      holds.remove(at: place)
    }
    add(proof, proven, payload, about: about)
  }

  /// Takes in a custody entry.
  private mutating func follow(
    _ kind: EvidenceKind, _ statement: SignedStatement, issuer: String, _ number: Int
  ) throws(CertificateFault) {
    let payload: any EvidencePayload
    do throws(Refusal) { payload = try kind.payload(decoding: statement.payload) } catch {
      throw CertificateFault("proof-\(number)", "malformed-proof", "the payload: \(error.reason)")
    }
    (differs, pending) = ([], nil)
    if let accept = payload as? Evidence.Accept {
      let other = known.differs(from: accept)
      if other.digest { differs.append(.digest) }
      if other.seal { differs.append(.seal) }
    }
    if let awaited = payload.awaited { pending = (number, statement.id, awaited.outcome, awaited.seal) }
    // The time of its block is not what a row shows.
    known.apply(payload, Evidence.Act(id: statement.id, issuer: issuer, time: 0))
  }

  private mutating func add(
    _ proof: RecordProof, _ proven: ProvenRecord, _ payload: CBORMap, about: Int?
  ) {
    let number = rows.count + 1
    numbers[proven.statement.id] = number
    rows.append(
      CertificateRow(
        number: number, proof: proof, proven: proven,
        kind: CertificateRow.kind(proven.statement.contentType), payload: payload, about: about,
        custodian: known.custodian, state: known.state.rawValue,
        differs: proven.statement.contentType == EvidenceKind.accept.contentType ? differs : [],
        sealBefore: known.seal))
  }

  private static func payload(
    _ statement: SignedStatement, _ number: Int
  ) throws(CertificateFault) -> CBORMap {
    do throws(StatementError) {
      guard case .map(let map) = try CBOR(decoding: statement.payload) else {
        throw StatementError(.malformed, "it is not a map")
      }
      _ = try CBORFields(.map(map), of: "payload")
      return map
    } catch {
      throw CertificateFault("proof-\(number)", "malformed-proof", "the payload: \(error.description)")
    }
  }

  private static func text(_ payload: CBORMap, _ key: String) -> String? {
    guard case .text(let text)? = payload[key] else { return nil }
    return text
  }

  private static func digest(_ payload: CBORMap, _ key: String) -> Digest? {
    guard case .bytes(let bytes)? = payload[key] else { return nil }
    return Digest(bytes)
  }
}
