public import Ledger
public import LedgerCrypto
public import TransparencyLog

/// The manifest of a directory that is deposited as one item: a line for each file, and a tree over the lines, so that
/// thousands of files take one signature and each can still be proven alone.
///
/// The manifest stays beside the ledger. Its file is text in UTF-8:
///
/// ```
/// zheng-manifest 1
/// <sha-256, 64 hex digits> <size in bytes, decimal> =<path>
/// <sha-256, 64 hex digits> <size in bytes, decimal> ~<commitment to the path, 64 hex digits>
/// ```
///
/// Each line ends with a line feed. The lines of files are in ascending bytewise order, each once, and no path or commitment
/// occurs twice: so a directory has one manifest, and the order says nothing about names. A path is relative, with `/`
/// between its parts, none of which is empty, `.` or `..`. A name that would identify a person is left out; a commitment
/// takes its place:
///
/// ```
/// commitment = HMAC-SHA-256(key: salt, message: "zheng.evidence.name.v1" 00 || length || path)
/// salt       = 32 random bytes, fresh for each file
/// length     = the number of bytes of the path, 8 bytes, big-endian
/// ```
///
/// The root is that of RFC 6962 over the lines of files, each without its line feed. The deposit holds it, with the number of
/// files and the sum of their sizes, and as its digest and size those of the manifest file.
public struct EvidenceManifest: Hashable, Sendable {
  /// A file's name, or what takes its place.
  public enum Name: Hashable, Sendable {
    /// The path.
    case path(String)
    /// A salted commitment to it.
    case commitment(Digest)
  }

  /// The line of one file.
  public struct Line: Hashable, Sendable {
    /// The file's SHA-256 digest.
    public let digest: Digest
    /// Its size in bytes.
    public let size: UInt64
    /// Its name.
    public let name: Name

    /// A line.
    ///
    /// - Throws: `malformed` for what is no path.
    public init(digest: Digest, size: UInt64, name: Name) throws(Refusal) {
      if case .path(let path) = name, !Line.isPath(path) {
        throw Refusal(.malformed, "\(path.quoted) is no relative path; commit to it instead")
      }
      (self.digest, self.size, self.name) = (digest, size, name)
    }

    /// The line without its line feed.
    public var bytes: [UInt8] {
      let name =
        switch name {
        case .path(let path): "=\(path)"
        case .commitment(let commitment): "~\(commitment)"
        }
      return Array("\(digest) \(size) \(name)".utf8)
    }

    /// The leaf hash.
    public func leaf(using hasher: inout TreeHasher) -> Digest { hasher.leaf(bytes.span) }

    /// Whether `path` may be in a manifest.
    public static func isPath(_ path: String) -> Bool {
      (1...4096).contains(path.utf8.count) && !path.hasControlCharacter
        && path.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
          .allSatisfy { !$0.isEmpty && !$0.elementsEqual(".".utf8) && !$0.elementsEqual("..".utf8) }
    }

    /// Reads a line without its line feed.
    ///
    /// - Throws: `malformed` for anything but the one form.
    public init(parsing text: String) throws(Refusal) {
      let parts = text.utf8.split(
        separator: UInt8(ascii: " "), maxSplits: 2, omittingEmptySubsequences: false
      )
      .map { String(decoding: $0, as: UTF8.self) }
      guard parts.count == 3, let digest = Digest(hex: parts[0]), let size = UInt64(parts[1]),
        let name = Line.name(parts[2])
      else { throw Refusal(.malformed, "a line of a manifest is not a digest, a size and a name") }
      try self.init(digest: digest, size: size, name: name)
      // One form only: no sign or leading zero before the size.
      guard bytes.elementsEqual(text.utf8) else {
        throw Refusal(.malformed, "a size in a manifest is not written as it must be")
      }
    }

    private static func name(_ text: String) -> Name? {
      var name = text.utf8[...]
      switch name.popFirst() {
      case UInt8(ascii: "="): return .path(String(decoding: name, as: UTF8.self))
      case UInt8(ascii: "~"):
        return Digest(hex: String(decoding: name, as: UTF8.self)).map { .commitment($0) }
      default: return nil
      }
    }
  }

  /// The first line of the file.
  public static let heading = "zheng-manifest 1"
  /// The most files that a manifest may list.
  public static let maximumFileCount = 1 << 20

  /// The lines of files, in their order.
  public let lines: [Line]

  /// The manifest of these files, given in any order.
  ///
  /// - Throws: `malformed` if there is no file, too many, or a name twice.
  public init(_ lines: [Line]) throws(Refusal) {
    let keyed = lines.map { (bytes: $0.bytes, line: $0) }
      .sorted { $0.bytes.lexicographicallyPrecedes($1.bytes) }
    try self.init(ordered: keyed.map(\.line))
  }

