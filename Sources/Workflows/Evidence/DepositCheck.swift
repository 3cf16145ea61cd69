import Ledger
import LedgerCrypto
import Scenarios

/// What is known of one file that is looked for among the deposits.
package struct DepositFinding {
  package let path: String
  package let fingerprint: Fingerprint
  /// The item that it should be.
  package let item: String?
  package let expected: Evidence.Item?
  /// Every deposit of the same content, oldest first.
  package let deposits: [DepositRecord]
  /// Where a receiver has signed for this content and the item is another.
  package let received: [Acceptance]

  /// Whether it is the file that it should be.
  package var isGood: Bool {
    if let expected { return expected.digests.sha256 == fingerprint.digest }
    return !deposits.isEmpty
  }

  /// The deposit that speaks for it.
  package var own: DepositRecord? {
    guard let item else { return deposits.first }
    return deposits.first { $0.item.hasSameBytes(as: item) }
  }
}

/// An `accept` of something else than the item.
package struct Acceptance: Sendable {
  package let item: String
  package let record: RecordRow
}

/// Looks for files among the deposits.
package struct DepositCheck {
  /// The item that each should be; nil for any.
  package let item: String?
  private let expected: Evidence.Item?
  private let ledger: any LedgerAccess

  /// - Throws: `unknown-item`.
  package init(item: String?, on ledger: any LedgerAccess) async throws {
    (self.item, self.ledger) = (item, ledger)
    var expected: Evidence.Item?
    if let item { expected = try await ledger.evidenceItem(item) }
    self.expected = expected
  }

  /// What is known of the file at `path`.
  ///
  /// - Throws: a `Fault` where the index does not know all records that name it.
  package func finding(_ path: String, _ fingerprint: Fingerprint) async throws -> DepositFinding {
    return DepositFinding(
      path: path, fingerprint: fingerprint, item: item, expected: expected,
      deposits: try await DepositRecord.all(naming: fingerprint.digest, on: ledger)
        .filter { $0.deposit.digests.sha256 == fingerprint.digest },
      received: try await acceptances(of: fingerprint.digest)
        .filter { item.map($0.item.hasSameBytes(as:)) ?? true })
  }

  /// Every `accept` by which something with this digest was received as an item that has another, oldest first.
  private func acceptances(of digest: Digest) async throws -> [Acceptance] {
    var query = RecordQuery()
    (query.type, query.digest) = (EvidenceKind.accept.contentType, digest)
    var acceptances: [Acceptance] = []
    for record in try await ledger.allRecords(query) {
      guard let item = record.subject, try await ledger.evidenceItem(item).digests.sha256 != digest
      else { continue }
      acceptances.append(Acceptance(item: item, record: record))
    }
    return acceptances
  }
}
