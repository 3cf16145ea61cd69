import Foundation
import Ledger
import LedgerCrypto
import LedgerStore
import Statements

/// A ledger of three members in a folder that is removed with it.
final class TestLedger: Sendable {
  let root: String
  let folder: LedgerFolder
  let id: Digest
  let members: [(id: String, key: PrivateKey)]

  init(parameters: [String: Int] = [:]) throws {
    LedgerWriter.Options.keepsLastSigned.withLock { $0 = false }
    root = NSTemporaryDirectory() + "zheng-node-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: root, withIntermediateDirectories: true)
    members = try (0..<3).map { number in
      ("member-\(number)", try PrivateKey(generating: number == 2 ? .ed25519 : .es256))
    }
    let object: [String: Any] = [
      "origin": "zhengzhou.example/node", "name": ["zh": "测试 <链>", "en": "Test & ledger"],
      "members": try members.map { id, key in
        ["id": id, "name": ["en": id], "roles": ["x-collector"], "keys": [try key.publicKey.pem()]]
      },
      "administrators": ["members": ["member-0"], "threshold": 1], "parameters": parameters,
    ]
    let file = root + "/consortium.json"
    try JSONSerialization.data(withJSONObject: object).write(to: URL(filePath: file))
    folder = LedgerFolder(root + "/ledger", rules: [PlainRecords()])
    id = try folder.found(ConsortiumFile(file), administrator: members[0].key)
  }

  deinit {
    do { try FileManager.default.removeItem(atPath: root) } catch { print("\(root) is left over: \(error)") }
  }

  /// A signed entry of member number `member`.
  func entry(
    _ payload: some Sequence<UInt8>, by member: Int = 0, type: String = "text/plain", issuer: String? = nil,
    ledger: Digest? = nil, at time: UInt64 = UInt64(Date().timeIntervalSince1970)
  ) throws -> [UInt8] {
    let (name, key) = members[member]
    let claims = Claims(
      issuer: issuer ?? name, subject: "case 7", audience: ledger ?? id, issuedAt: time,
      tokenID: try randomBytes(16))
    return try StatementDraft(contentType: type, claims: claims, payload: Array(payload)).signed(by: key)
      .entry
  }

  /// The bytes of a file of the ledger.
  func file(_ name: String) throws -> [UInt8] {
    Array(try Data(contentsOf: URL(filePath: "\(folder.path)/\(name)")))
  }
}
