import Foundation
import LedgerCrypto

/// Signed messages, of several keys in turns.
struct SignedBatch: Sendable {
  let keys: [PublicKey]
  /// By key `number % keys.count`.
  let signatures: [[UInt8]]
  let messages: [[UInt8]]
  private let digests: [Digest]

  /// `count` messages of 300 bytes, which is about what is signed of a record of 256.
  init(keys keyCount: Int, count: Int) throws {
    let pairs = try (0..<keyCount).map { _ in try PrivateKey(generating: .es256) }
    keys = pairs.map(\.publicKey)
    messages = try (0..<count).map { _ in try randomBytes(300) }
    digests = messages.map(SHA256.digest(of:))
    signatures = try messages.enumerated().map { try pairs[$0 % keyCount].signature(over: $1) }
  }

  /// Verifies all as one batch. Traps where one is found bad.
  func verify(by known: KnownKeys) {
    var verifier = BatchVerifier(known)
    for (number, signature) in signatures.enumerated() {
      verifier.add(signature.span, overDigest: digests[number], by: keys[number % keys.count])
    }
    let verdicts = verifier.takeVerdicts()
    precondition(verdicts.count == signatures.count && !verdicts.contains(false), "they are all good")
  }

  /// Verifies one after the other as `PublicKey` does. Traps where one is found bad.
  func verifySingly() {
    for (number, signature) in signatures.enumerated() {
      let message = messages[number]
      let isValid = keys[number % keys.count].isValid(signature: signature.span, over: message.span)
      precondition(isValid, "they are all good")
    }
  }
}

/// What OpenSSL itself takes to verify an ES256 signature.
struct SignatureYardstick: Sendable {
  static let name = "OpenSSL EVP_PKEY_verify, as in openssl speed ecdsap256"
  private let key: PublicKey
  private let signature: [UInt8]
  private let message: [UInt8]

  /// Over the first signature of `batch`.
  init(_ batch: SignedBatch) {
    (key, signature, message) = (batch.keys[0], batch.signatures[0], batch.messages[0])
  }

  /// Over a signature of a key of its own.
  init() throws { self.init(try SignedBatch(keys: 1, count: 1)) }

  /// Verifies `count` times on this thread.
  func verify(count: Int) {
    precondition(Yardsticks.verify(signature, over: message, by: key, count: count), "it is good")
  }

  /// How many verifications all cores together do in a second, which is what `openssl speed -multi` measures: each does as many
  /// as take about `seconds`.
  func perSecondOnAllCores(for seconds: Double) -> Double {
    let trial = Rounds.wallSeconds { verify(count: 16) } / 16
    return AllCores.perSecond(Int(seconds / trial)) { verify(count: $0) }
  }
}

/// Loops on all cores at once.
enum AllCores {
  /// How many items a second all cores do together where each does `count` of them, 1 or more, by `loop`.
  static func perSecond(_ count: Int, _ loop: @Sendable (Int) -> Void) -> Double {
    let cores = Machine.cores
    let count = max(1, count)
    let seconds = Rounds.wallSeconds {
      DispatchQueue.concurrentPerform(iterations: cores) { _ in loop(count) }
    }
    return Double(cores * count) / seconds
  }
}
