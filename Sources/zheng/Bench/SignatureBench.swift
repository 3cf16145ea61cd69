import ArgumentParser
import Foundation
import LedgerCrypto

/// `zheng bench verify-signature`.
struct SignatureBench: MeasureCommand {
  static let configuration = CommandConfiguration(
    commandName: "verify-signature",
    abstract: "Measure ES256 verification by tables of known keys, against OpenSSL's own.",
    discussion: """
      A ledger knows its signers: a key that signs much gets a table, and its signatures are verified in batches. The yardstick \
      is EVP_PKEY_verify of one signature by one key with everything set up beforehand, which is what `openssl speed \
      ecdsap256` does. Processor time of one core.

        zheng bench verify-signature
        zheng bench verify-signature --keys 100 --seconds 20
      """)
  static let title = "ES256 verification, one core"

  @Option(help: "How many keys sign, in turns.") var keys = 16
  @Option(help: "How many signatures a batch has.") var batch = 1024
  @Option(help: "About how long to measure, in s.") var seconds = 12.0
  @OptionGroup var measuring: MeasureOptions

  func validate() throws {
    guard (1...KnownKeys.mostTables).contains(keys) else {
      throw ValidationError("--keys may be 1 to \(KnownKeys.mostTables)")
    }
    guard (keys...65_536).contains(batch) else {
      throw ValidationError("--batch may be the number of keys to 65536")
    }
    guard (0.01...3600).contains(seconds) else { throw ValidationError("--seconds may be 0.01 to 3600") }
  }

  func measure(_ tell: (Measure) throws -> Void) throws {
    let many = try SignedBatch(keys: keys, count: batch)
    let one = try SignedBatch(keys: 1, count: batch)
    let (known, unknown) = (KnownKeys(), KnownKeys(expecting: 0, mostTables: 0))
    for key in many.keys + one.keys where !known.makeTable(for: key) {
      Diagnostics.note("libcrypto makes no table of a key here: what is measured is the ordinary way")
    }
    let yardstick = SignatureYardstick(one)
    let ways: [() -> Void] = [
      { many.verify(by: known) }, { one.verify(by: known) }, { many.verify(by: unknown) },
      { many.verifySingly() }, { yardstick.verify(count: batch) },
    ]
    let times = try Turns.secondsEach(
      measuring.rounds, turn: seconds / Double(ways.count * (measuring.rounds + 1)),
      ways.map { way in
        { count in for _ in 0..<count { way() } }
      })
    let rates = times.map { $0.map { Double(batch) / $0 } }
    let openSSL = (SignatureYardstick.name, rates[4])
    let goal = Goal.atLeast(2.7, aim: 3.7)
    try tell(
      Measure(
        "known-keys", "tables of \(Printable.count(keys, "key")), batches of \(batch)", unit: "verifies/s",
        rates[0], against: openSSL, goal: goal))
    try tell(
      Measure(
        "one-known-key", "the table of 1 key, batches of \(batch)", unit: "verifies/s", rates[1],
        against: openSSL, goal: goal))
    try tell(
      Measure(
        "ordinary-batches", "batches without tables", unit: "verifies/s", rates[2], against: openSSL))
    try tell(
      Measure(
        "ordinary", "one by one, from the message", unit: "verifies/s", rates[3], against: openSSL))
  }
}

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
    let trial = Turns.wallSeconds { verify(count: 16) } / 16
    return AllCores.perSecond(Int(seconds / trial)) { verify(count: $0) }
  }
}

/// Loops on all cores at once.
enum AllCores {
  /// How many items a second all cores do together where each does `count` of them, 1 or more, by `loop`.
  static func perSecond(_ count: Int, _ loop: @Sendable (Int) -> Void) -> Double {
    let cores = Machine.cores
    let count = max(1, count)
    let seconds = Turns.wallSeconds {
      DispatchQueue.concurrentPerform(iterations: cores) { _ in loop(count) }
    }
    return Double(cores * count) / seconds
  }
}
