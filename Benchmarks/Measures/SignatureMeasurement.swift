import LedgerCrypto

/// ES256 verification by tables of known keys, against OpenSSL's own: processor time of one core.
///
/// A ledger knows its signers: a key that signs much gets a table, and its signatures are verified in batches. The yardstick is
/// `EVP_PKEY_verify` of one signature by one key with everything set up beforehand.
package struct SignatureMeasurement: Measurement {
  package static let title = "ES256 verification, one core"

  /// How many keys sign, in turns.
  let keys: Int
  /// How many signatures a batch has, `keys` or more.
  let batch: Int
  /// About how long to measure, in s.
  let seconds: Double

  package init(keys: Int, batch: Int, seconds: Double) {
    (self.keys, self.batch, self.seconds) = (keys, batch, seconds)
  }

  package func measure(rounds: Int, _ watcher: Watcher, _ report: (Measure) throws -> Void) throws {
    let many = try SignedBatch(keys: keys, count: batch)
    let one = try SignedBatch(keys: 1, count: batch)
    let (known, unknown) = (KnownKeys(), KnownKeys(expecting: 0, mostTables: 0))
    for key in many.keys + one.keys where !known.makeTable(for: key) {
      watcher.note("libcrypto makes no table of a key here: what is measured is the ordinary way")
    }
    let yardstick = SignatureYardstick(one)
    let ways: [() -> Void] = [
      { many.verify(by: known) }, { one.verify(by: known) }, { many.verify(by: unknown) },
      { many.verifySingly() }, { yardstick.verify(count: batch) },
    ]
    let times = try Rounds.secondsEach(
      rounds, turn: seconds / Double(ways.count * (rounds + 1)),
      ways.map { way in
        { count in for _ in 0..<count { way() } }
      })
    let rates = times.map { $0.map { Double(batch) / $0 } }
    let openSSL = (SignatureYardstick.name, rates[4])
    try report(
      Measure(
        "known-keys", "tables of \(keys == 1 ? "1 key" : "\(keys) keys"), batches of \(batch)",
        unit: "verifies/s",
        rates[0], against: openSSL, goal: .knownKeys))
    try report(
      Measure(
        "one-known-key", "the table of 1 key, batches of \(batch)", unit: "verifies/s", rates[1],
        against: openSSL, goal: .knownKeys))
    try report(
      Measure(
        "ordinary-batches", "batches without tables", unit: "verifies/s", rates[2], against: openSSL))
    try report(
      Measure(
        "ordinary", "one by one, from the message", unit: "verifies/s", rates[3], against: openSSL))
  }
}
