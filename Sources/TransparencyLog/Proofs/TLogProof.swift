public import LedgerCrypto

/// An offline proof that something was logged: a leaf's index, its inclusion path and a signed checkpoint
/// (C2SP tlog-proof@v1). Nothing is verified until `verify`.
public struct TLogProof: Hashable, Sendable {
  /// The largest proof that is read or made, in bytes.
  public static let maximumByteCount = 4_194_304
  /// The longest inclusion path: one hash for each bit of a size.
  public static let maximumPathCount = 64

  /// Opaque data that nothing authenticates; never empty.
  public let extra: [UInt8]?
  /// The leaf's index, from 0.
  public let index: UInt64
  /// The inclusion path, the leaf's sibling first.
  public let path: [Digest]
  /// The checkpoint's note.
  public let checkpoint: SignedNote

  /// The proof of these parts.
  ///
  /// - Throws: `malformedProof` if `extra` is empty, the path has more than 64 hashes or the whole more than 4 MiB;
  ///   `malformedCheckpoint` where the note is no checkpoint.
  public init(extra: [UInt8]?, index: UInt64, path: [Digest], checkpoint: SignedNote) throws(LogError) {
    guard extra?.isEmpty != true else {
      throw LogError(.malformedProof, "extra data is left out where it is empty")
    }
    guard path.count <= TLogProof.maximumPathCount else {
      throw LogError(.malformedProof, "an inclusion path has at most \(TLogProof.maximumPathCount) hashes")
    }
    _ = try Checkpoint(parsing: checkpoint.text)
    self.extra = extra
    self.index = index
    self.path = path
    self.checkpoint = checkpoint
    guard (extra?.count ?? 0) <= TLogProof.maximumByteCount, bytes.count <= TLogProof.maximumByteCount else {
      throw LogError(.malformedProof, "a proof of more than \(TLogProof.maximumByteCount) bytes")
    }
  }

  /// The proof that `bytes` are, in its only spelling.
  ///
  /// - Throws: `malformedProof`; `malformedNote` or `malformedCheckpoint` for what follows the empty line.
  public init(parsing bytes: Span<UInt8>) throws(LogError) {
    guard bytes.count <= TLogProof.maximumByteCount else {
      throw LogError(.malformedProof, "a proof of more than \(TLogProof.maximumByteCount) bytes")
    }
    var lines = LineReader([UInt8](copying: bytes))
    guard lines.next()?.elementsEqual(TLogProof.header.utf8) == true else {
      throw LogError(.malformedProof, "the first line is not \(TLogProof.header)")
    }
    var line = lines.next()
    var extra: [UInt8]?
    if let text = line?.after("extra ") {
      guard let data = Base64.decode(Array(text).span) else {
        throw LogError(.malformedProof, "the extra data is not base64")
      }
      extra = data
      line = lines.next()
    }
    guard let index = line?.after("index ").flatMap({ Decimal.parse($0) }) else {
      throw LogError(.malformedProof, "no line: index, a space and a decimal number without leading zeros")
    }
    var path: [Digest] = []
    while true {
      guard let line = lines.next() else {
        throw LogError(.malformedProof, "no empty line before the checkpoint")
      }
      guard !line.isEmpty else { break }
      guard path.count < TLogProof.maximumPathCount, line.count == 44,
        let hash = Base64.decode(Array(line).span).flatMap({ Digest($0) })
      else { throw LogError(.malformedProof, "not an inclusion path of at most 64 hashes in base64") }
      path.append(hash)
    }
    let note = try SignedNote(parsing: bytes.extracting(lines.position..<bytes.count))
    try self.init(extra: extra, index: index, path: path, checkpoint: note)
  }

  /// The proof's encoding.
  public var bytes: [UInt8] {
    TLogProof.encode(extra: extra, index: index, path: path, checkpoint: checkpoint.bytes)
  }

  /// The encoding of a proof of these parts, of which `checkpoint` is the note's own: for callers that make many with the same. Bounds
  /// are the caller's concern.
  package static func encode(extra: [UInt8]?, index: UInt64, path: [Digest], checkpoint: [UInt8]) -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(64 + ((extra?.count ?? 0) + 2) / 3 * 4 + path.count * 45 + checkpoint.count)
    bytes += header.utf8
    bytes.append(newline)
    if let extra {
      bytes += "extra ".utf8
      Base64.append(extra.span, to: &bytes)
      bytes.append(newline)
    }
    bytes += "index \(index)\n".utf8
    var hashes: [UInt8] = []
    hashes.reserveCapacity(path.count * Digest.byteCount)
    for hash in path { hash.append(to: &hashes) }
    for start in stride(from: 0, to: hashes.count, by: Digest.byteCount) {
      Base64.append(hashes.span.extracting(start..<start + Digest.byteCount), to: &bytes)
      bytes.append(newline)
    }
    bytes.append(newline)
    bytes += checkpoint
    return bytes
  }

  /// Checks that `policy` accepts the checkpoint and that `leaf`, a leaf hash, is in its tree at the index.
  ///
  /// `extra` is not looked at.
  ///
  /// - Throws: what `Policy.evaluate` throws; `malformedProof` or `inclusion` as `InclusionProof.verify` does.
  public func verify(
    leaf: Digest, policy: Policy
  ) throws(LogError) -> (checkpoint: Checkpoint, verdict: Policy.Verdict) {
    let accepted = try policy.evaluate(checkpoint)
    var hasher = TreeHasher()
    try InclusionProof(index: index, size: accepted.checkpoint.size, path: path)
      .verify(leaf: leaf, root: accepted.checkpoint.root, using: &hasher)
    return accepted
  }

  private static let header = "c2sp.org/tlog-proof@v1"
  private static let newline = UInt8(ascii: "\n")
}

extension ArraySlice<UInt8> {
  /// What follows `prefix`, or nil if it is not there.
  fileprivate func after(_ prefix: String) -> ArraySlice<UInt8>? {
    starts(with: prefix.utf8) ? dropFirst(prefix.utf8.count) : nil
  }
}
