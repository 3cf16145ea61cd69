import Foundation
import LedgerCrypto
import Scenarios

/// What a file's bytes are known by.
package struct Fingerprint: Hashable, Sendable {
  /// Their SHA-256.
  package let digest: Digest
  /// How many there are.
  package let byteCount: UInt64
  /// Their digests by further algorithms.
  package let others: [Evidence.DigestAlgorithm: [UInt8]]

  /// All of them.
  package var digests: Evidence.Digests { .init(others.merging([.sha256: digest.bytes]) { _, own in own }) }

  /// Reads the file at `path` from its beginning to its end, a MiB at a time.
  ///
  /// - Parameters:
  ///   - algorithms: by which digests are made as well.
  ///   - each: gets the number of bytes of each part that was read.
  /// - Throws: no input, I/O; `changed` where it was written to meanwhile.
  package init(
    of path: String, also algorithms: [Evidence.DigestAlgorithm] = [], each: (UInt64) -> Void = { _ in }
  ) throws {
    let input = try Files.Input(path)
    let before = Fingerprint.stamp(input)
    var making = try FingerprintMaking(also: algorithms)
    while true {
      let part = try input.read(upTo: 1 << 20)
      if part.isEmpty { break }
      try making.add(part)
      each(UInt64(part.count))
    }
    guard Fingerprint.stamp(input) == before else {
      throw WorkflowError(
        .inputOutput, "changed",
        "\(path): was written to while it was read, so nothing is known of it; close what writes it, or take a copy"
      )
    }
    self = try making.finish()
  }

  /// Of bytes that are at hand.
  package init(of bytes: [UInt8], also algorithms: [Evidence.DigestAlgorithm] = []) throws {
    var making = try FingerprintMaking(also: algorithms)
    try making.add(bytes)
    self = try making.finish()
  }

  fileprivate init(
    digest: Digest, byteCount: UInt64, others: [Evidence.DigestAlgorithm: [UInt8]]
  ) { (self.digest, self.byteCount, self.others) = (digest, byteCount, others) }

  /// What changes when an ordinary file is written to.
  private static func stamp(_ input: Files.Input) -> [Int] {
    var status = stat()
    guard input.byteCount != nil, fstat(input.descriptor, &status) == 0 else { return [] }
    return [Int(status.st_size), status.st_mtim.tv_sec, status.st_mtim.tv_nsec]
  }
}

/// A fingerprint whose bytes come in parts.
private struct FingerprintMaking: ~Copyable {
  private var sha256 = SHA256()
  private var byteCount: UInt64 = 0
  private let others: [(algorithm: Evidence.DigestAlgorithm, digest: MessageDigest)]

  init(also algorithms: [Evidence.DigestAlgorithm]) throws {
    others = try Set(algorithms).subtracting([.sha256]).map { ($0, try MessageDigest($0.libcryptoName)) }
    sha256.begin()
  }

  mutating func add(_ part: [UInt8]) throws {
    sha256.update(part.span)
    for other in others { try other.digest.update(part.span) }
    byteCount += UInt64(part.count)
  }

  mutating func finish() throws -> Fingerprint {
    var digests: [Evidence.DigestAlgorithm: [UInt8]] = [:]
    for (algorithm, digest) in others { digests[algorithm] = try digest.finalize() }
    return Fingerprint(digest: sha256.finalize(), byteCount: byteCount, others: digests)
  }
}

extension Evidence.DigestAlgorithm {
  /// As libcrypto calls it.
  fileprivate var libcryptoName: String {
    switch self {
    case .md5: "MD5"
    case .sm3: "SM3"
    case .sha1: "SHA1"
    case .sha256: "SHA2-256"
    case .sha384: "SHA2-384"
    case .sha512: "SHA2-512"
    case .sha3Bits256: "SHA3-256"
    case .sha3Bits512: "SHA3-512"
    }
  }
}

/// The fingerprints of many files.
package struct Fingerprints {
  /// A file that could not be read.
  package struct Unreadable: Sendable {
    /// Where it lies, and why.
    package let path, reason: String
  }

  /// Of each path, in the order given; nil for one that could not be read.
  package private(set) var all: [Fingerprint?] = []
  /// Those that could not be read.
  package private(set) var unreadable: [Unreadable] = []

  /// Reads the files at `paths`, one after the other.
  ///
  /// - Parameter each: told how many bytes are done, and of how many.
  package init(of paths: [String], each: (_ done: UInt64, _ total: UInt64) -> Void) {
    let total = paths.reduce(0) { $0 + (Files.byteCount($1) ?? 0) }
    var done: UInt64 = 0
    for path in paths {
      do {
        all.append(
          try Fingerprint(of: path) { count in
            done += count
            each(done, total)
          })
      } catch {
        all.append(nil)
        unreadable.append(Unreadable(path: path, reason: "\(error)"))
      }
    }
  }
}
