import Ledger
import LedgerCrypto
import Scenarios
import Statements

/// A deposit, as it stands on the ledger.
package struct DepositRecord: Sendable {
  /// Where it stands.
  package let index, block: UInt64
  /// The time of its block, in ms since the epoch.
  package let time: UInt64
  /// The statement id.
  package let id: Digest
  /// The item.
  package let item: String
  /// Who deposited it.
  package let issuer: String
  /// What was said of it.
  package let deposit: Evidence.Deposit

  /// The deposit that is entry `index`.
  package init(_ index: UInt64, on ledger: any LedgerAccess) async throws {
    let block = try await ledger.block(of: index)
    let statement = try await ledger.statement(index)
    (self.index, self.block, time, id) = (index, block.height, block.time, statement.id)
    (item, issuer) = (statement.claims?.subject ?? "", statement.claims?.issuer ?? "")
    deposit = try Evidence.Deposit(decoding: statement.payload)
  }

  /// The deposit of `item`.
  ///
  /// - Throws: no input, where it can't be found yet.
  package init(of item: Evidence.Item, on ledger: any LedgerAccess) async throws {
    guard let index = try await ledger.entryIndex(of: item.deposit) else {
      throw WorkflowError.noInput("\(ledger.place): the item's deposit is not indexed yet; try again")
    }
    try await self.init(index, on: ledger)
  }

  /// Every deposit that names `digest`, oldest first: of the file with this SHA-256, or of the directory with this root.
  ///
  /// - Throws: a `Fault` where the index does not know all records that name it.
  package static func all(
    naming digest: Digest, on ledger: any LedgerAccess
  ) async throws -> [DepositRecord] {
    try await ledger.requireAllFound(by: digest)
    var query = RecordQuery()
    (query.type, query.digest) = (EvidenceKind.deposit.contentType, digest)
    var deposits: [DepositRecord] = []
    for record in try await ledger.allRecords(query) {
      deposits.append(try await DepositRecord(record.index, on: ledger))
    }
    return deposits
  }
}
