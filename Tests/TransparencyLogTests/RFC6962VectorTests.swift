import Foundation
import LedgerCrypto
import TestKit
import Testing
import TransparencyLog

@Suite("RFC 6962 vectors")
struct RFC6962VectorTests {
  static let leaves = [
    "", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f",
  ]
  static let roots = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
  ]

  @Test("the published roots of eight leaves come out, by each way to a root", arguments: 0...8)
  func publishedRoots(size: Int) throws {
    var hasher = TreeHasher()
    let leaves = Self.leaves.prefix(size).map { hasher.leaf(hex($0).span) }
    let root = Merkle.root(of: leaves, using: &hasher)
    #expect(root.hex == Self.roots[size])
    var frontier = Frontier()
    for leaf in leaves { frontier.append(leaf, using: &hasher) }
    let appended = frontier.root(using: &hasher)
    #expect(appended == root)
    let tree = MemoryTree(leaves: leaves, using: &hasher)
    let read = try Merkle.root(size: UInt64(size), from: tree, using: &hasher)
    #expect(read == root)
  }

  struct InclusionCase: Decodable {
    let file: String
    let leafIdx: UInt64
    let treeSize: UInt64
    let root: String
    let leafHash: String
    let proof: [String]?
    let wantErr: Bool
  }

  struct ConsistencyCase: Decodable {
    let file: String
    let size1: UInt64
    let size2: UInt64
    let root1: String
    let root2: String
    let proof: [String]?
    let wantErr: Bool
  }

  /// Some accepted vectors have roots that are no digests; what counts is only whether they are equal.
  static func anyDigest(_ text: String) -> Digest {
    Base64.decode(text).flatMap { Digest($0) } ?? digest(Array(text.utf8))
  }

  @Test(
    "each inclusion vector gives its answer", .enabled(if: Vectors.areHere, "no test vectors on this machine")
  )
  func inclusionVectors() throws {
    let cases = try Vectors.decode([InclusionCase].self, "rfc6962/inclusion.json")
    #expect(cases.count == 98)
    #expect(cases.count(where: \.wantErr) == 92)
    var hasher = TreeHasher()
    for vector in cases {
      // Three vectors have a leaf or root of no bytes: our types do not let such a value arise.
      let hashes = [vector.leafHash, vector.root] + (vector.proof ?? [])
      let digests = hashes.compactMap { Base64.decode($0).flatMap { Digest($0) } }
      let code = refusal {
        guard digests.count == hashes.count else { throw LogError(.malformedProof, "not a digest") }
        try InclusionProof(index: vector.leafIdx, size: vector.treeSize, path: Array(digests[2...]))
          .verify(leaf: digests[0], root: digests[1], using: &hasher)
      }
      #expect((code != nil) == vector.wantErr, "\(vector.file)")
    }
  }

  @Test(
    "each consistency vector gives its answer",
    .enabled(if: Vectors.areHere, "no test vectors on this machine"))
  func consistencyVectors() throws {
    let cases = try Vectors.decode([ConsistencyCase].self, "rfc6962/consistency.json")
    #expect(cases.count == 98)
    #expect(cases.count(where: \.wantErr) == 92)
    var hasher = TreeHasher()
    for vector in cases {
      let path = (vector.proof ?? []).map { Base64.decode($0).flatMap { Digest($0) } }
      let code = refusal {
        guard !path.contains(nil) else { throw LogError(.malformedProof, "not a digest") }
        try ConsistencyProof(oldSize: vector.size1, newSize: vector.size2, path: path.compactMap { $0 })
          .verify(
            oldRoot: Self.anyDigest(vector.root1), newRoot: Self.anyDigest(vector.root2), using: &hasher)
      }
      #expect((code != nil) == vector.wantErr, "\(vector.file)")
    }
  }
}
