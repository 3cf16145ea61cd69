import Foundation
import Ledger
import LedgerIndex
import LedgerCrypto
import Statements
import TestKit
import TransparencyLog

@testable import LedgerStore

/// A folder that is removed with its last reference.
final class TemporaryFolder: Sendable {
  let path: String

  init() throws {
    path = NSTemporaryDirectory() + "zheng-test-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }
}

/// A consortium with real keys, and ledgers that it founds.
struct TestConsortium {
  static let origin = "zhengzhou.example/test"

  let folder: TemporaryFolder
  let members: [Party]
  let file: String

  /// `members` members, of which the first `administrators` are administrators; `validators` of whose keys `held` are private
  /// here.
  init(
    members count: Int = 2, administrators: Int = 1, threshold: Int = 1, validators: Int = 0, quorum: Int = 1,
    held: Int? = nil, parameters: [String: Int] = [:]
  ) throws {
    folder = try TemporaryFolder()
    members = try Party.all((0..<count).map { "member-\($0)" })
    var draft = ConsortiumDraft(
      try members.map { try $0.draft(roles: ["x-collector"]) }, parameters: parameters)
    draft.origin = TestConsortium.origin
    draft.administrators = members.prefix(administrators).map(\.id)
    (draft.threshold, draft.quorum) = (threshold, quorum)
    if validators > 0 {
      draft.validators = try (0..<validators).map { number in
        let isHeld = number < held ?? validators
        let keys = try (validators > 1 ? ["block", "vote", "cosigner"] : ["block", "cosigner"]).map { use in
          let key = try PrivateKey(generating: .ed25519)
          return (use, try isHeld ? key.pem() : key.publicKey.pem())
        }
        return ConsortiumDraft.Validator("validator-\(number)", keys: Dictionary(uniqueKeysWithValues: keys))
      }
    }
    file = folder.path + "/consortium.json"
    try draft.json.write(toFile: file, atomically: false, encoding: .utf8)
  }

  /// Founds a ledger in a new folder inside this consortium's.
  func found(
    _ name: String = "ledger", _ options: LedgerWriter.Options = .inTests,
    rules: [any RuleSet] = [PlainRecords()]
  ) throws -> TestLedger {
    let folder = LedgerFolder("\(folder.path)/\(name)", rules: rules)
    let id = try folder.found(
      ConsortiumFile(file, rules: folder.rules), administrator: members[0].key, options: options)
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
    try consortium.members[member].statement(
      payload, on: id, type: type, subject: subject, at: time ?? UInt64(Date().timeIntervalSince1970))
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

extension LedgerWriter.Options {
  /// Keeps nothing outside of the directory: tests write to copies, and into nobody's home.
  static var inTests: Self {
    var options = Self()
    options.keepsLastSigned = false
    return options
  }
}
