import Foundation
import LedgerCrypto
import LedgerIndex
import LedgerStore
import Scenarios

/// Members made up for a measurement, with keys of their own.
package struct MeasuredConsortium: Sendable {
  package let members: [(id: String, key: PrivateKey)]
  /// Each member has all that a measurement needs.
  private static let roles = ["authority", "collector", "custodian", "demander", "provider"]

  /// `count` members with P-256 keys.
  package init(members count: Int) throws {
    members = try (1...count).map { ("member-\($0)", try PrivateKey(generating: .es256)) }
  }

  /// Founds their ledger at `path`.
  ///
  /// - Returns: the ledger id.
  package func found(at path: String) throws -> Digest {
    let names = { (zh: String, en: String) in ["zh": zh, "en": en] }
    let file: [String: Any] = [
      "origin": "bench.example/zheng", "name": names("测速链", "Measured ledger"),
      "members": try members.map { id, key -> [String: Any] in
        [
          "id": id, "name": names("测试成员", id), "roles": MeasuredConsortium.roles,
          "keys": [try key.publicKey.pem()],
        ]
      },
      "administrators": ["members": [members[0].id], "threshold": 1],
    ]
    let folder = LedgerFolder(path, rules: Scenarios.rules)
    return try folder.found(
      ConsortiumFile(
        parsing: Array(JSONSerialization.data(withJSONObject: file)), relativeTo: "", rules: folder.rules),
      administrator: members[0].key, options: .measured(folder))
  }
}

extension LedgerWriter.Options {
  /// How a measurement writes the ledger in `folder`: what was signed last lies beside it, and goes with it.
  static func measured(_ folder: LedgerFolder) -> LedgerWriter.Options {
    var options = LedgerWriter.Options()
    options.stateFolder = "\(folder.path).state"
    return options
  }
}
