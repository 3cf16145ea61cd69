import Foundation
import LedgerCrypto
import LedgerStore
import Scenarios

/// Members made up for a measurement, with keys of their own.
struct BenchConsortium: Sendable {
  let members: [(id: String, key: PrivateKey)]
  /// Each member has all that a measurement needs.
  private static let roles = ["authority", "collector", "custodian", "demander", "provider"]

  /// `count` members with P-256 keys.
  init(members count: Int) throws {
    members = try (1...count).map { ("member-\($0)", try PrivateKey(generating: .es256)) }
  }

  /// Founds their ledger at `path`, with the members' private keys beside the node's.
  ///
  /// - Returns: the ledger id.
  func found(at path: String) throws -> Digest {
    let described = try members.map { id, key -> JSON in
      [
        "id": .text(id), "name": ["zh": "测试成员", "en": .text(id)],
        "roles": .array(BenchConsortium.roles.map(JSON.text)),
        "keys": .array([.text(try key.publicKey.pem())]),
      ]
    }
    let file: JSON = [
      "origin": "bench.example/zheng", "name": ["zh": "测速链", "en": "Measured ledger"],
      "members": .array(described),
      "administrators": ["members": .array([.text(members[0].id)]), "threshold": .number(1)],
    ]
    let folder = LedgerFolder(path, rules: Scenarios.rules)
    let id = try folder.found(
      ConsortiumFile(parsing: Array(file.line.utf8), relativeTo: ""), administrator: members[0].key,
      options: .measured(folder))
    for (id, key) in members {
      try Files.create("\(folder.keys)/\(id).pem", Array(key.pem().utf8), permissions: 0o600)
    }
    return id
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
