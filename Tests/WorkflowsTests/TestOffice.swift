import Foundation
import Ledger
import LedgerCrypto
import LedgerIndex
import LedgerStore
import Scenarios
import Statements
import TestKit
import Workflows

/// A ledger in a folder of its own, which goes with the last reference, and the members who write to it.
final class TestOffice {
  let path: String
  let members: [Party]
  let folder: LedgerFolder
  let id: Digest

  /// Members `member-0`, `member-1` … have the roles that are given to each.
  init(roles: [[String]] = [["x-clerk"], ["x-clerk"]]) throws {
    path = NSTemporaryDirectory() + "zheng-office-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    members = try Party.all(roles.indices.map { "member-\($0)" })
    var draft = ConsortiumDraft(try zip(members, roles).map { try $0.draft(roles: $1) })
    draft.administrators = [members[0].id]
    let file = "\(path)/consortium.json"
    try draft.json.write(toFile: file, atomically: false, encoding: .utf8)
    folder = LedgerFolder("\(path)/ledger", rules: Scenarios.rules)
    id = try folder.found(
      ConsortiumFile(file, rules: Scenarios.rules), administrator: members[0].key,
      options: TestOffice.context(path).writerOptions())
  }

  deinit {
    do { try FileManager.default.removeItem(atPath: path) } catch { print("left behind: \(path): \(error)") }
  }

  private static func context(_ path: String) -> WorkContext {
    WorkContext(
      wallClock: { UInt64(Date().timeIntervalSince1970 * 1000) }, stateFolder: "\(path)/state")
  }

  var context: WorkContext { TestOffice.context(path) }

  /// The ledger, opened for reading.
  func reading() throws -> any LedgerAccess { try DirectoryLedger(folder, context) }

  /// The ledger, opened for writing.
  func writing() throws -> any LedgerAccess {
    try DirectoryLedger(folder, context, recording: .here(isClockConfirmed: false, adoptsHead: false))
  }

  /// A signed statement of member number `member`.
  func statement(_ text: String, by member: Int = 0, subject: String? = nil) throws -> SignedStatement {
    let claims = Claims(
      issuer: members[member].id, subject: subject, audience: id, issuedAt: context.now / 1000,
      tokenID: freshTokenID())
    return try StatementDraft(contentType: "text/plain", claims: claims, payload: Array(text.utf8))
      .signed(by: members[member].key)
  }
}
