public import LedgerCrypto
import Statements

/// Why a state proof does not prove; equal by its code.
public struct StateProofError: Error, Hashable, CustomStringConvertible {
  /// What is wrong, as a stable name.
  public enum Code: String, Sendable, CaseIterable {
    /// Not a proof in its one encoding.
    case malformed = "malformed-state-proof"
    /// A proof for another key than the one asked for.
    case otherKey = "other-key"
    /// A proof that leads to another root.
    case mismatch = "state-mismatch"
  }

  /// What is wrong.
  public let code: Code
  /// A sentence for a person.
  public let description: String

  init(_ code: Code, _ description: String) { (self.code, self.description) = (code, description) }

  /// Equal by code.
  public static func == (left: StateProofError, right: StateProofError) -> Bool { left.code == right.code }

  public func hash(into hasher: inout Hasher) { hasher.combine(code) }
}

/// A proof that a key has a value in a state tree, or that it has none. Unchecked, until `check` has tied it to a root.
///
/// ```cddl
/// state-proof = [
///   key: bstr .size (1..4096), value: (bstr .size (0..1048576)) / null,
///   bitmap: bstr .size (0..32), siblings: [* digest], other: [path: digest, value: digest] / null,
/// ]
/// digest = bstr .size 32
/// ```
///
/// in core deterministic encoding. Bit i of `bitmap`, the most significant bit of the first byte first, says that the
/// sibling at depth i + 1 is given; where it is 0 that sibling is 32 zero bytes. `siblings` has those that are given,
/// from the root on. The last bit that is set is the deepest sibling, which is never empty: no zero byte ends the
/// bitmap, no sibling given is zero, and the depth of the place is the number of that bit plus 1, or 0 where none is
/// set. At the place is
///
/// - the leaf of `key` and `value`, where `value` is not null; `other` is null then;
/// - the leaf of `other`, a path and the hash of a value, where `value` is null. It shares its first bits, as many as
///   the depth, with the path of the key, and is not that path;
/// - nothing, 32 zero bytes, where both are null.
///
/// From there the root is hashed upwards, at each depth d by bit d - 1 of the path. Everything else is refused. Of
/// its neighbours a proof shows hashes only.
public struct StateProof: Hashable, Sendable {
  /// The key that it is about.
  public let key: StateKey
  /// Its value; nil if it has none.
  public let value: [UInt8]?
  /// The siblings on the way to its place.
  public let way: StateProofPath
  /// Another leaf that is alone at the place of the key, which therefore has no value.
  public let other: Other?

  /// A leaf of another key, without its value.
  public struct Other: Hashable, Sendable {
    /// The path of that key.
    public let path: Digest
    /// The hash of its value.
    public let valueHash: Digest

    public init(path: Digest, valueHash: Digest) { (self.path, self.valueHash) = (path, valueHash) }
  }

  /// The most bytes of a key.
  public static let maximumKeyByteCount = 4096
  /// The most bytes of a value.
  public static let maximumValueByteCount = 1 << 20

  /// The proof for `key`, assembled; `check` says whether it holds.
  ///
  /// - Parameters:
  ///   - value: the key's value, or nil.
  ///   - way: to the key's path.
  ///   - valueHash: the hash of the value of the leaf at the end of the way; asked for only where `value` is nil and
  ///     that leaf is another key's.
  public init<Failure: Error>(
    _ key: StateKey, _ value: [UInt8]?, way: StateProofPath, valueHash: (StateLeaf) throws(Failure) -> Digest
  ) throws(Failure) {
    (self.key, self.value) = (key, value)
    var siblings = way
    siblings.end = nil
    self.way = siblings
    if value == nil, let end = way.end {
      other = Other(path: end.path, valueHash: try valueHash(end))
    } else {
      other = nil
    }
  }
}

/// What a state proof has proven: the value of a key under a root.
public struct ProvenValue: Hashable, Sendable {
  /// The key.
  public let key: StateKey
  /// Its value; nil if the key has none, which is proven too.
  public let value: [UInt8]?
}

extension StateProof {
  /// Checks that the proof is one for `key` in the tree with this root.
  ///
  /// - Throws: `otherKey`, `malformed` if `other` is not another leaf at the key's place, `mismatch`.
  /// - Complexity: three hashes and one for each bit of the depth, at most 259.
  public func check(
    _ key: StateKey, root: Digest, using hasher: inout StateHasher
  ) throws(StateProofError) -> ProvenValue {
    guard key == self.key else { throw StateProofError(.otherKey, "a proof for another key") }
    return try check(root: root, using: &hasher)
  }

  /// Checks that the proof is one in the tree with this root, for whichever key it names.
  ///
  /// - Throws: `malformed`, `mismatch`.
  public func check(root: Digest, using hasher: inout StateHasher) throws(StateProofError) -> ProvenValue {
    try check(at: hasher.path(of: key), root: root, using: &hasher)
  }

  /// As `check(root:)`, of a key whose path is known. A test gives paths that no key can be found for.
  package func check(
    at path: Digest, root: Digest, using hasher: inout StateHasher
  ) throws(StateProofError) -> ProvenValue {
    let end: Digest
    if let value {
      guard other == nil else { throw StateProofError(.malformed, "a value and another leaf") }
      end = hasher.leaf(path: path, valueHash: hasher.valueHash(value.span))
    } else if let other {
      let shared = other.path.sharedBits(with: path)
      guard shared >= way.depth, shared < 256 else {
        throw StateProofError(.malformed, "the other leaf is not at the place of the key, or is its own")
      }
      end = hasher.leaf(path: other.path, valueHash: other.valueHash)
    } else {
      end = .zero
    }
    guard way.root(from: end, at: path, using: &hasher) == root else {
      throw StateProofError(.mismatch, "the proof leads to another root of the state")
    }
    return ProvenValue(key: key, value: value)
  }

