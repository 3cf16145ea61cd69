internal import COpenSSL

/// A SHA-256 context that is used again for message after message.
///
/// The algorithm is fetched from libcrypto once a process and the context allocated once an instance:
/// on 65 bytes that is three times as fast as OpenSSL's one-shot `SHA256()`, which fetches on each call.
/// Each message starts from a copy of a context that was started once, which takes a tenth less than starting
/// it again and, on OpenSSL 3.0, leaves the algorithm's reference count, which threads share, alone.
/// Not for use from two threads at once (it is not copyable, and its methods are mutating).
@safe public struct SHA256: ~Copyable {
  private let context: OpaquePointer
  private let started: OpaquePointer
  private var isStreaming = false

  /// A context. Traps if libcrypto has no SHA-256 or no memory: nothing can be done without either.
  public init() {
    guard let context = unsafe EVP_MD_CTX_new() else {
      fatalError("libcrypto has no memory for a digest context")
    }
    unsafe self.context = context
    unsafe started = StartedDigest.sha256.context
  }

  deinit { unsafe EVP_MD_CTX_free(context) }

  /// The digest of `message`.
  public mutating func digest(_ message: Span<UInt8>) -> Digest {
    start()
    feed(message)
    return finish()
  }

  /// The digest of the byte `prefix` and then `message`.
  public mutating func digest(prefix: UInt8, _ message: Span<UInt8>) -> Digest {
    start()
    unsafe withUnsafeBytes(of: prefix) { byte in
      unsafe feed(byte)
    }
    feed(message)
    return finish()
  }

  /// The digest of the 65 bytes `prefix || left || right`.
  public mutating func digest(prefix: UInt8, _ left: Digest, _ right: Digest) -> Digest {
    start()
    // One update of 65 bytes: two would cost a call and a copy more.
    unsafe withUnsafeTemporaryAllocation(byteCount: 65, alignment: 8) { buffer in
      unsafe buffer.storeBytes(of: prefix, as: UInt8.self)
      unsafe buffer.storeWords(of: left, at: 1)
      unsafe buffer.storeWords(of: right, at: 33)
      unsafe feed(UnsafeRawBufferPointer(buffer))
    }
    return finish()
  }

  /// Begins a message that arrives in parts; `update` and `finalize` follow. Until `finalize`, every other method
  /// is a bug of the caller's and traps.
  public mutating func begin() {
    start()
    isStreaming = true
  }

  /// Adds `part` to the message that `begin` started.
  public mutating func update(_ part: Span<UInt8>) {
    precondition(isStreaming, "update without begin")
    feed(part)
  }

  /// The digest of the parts since `begin`.
  public mutating func finalize() -> Digest {
    precondition(isStreaming, "finalize without begin")
    isStreaming = false
    return finish()
  }

  /// The digest of `message`, by a context of its own: for the places where one hash is all there is to do.
  public static func digest(of message: [UInt8]) -> Digest {
    var hasher = SHA256()
    return hasher.digest(message.span)
  }

  // EVP calls on a context that has been set up once fail only on misuse, which would be a bug of ours, or for
  // want of some hundred bytes of memory. Neither may end in a wrong digest.

  private mutating func start() {
    precondition(!isStreaming, "a message in parts is still open")
    guard unsafe EVP_MD_CTX_copy_ex(context, started) == 1 else {
      fatalError("SHA-256 context cannot be started")
    }
  }

  private mutating func feed(_ bytes: Span<UInt8>) {
    unsafe bytes.withUnsafeBytes { unsafe feed($0) }
  }

  private mutating func feed(_ bytes: UnsafeRawBufferPointer) {
    guard unsafe EVP_DigestUpdate(context, bytes.baseAddress, bytes.count) == 1 else {
      fatalError("SHA-256 context cannot be fed")
    }
  }

  private mutating func finish() -> Digest {
    unsafe withUnsafeTemporaryAllocation(byteCount: 32, alignment: 8) { buffer in
      guard
        unsafe EVP_DigestFinal_ex(context, buffer.baseAddress?.assumingMemoryBound(to: UInt8.self), nil) == 1
      else { fatalError("SHA-256 context cannot be finished") }
      func word(_ offset: Int) -> UInt64 {
        UInt64(bigEndian: unsafe buffer.load(fromByteOffset: offset, as: UInt64.self))
      }
      return Digest(words: (word(0), word(8), word(16), word(24)))
    }
  }
}

extension UnsafeMutableRawBufferPointer {
  fileprivate func storeWords(of digest: Digest, at offset: Int) {
    unsafe storeBytes(of: digest.word0.bigEndian, toByteOffset: offset, as: UInt64.self)
    unsafe storeBytes(of: digest.word1.bigEndian, toByteOffset: offset + 8, as: UInt64.self)
    unsafe storeBytes(of: digest.word2.bigEndian, toByteOffset: offset + 16, as: UInt64.self)
    unsafe storeBytes(of: digest.word3.bigEndian, toByteOffset: offset + 24, as: UInt64.self)
  }
}

/// A context with nothing hashed yet, made once for the life of the process.
///
/// `@unchecked Sendable`: it is only ever the source of a copy, which libcrypto declares `const`.
@safe private struct StartedDigest: @unchecked Sendable {
  let context: OpaquePointer

  static let sha256: StartedDigest = {
    guard let algorithm = unsafe EVP_MD_fetch(nil, "SHA256", nil), let context = unsafe EVP_MD_CTX_new(),
      unsafe EVP_DigestInit_ex2(context, algorithm, nil) == 1
    else { fatalError("libcrypto cannot start SHA-256") }
    return unsafe StartedDigest(context: context)
  }()
}
