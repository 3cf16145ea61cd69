package import Ledger
import LedgerCrypto
package import Scenarios
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
  private(set) var known = Evidence.Item()
  /// What becomes of the item when the newest `release` or `resolve` is countersigned.
  private var awaited: (outcome: Evidence.State, seal: String?)?
  private var numbers: [Digest: Int] = [:]

  /// The row that waits for its countersignature.
  var waiting: Int? { known.pending.flatMap { numbers[$0] } }
  /// The rows of the holds in force.
  var holds: [Int] { known.orders.compactMap { numbers[$0.statement] } }

  /// The chain that begins with this deposit.
  init(_ proof: RecordProof, _ proven: ProvenRecord) throws(CertificateFault) {
    let statement = proven.statement
    guard let claims = statement.claims, let ledger = claims.audience, let item = claims.subject,
      EvidenceKind(contentType: statement.contentType) == .deposit
    else { throw CertificateFault("proof-1", "chain", "the first row is not the deposit of an item") }
    (self.claims, self.ledger, self.item) = (claims, ledger, item)
    let payload = try CertificateChain.payload(.deposit, statement, 1)
    let map = try CertificateChain.map(statement, 1)
    add(proof, proven, map, about: nil) { $0.apply(payload, CertificateChain.act(proven, claims)) }
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
    let map = try CertificateChain.map(statement, number)
    if statement.contentType == Kind.countersign {
      guard let id = known.pending, let row = numbers[id], let awaited,
        case .bytes(let named)? = map["statement"], named == id.bytes
      else { throw fault("it countersigns no row that waits for it") }
      return add(proof, proven, map, about: row) {
        $0.complete(id, outcome: awaited.outcome, seal: awaited.seal, at: proven.header.time)
      }
    }
    guard let kind = EvidenceKind(contentType: statement.contentType), kind != .deposit,
      claims.subject.map({ $0.hasSameBytes(as: item) }) ?? false
    else { throw fault("it is not about the item") }
    let payload = try CertificateChain.payload(kind, statement, number)
    var about: Int?
    if let correction = payload as? Evidence.Correct {
      about = numbers[correction.statement]
      guard about != nil else { throw fault("it corrects a statement that is not in the table") }
    }
    if kind.isCustodyEntry {
      guard let previous = payload.previous else {
        throw fault("it does not name the custody entry before it")
      }
      guard previous == last else {
        throw fault("it follows \(previous), and the row before it in the chain is \(last): a row is missing")
      }
      awaited = payload.awaited
    }
    let differs = (payload as? Evidence.Accept).map { known.differs(from: $0) } ?? (false, false)
    add(proof, proven, map, about: about, differs: differs) {
      $0.apply(payload, CertificateChain.act(proven, claims))
    }
  }

  /// Applies `change` to what is known of the item, and adds the statement's row.
  private mutating func add(
    _ proof: RecordProof, _ proven: ProvenRecord, _ payload: CBORMap, about: Int?,
    differs: (digest: Bool, seal: Bool) = (false, false), _ change: (inout Evidence.Item) -> Void
  ) {
    let number = rows.count + 1
    change(&known)
    numbers[proven.statement.id] = number
    rows.append(
      CertificateRow(
        number: number, proof: proof, proven: proven,
        kind: CertificateRow.kind(proven.statement.contentType), payload: payload, about: about,
        custodian: known.custodian, state: known.state,
        differs: (differs.digest ? [.digest] : []) + (differs.seal ? [.seal] : []), sealBefore: known.seal))
  }

  /// What an effect takes of a statement.
  private static func act(_ proven: ProvenRecord, _ claims: Claims) -> Evidence.Act {
    Evidence.Act(id: proven.statement.id, issuer: claims.issuer, time: proven.header.time)
  }

  private static func payload(
    _ kind: EvidenceKind, _ statement: SignedStatement, _ number: Int
  ) throws(CertificateFault) -> any EvidencePayload {
    do throws(Refusal) { return try kind.payload(decoding: statement.payload) } catch {
      throw CertificateFault("proof-\(number)", "malformed-proof", "the payload: \(error.reason)")
    }
  }

  /// The payload as it is shown.
  private static func map(_ statement: SignedStatement, _ number: Int) throws(CertificateFault) -> CBORMap {
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
}

extension Evidence.Item {
  /// The item as these proven records, its first ones in the order of the log, leave it by the rules of this program.
  ///
  /// - Returns: nil where they do not begin with the item's deposit, or leave a gap.
  package init?(replaying records: [(proof: RecordProof, proven: ProvenRecord)]) {
    guard let deposit = records.first else { return nil }
    do throws(CertificateFault) {
      var chain = try CertificateChain(deposit.proof, deposit.proven)
      for record in records.dropFirst() { try chain.append(record.proof, record.proven) }
      self = chain.known
    } catch { return nil }
  }
}