  // MARK: Encoding

  /// The encoding.
  public var bytes: [UInt8] {
    var bytes: [UInt8] = []
    append(to: &bytes)
    return bytes
  }

  /// Appends the encoding.
  public func append(to bytes: inout [UInt8]) {
    CBORWriter.head(.array, 5, to: &bytes)
    CBORWriter.byteString(key.bytes.span, to: &bytes)
    if let value {
      CBORWriter.byteString(value.span, to: &bytes)
    } else {
      CBORWriter.head(.simple, 22, to: &bytes)
    }
    CBORWriter.byteString(way.bitmap.span, to: &bytes)
    CBORWriter.head(.array, UInt64(way.siblings.count), to: &bytes)
    for sibling in way.siblings { StateProof.append(sibling, to: &bytes) }
    if let other {
      CBORWriter.head(.array, 2, to: &bytes)
      StateProof.append(other.path, to: &bytes)
      StateProof.append(other.valueHash, to: &bytes)
    } else {
      CBORWriter.head(.simple, 22, to: &bytes)
    }
  }

  private static func append(_ digest: Digest, to bytes: inout [UInt8]) {
    CBORWriter.head(.bytes, UInt64(Digest.byteCount), to: &bytes)
    digest.append(to: &bytes)
  }

  /// The proof that these bytes are, and nothing else.
  ///
  /// - Throws: `malformed` unless they are the one encoding of a proof.
  public init(decoding bytes: Span<UInt8>) throws(StateProofError) {
    var cursor = CBORCursor(0..<bytes.count)
    self = try StateProof(&cursor, bytes)
    do { try cursor.finish("the state proof") } catch {
      throw StateProofError(.malformed, error.description)
    }
  }

  /// The proofs of a CBOR sequence, one or more.
  ///
  /// - Throws: `malformed` unless the bytes are at most `maximum` proofs, one behind the other, each for another key.
  public static func decodeSequence(
    _ bytes: Span<UInt8>, maximum: Int
  ) throws(StateProofError) -> [StateProof] {
    var cursor = CBORCursor(0..<bytes.count)
    var proofs: [StateProof] = []
    repeat {
      guard proofs.count < maximum else { throw StateProofError(.malformed, "more than \(maximum) proofs") }
      proofs.append(try StateProof(&cursor, bytes))
    } while cursor.remaining > 0
    guard Set(proofs.map(\.key)).count == proofs.count else {
      throw StateProofError(.malformed, "two proofs for one key")
    }
    return proofs
  }

  private init(_ cursor: inout CBORCursor, _ bytes: Span<UInt8>) throws(StateProofError) {
    do throws(StatementError) {
      try cursor.expect(.array, 5, "an array of five", in: bytes)
      let keyRange = try cursor.byteString(1...StateProof.maximumKeyByteCount, "the key", in: bytes)
      key = StateKey(bytes: StateProof.copy(bytes, keyRange))
      let valueHead = try cursor.head(bytes)
      switch (valueHead.major, valueHead.argument) {
      case (.simple, 22): value = nil
      case (.bytes, 0...UInt64(StateProof.maximumValueByteCount)):
        value = StateProof.copy(bytes, cursor.take(Int(valueHead.argument)))
      default: throw StatementError(.malformed, "the value is neither null nor bytes, or too long")
      }
      let bitmap = StateProof.copy(bytes, try cursor.byteString(0...32, "the bitmap", in: bytes))
      let count = try cursor.argument(of: .array, "the siblings", in: bytes)
      guard count <= 256 else { throw StatementError(.malformed, "more than 256 siblings") }
      var siblings: [Digest] = []
      for _ in 0..<count { siblings.append(try StateProof.digest(&cursor, bytes)) }
      do { way = try StateProofPath(bitmap: bitmap, siblings: siblings) } catch {
        throw StatementError(.malformed, error.description)
      }
      let otherHead = try cursor.head(bytes)
      switch (otherHead.major, otherHead.argument) {
      case (.simple, 22): other = nil
      case (.array, 2) where value == nil:
        other = Other(
          path: try StateProof.digest(&cursor, bytes), valueHash: try StateProof.digest(&cursor, bytes))
      default: throw StatementError(.malformed, "other is neither null nor a leaf beside no value")
      }
    } catch { throw StateProofError(.malformed, error.description) }
  }

  private static func digest(
    _ cursor: inout CBORCursor, _ bytes: Span<UInt8>
  ) throws(StatementError) -> Digest {
    let range = try cursor.byteString(Digest.byteCount...Digest.byteCount, "a hash", in: bytes)
    guard let digest = Digest(bytes, at: range.lowerBound) else {
      throw StatementError(.malformed, "a hash of fewer than 32 bytes")
    }
    return digest
  }

  private static func copy(_ bytes: Span<UInt8>, _ range: Range<Int>) -> [UInt8] {
    var copy: [UInt8] = []
    copy.reserveCapacity(range.count)
    for index in range { copy.append(bytes[index]) }
    return copy
  }
}