  private init(ordered lines: [Line]) throws(Refusal) {
    guard (1...EvidenceManifest.maximumFileCount).contains(lines.count) else {
      throw Refusal(.malformed, "a manifest lists 1 to \(EvidenceManifest.maximumFileCount) files")
    }
    // By their bytes: two paths that Swift calls equal may be two files.
    var names: Set<[UInt8]> = []
    var total: UInt64 = 0
    for line in lines {
      let name: [UInt8] =
        switch line.name {
        case .path(let path): [UInt8(ascii: "=")] + path.utf8
        case .commitment(let commitment): commitment.bytes
        }
      guard names.insert(name).inserted else {
        throw Refusal(.malformed, "a name stands in a manifest twice")
      }
      let (sum, isOver) = total.addingReportingOverflow(line.size)
      guard !isOver else { throw Refusal(.malformed, "the sizes in a manifest are beyond 64 bits") }
      total = sum
    }
    self.lines = lines
    byteCount = total
  }

  /// The sum of the files' sizes.
  public let byteCount: UInt64

  /// Reads a manifest file.
  ///
  /// - Throws: `malformed` for anything but the one form.
  public init(parsing file: [UInt8]) throws(Refusal) {
    guard let text = file.span.checkedText(mayHoldNewlines: true), text.utf8.last == UInt8(ascii: "\n") else {
      throw Refusal(.malformed, "a manifest is not text that ends with a line feed")
    }
    var rows = text.utf8.dropLast()
      .split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)[...]
    guard let heading = rows.popFirst(), heading.elementsEqual(EvidenceManifest.heading.utf8) else {
      throw Refusal(.malformed, "a manifest does not begin with \(EvidenceManifest.heading)")
    }
    guard rows.count <= EvidenceManifest.maximumFileCount else {
      throw Refusal(.malformed, "a manifest lists 1 to \(EvidenceManifest.maximumFileCount) files")
    }
    var lines: [Line] = []
    lines.reserveCapacity(rows.count)
    var previous: Substring.UTF8View?
    for row in rows {
      if let previous, !previous.lexicographicallyPrecedes(row) {
        throw Refusal(
          .malformed, "the lines of a manifest are not in ascending order, or one stands there twice")
      }
      previous = row
      lines.append(try Line(parsing: String(decoding: row, as: UTF8.self)))
    }
    try self.init(ordered: lines)
  }

  /// The manifest file.
  public var file: [UInt8] {
    var file = Array("\(EvidenceManifest.heading)\n".utf8)
    for line in lines {
      file += line.bytes
      file.append(UInt8(ascii: "\n"))
    }
    return file
  }

  /// The root over the lines of files.
  public var root: Digest {
    var hasher = TreeHasher()
    return Merkle.root(of: lines.map { $0.leaf(using: &hasher) }, using: &hasher)
  }

  /// What the deposit says of it.
  public var summary: Evidence.Deposit.Manifest {
    Evidence.Deposit.Manifest(root: root, files: UInt64(lines.count), bytes: byteCount)
  }

  // MARK: One file

  /// The proof that the file of line `index` is among those that the root is over. Traps if there is no such line.
  ///
  /// - Complexity: two hashes a line.
  public func proof(of index: Int) -> InclusionProof {
    precondition(lines.indices.contains(index), "a manifest has no line \(index)")
    var hasher = TreeHasher()
    let tree = MemoryTree(leaves: lines.map { $0.leaf(using: &hasher) }, using: &hasher)
    do {
      return try InclusionProof(index: UInt64(index), size: tree.size, from: tree, using: &hasher)
    } catch {
      fatalError("a tree in memory has every hash: \(error)")
    }
  }

  /// Checks that `line` is where `proof` says among the files that a deposit's manifest is over.
  ///
  /// - Throws: `malformedProof`, also for a proof in another number of files; `inclusion`.
  public static func verify(
    _ line: Line, _ proof: InclusionProof, in deposited: Evidence.Deposit.Manifest
  ) throws(LogError) {
    guard proof.size == deposited.files else {
      throw LogError(.malformedProof, "a proof in \(proof.size) files; \(deposited.files) were deposited")
    }
    var hasher = TreeHasher()
    try proof.verify(leaf: line.leaf(using: &hasher), root: deposited.root, using: &hasher)
  }

  /// The lines of files with this digest, by their places.
  public func places(of digest: Digest) -> [Int] { lines.indices.filter { lines[$0].digest == digest } }

  /// The commitment in place of `path`, which may be any bytes.
  ///
  /// - Parameter salt: 32 random bytes of this file alone. Traps for any other number.
  /// - Throws: `libcrypto`, which is a failure of the machine.
  public static func commitment(to path: [UInt8], salt: [UInt8]) throws(CryptoError) -> Digest {
    precondition(salt.count == 32, "a salt of \(salt.count) bytes")
    var message = Array("zheng.evidence.name.v1".utf8) + [0]
    for shift in stride(from: 56, through: 0, by: -8) {
      message.append(UInt8(truncatingIfNeeded: UInt64(path.count) >> UInt64(shift)))
    }
    message += path
    return try HMACSHA256.code(of: message, key: salt)
  }
}
