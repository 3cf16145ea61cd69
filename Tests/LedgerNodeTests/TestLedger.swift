import Foundation
import Ledger
import LedgerCrypto
import LedgerIndex
import LedgerStore
import Statements
import TestKit

/// A ledger of three members in a folder that is removed with it.
final class TestLedger: Sendable {
  let root: String
  let folder: LedgerFolder
  let id: Digest
  let members: [Party]

  /// - Parameters:
  ///   - roles: of each member.
  ///   - threshold: how many administrators must approve a change, and how many there are.
  ///   - crashing: how many validators there are, of whom none is expected to lie; one where 0.
  ///   - deciding: how many validators there are, of whom some may lie, and the quorum.
  init(
    parameters: [String: Int] = [:], rules: [any RuleSet] = [],
    roles: [[String]] = Array(repeating: ["x-collector"], count: 3), threshold: Int = 1,
    crashing: Int = 0, deciding: (validators: Int, quorum: Int)? = nil
  ) throws {
    root = NSTemporaryDirectory() + "zheng-node-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: root, withIntermediateDirectories: true)
    members = try Party.all((0..<3).map { "member-\($0)" }, algorithms: [.es256, .es256, .ed25519])
    var draft = ConsortiumDraft(
      try zip(members, roles).map { try $0.draft(roles: $1) }, parameters: parameters)
    (draft.administrators, draft.threshold) = (members.prefix(threshold).map(\.id), threshold)
    if let count = crashing > 0 ? crashing : deciding?.validators {
      draft.validators = try (0..<count).map { number in
        let keys = try ["block", "vote", "cosigner"].map {
          ($0, try PrivateKey(generating: .ed25519).pem())
        }
        return .init("validator-\(number)", keys: Dictionary(uniqueKeysWithValues: keys))
      }
      (draft.quorum, draft.isCrashFaultsOnly) = (deciding?.quorum ?? crashing / 2 + 1, crashing > 0)
    }
    draft.name = ["zh": "测试 <链>", "en": "Test & ledger"]
    let file = root + "/consortium.json"
    try draft.json.write(toFile: file, atomically: false, encoding: .utf8)
    folder = LedgerFolder(root + "/ledger", rules: [PlainRecords()] + rules)
    id = try folder.found(
      ConsortiumFile(file, rules: folder.rules), administrator: members[0].key, options: .inTests)
  }

  deinit {
    do { try FileManager.default.removeItem(atPath: root) } catch { print("\(root) is left over: \(error)") }
  }

  /// A signed entry of member number `member`.
  func entry(
    _ payload: some Sequence<UInt8>, by member: Int = 0, type: String = "text/plain",
    subject: String? = "case 7",
    issuer: String? = nil, ledger: Digest? = nil, at time: UInt64 = UInt64(Date().timeIntervalSince1970)
  ) throws -> [UInt8] {
    try members[member].statement(
      Array(payload), on: ledger ?? id, type: type, subject: subject, at: time, issuer: issuer
    ).entry
  }

  /// The bytes of a file of the ledger.
  func file(_ name: String) throws -> [UInt8] {
    Array(try Data(contentsOf: URL(filePath: "\(folder.path)/\(name)")))
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
