import Foundation
import LedgerCrypto
import LedgerStore

/// What an operator should know of a ledger and its machine.
package struct Checkup {
  package typealias Finding = Examination.Finding

  package let findings: [Finding]
  package let isGood: Bool

  /// Looks at the ledger in `folder`.
  package init(_ folder: DirectoryLedger.Folder, _ context: WorkContext) throws {
    let examination = try Examination(folder, state: context.stateFolder, now: context.now)
    (findings, isGood) = (examination.findings, examination.isGood)
  }

  /// Libraries and system, for a report of a fault.
  package static var versions: [(name: String, version: String)] {
    [("openssl", Libcrypto.version), ("system", ProcessInfo.processInfo.operatingSystemVersionString)]
  }
}
