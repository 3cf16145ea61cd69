/// A SHA-256 digest: 32 bytes, held as four big-endian words because those hash and compare fastest.
///
/// Ordered as its bytes are.
public struct Digest: Hashable, Comparable, BitwiseCopyable, Sendable {
  /// The number of bytes of a digest.
  public static let byteCount = 32

  /// 32 zero bytes.
  public static let zero = Digest(words: (0, 0, 0, 0))

  @usableFromInline let word0: UInt64
  @usableFromInline let word1: UInt64
  @usableFromInline let word2: UInt64
  @usableFromInline let word3: UInt64

  @inlinable
  init(words: (UInt64, UInt64, UInt64, UInt64)) {
    (word0, word1, word2, word3) = words
  }

  /// The digest at `offset` of `bytes`, or nil if fewer than 32 bytes follow.
  @inlinable
  public init?(_ bytes: Span<UInt8>, at offset: Int = 0) {
    guard offset >= 0, offset <= bytes.count - Digest.byteCount else { return nil }
    let raw = unsafe bytes.bytes
    func word(_ start: Int) -> UInt64 {
      unsafe UInt64(bigEndian: raw.unsafeLoadUnaligned(fromByteOffset: start, as: UInt64.self))
    }
    self.init(words: (word(offset), word(offset + 8), word(offset + 16), word(offset + 24)))
  }

  /// The digest with these bytes, or nil unless there are exactly 32.
  public init?(_ bytes: some Collection<UInt8>) {
    guard bytes.count == Digest.byteCount else { return nil }
    self.init(Array(bytes).span)
  }

  /// The digest written as 64 lowercase hex digits, or nil for anything else.
  public init?(hex: String) {
    guard let bytes = Hex.decode(hex) else { return nil }
    self.init(bytes)
  }

  /// The 32 bytes.
  public var bytes: [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(Digest.byteCount)
    append(to: &bytes)
    return bytes
  }

  /// Appends the 32 bytes to `bytes`.
  @inlinable
  public func append(to bytes: inout [UInt8]) {
    unsafe withUnsafeBytes(
      of: (word0.bigEndian, word1.bigEndian, word2.bigEndian, word3.bigEndian)
    ) { unsafe bytes.append(contentsOf: $0) }
  }

  /// One word of a digest is as good as all of them.
  public func hash(into hasher: inout Hasher) { hasher.combine(word0) }

  /// The first 8 bytes as a number: a fingerprint, for tables that look at the whole digest on a hit.
  @inlinable
  public var fingerprint: UInt64 { word0 }

  /// The 32 bytes as four big-endian numbers.
  package var words: (UInt64, UInt64, UInt64, UInt64) { (word0, word1, word2, word3) }

  /// 64 lowercase hex digits.
  public var hex: String { Hex.encode(bytes) }

  /// As the bytes are ordered.
  @inlinable
  public static func < (left: Digest, right: Digest) -> Bool {
    (left.word0, left.word1, left.word2, left.word3) < (right.word0, right.word1, right.word2, right.word3)
  }
}

extension Digest: CustomStringConvertible {
  /// 64 lowercase hex digits.
  public var description: String { hex }
}
