import Foundation
import Ledger
import LedgerCrypto
import Statements
import TransparencyLog

@testable import LedgerStore

/// A folder that is removed with its last reference.
final class TemporaryFolder: Sendable {
  let path: String

  init() throws {
    LedgerWriter.Options.keepsLastSigned.withLock { $0 = false }
    path = NSTemporaryDirectory() + "zheng-test-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }
}

/// A consortium with real keys, and ledgers that it founds.
struct TestConsortium {
  let folder: TemporaryFolder
  let members: [(id: String, key: PrivateKey)]
  let file: String

  /// `members` members, of which the first `administrators` are administrators; `validators` of whose keys `held` are private
  /// here.
  init(
    members count: Int = 2, administrators: Int = 1, threshold: Int = 1, validators: Int = 0, quorum: Int = 1,
    held: Int? = nil, parameters: [String: Int] = [:]
  ) throws {
    folder = try TemporaryFolder()
    members = try (0..<count).map { number in
      ("member-\(number)", try PrivateKey(generating: number.isMultiple(of: 2) ? .es256 : .ed25519))
    }
    var object: [String: Any] = [
      "origin": "zhengzhou.example/test", "name": ["zh": "测试链", "en": "Test ledger"], "quorum": quorum,
      "members": try members.map { id, key in
        [
          "id": id, "name": ["zh": "成员", "en": id], "roles": ["x-collector"],
          "keys": [try key.publicKey.pem()],
        ]
      },
      "administrators": ["members": members.prefix(administrators).map(\.id), "threshold": threshold],
      "parameters": parameters,
    ]
    if validators > 0 {
      object["validators"] = try (0..<validators).map { number in
        let isHeld = number < held ?? validators
        let (log, cosigner) = (try PrivateKey(generating: .ed25519), try PrivateKey(generating: .ed25519))
        return [
          "name": "validator-\(number)", "log": try isHeld ? log.pem() : log.publicKey.pem(),
          "cosigner": try isHeld ? cosigner.pem() : cosigner.publicKey.pem(),
        ]
      }
    }
    file = folder.path + "/consortium.json"
    try JSONSerialization.data(withJSONObject: object).write(to: URL(filePath: file))
  }

  /// Founds a ledger in a new folder inside this consortium's.
  func found(
    _ name: String = "ledger", _ options: LedgerWriter.Options = .init(),
    rules: [any RuleSet] = [PlainRecords()]
  ) throws -> TestLedger {
    let folder = LedgerFolder("\(folder.path)/\(name)", rules: rules)
    let id = try folder.found(ConsortiumFile(file), administrator: members[0].key, options: options)
    return TestLedger(consortium: self, folder: folder, id: id)
  }
}

/// A ledger on the disk.
struct TestLedger {
  let consortium: TestConsortium
  let folder: LedgerFolder
  let id: Digest

  /// A signed statement of member number `member`.
  func statement(
    _ payload: [UInt8], by member: Int = 0, type: String = "text/plain", subject: String? = nil,
    at time: UInt64? = nil
  ) throws -> SignedStatement {
    let (issuer, key) = consortium.members[member]
    let claims = Claims(
      issuer: issuer, subject: subject, audience: id, issuedAt: time ?? UInt64(Date().timeIntervalSince1970),
      tokenID: try randomBytes(16))
    return try StatementDraft(contentType: type, claims: claims, payload: payload).signed(by: key)
  }

  /// A statement as a writer wants it.
  func candidate(_ statement: SignedStatement, _ writer: LedgerWriter) -> LedgerWriter.Candidate {
    var checker = EntryChecker()
    return .init(
      entry: statement.entry, checked: checker.check(statement.entry.span, keys: writer.state.roster.keys))
  }

  /// Appends one block of `count` small records.
  @discardableResult
  func appendBlock(_ count: Int = 1, _ writer: LedgerWriter, payload: String = "record") throws -> [Verdict] {
    let candidates = try (0..<count).map { number in
      candidate(
        try statement(Array("\(payload) \(number)".utf8), by: number % consortium.members.count), writer)
    }
    return try writer.appendBlock(candidates[...])
  }

  /// A copy of the ledger's directory beside it.
  func copy(_ name: String) throws -> LedgerFolder {
    let copy = LedgerFolder("\(consortium.folder.path)/\(name)", rules: folder.rules)
    try? FileManager.default.removeItem(atPath: copy.path)
    try FileManager.default.copyItem(atPath: folder.path, toPath: copy.path)
    return copy
  }

  func audit(_ folder: LedgerFolder? = nil, _ options: LedgerAudit.Options = .init()) throws
    -> LedgerAudit.Report
  {
    try LedgerAudit.run(folder ?? self.folder, options)
  }
}
