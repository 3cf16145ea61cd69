import Foundation
import Ledger
import LedgerCrypto
import TestKit
import Testing

@Suite(
  "State tree vectors", .enabled(if: Vectors.areHere, "no test vectors on this machine"))
struct StateVectorTests {
  struct File: Decodable {
    let trees: [Tree]
    let updates: [Update]
    let chains: [Chain]
  }

  struct Tree: Decodable {
    let name: String
    let entries: [[String?]]
    let root: String
    let proofs: [Proof]
    let refused: [Proof]
  }

  struct Proof: Decodable {
    let why: String?
    let key: String
    let value: String?
    let proof: String
  }

  struct Update: Decodable {
    let changes: [[String?]]
    let root: String
  }

  struct Chain: Decodable {
    let statement: String
    let chain: String
  }

  static func file() throws -> File { try Vectors.decode(File.self, "state-tree/vectors.json") }

  static func key(_ text: String) -> StateKey { StateKey(bytes: hex(text)) }

  static func pairs(_ changes: [[String?]]) throws -> [(key: StateKey, value: [UInt8]?)] {
    try changes.map { (key(try #require($0[0])), $0[1].map(hex)) }
  }

  @Test("every tree has its root, every proof is made and taken, and every other one is refused")
  func trees() throws {
    let trees = try Self.file().trees
    #expect(trees.count == 12)
    #expect(trees.map(\.proofs.count).reduce(0, +) == 122)
    #expect(trees.map(\.refused.count).reduce(0, +) == 709)
    var hasher = StateHasher()
    for tree in trees {
      let root = try #require(Digest(hex: tree.root))
      var state = TestState()
      let made = try state.apply(Self.pairs(tree.entries), using: &hasher)
      #expect(made == root, "\(tree.name)")
      #expect(StateTree.root(of: state.values, using: &hasher) == root, "\(tree.name)")
      for vector in tree.proofs {
        let bytes = hex(vector.proof)
        let proof = try StateProof(decoding: bytes.span)
        let proven = try proof.check(Self.key(vector.key), root: root, using: &hasher)
        #expect(proven.value == vector.value.map(hex), "\(tree.name) \(vector.key)")
        #expect(proof.bytes == bytes)
        #expect(try state.proof(Self.key(vector.key), using: &hasher).bytes == bytes)
      }
      for vector in tree.refused {
        #expect(
          TestState.refusal(hex(vector.proof), Self.key(vector.key), root, using: &hasher) != nil,
          "\(tree.name): \(vector.why ?? "")")
      }
    }
  }

  @Test("every batch of changes gives its root, applied to the tree before and to nothing")
  func updates() throws {
    let updates = try Self.file().updates
    #expect(updates.count == 60)
    var hasher = StateHasher()
    var state = TestState()
    for update in updates {
      let root = try state.apply(Self.pairs(update.changes), using: &hasher)
      #expect(root.hex == update.root)
      #expect(StateTree.root(of: state.values, using: &hasher) == root)
    }
  }

  @Test("the chain over the statements is as given after each")
  func chains() throws {
    var hasher = StateHasher()
    var records: [(id: Digest, index: UInt64)] = []
    for step in try Self.file().chains {
      records.append((try #require(Digest(hex: step.statement)), UInt64(3 * records.count)))
      let list = try #require(RecordList(records, using: &hasher))
      #expect(list.chain.hex == step.chain)
      #expect(list.count == UInt64(records.count))
    }
    #expect(records.count == 5)
  }
}
