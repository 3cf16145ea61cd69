import Ledger
import LedgerCrypto
import TestKit

/// A state in memory with its values, from which proofs are made.
struct TestState {
  private(set) var tree = StateMemory()
  private(set) var values: [StateKey: [UInt8]] = [:]

  /// Applies changes, of which the last one at a key counts, and gives the root.
  mutating func apply(
    _ changes: [(key: StateKey, value: [UInt8]?)], using hasher: inout StateHasher
  ) throws -> Digest {
    var last: [StateKey: [UInt8]?] = [:]
    for (key, value) in changes {
      last.updateValue(value, forKey: key)
      values[key] = value
    }
    let batch = StateBatch(last.map { (key: $0.key, value: $0.value) }, using: &hasher)
    return tree.apply(batch.changes, using: &hasher)
  }

  /// The proof for `key`.
  func proof(_ key: StateKey, using hasher: inout StateHasher) throws -> StateProof {
    let way = tree.way(to: hasher.path(of: key), using: &hasher)
    var hashes: [Digest: Digest] = [:]
    if values[key] == nil, way.end != nil {
      for (other, value) in values {
        hashes[hasher.path(of: other)] = hasher.valueHash(value.span)
      }
    }
    return StateProof(key, values[key], way: way) { hashes[$0.path] ?? .zero }
  }

  /// The code with which a proof for `key` is refused, or nil where it is taken.
  static func refusal(
    _ bytes: [UInt8], _ key: StateKey, _ root: Digest, using hasher: inout StateHasher
  ) -> StateProofError.Code? {
    do throws(StateProofError) {
      _ = try StateProof(decoding: bytes.span).check(key, root: root, using: &hasher)
      return nil
    } catch { return error.code }
  }
}
