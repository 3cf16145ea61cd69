import Testing

@testable import LedgerStore

@Suite("Fingerprint table")
struct FingerprintTableTests {
  @Test("it holds what was put in, and nothing else, at every size")
  func membership() {
    var table = FingerprintTable()
    #expect(table.isEmpty)
    #expect(!table.contains(0))
    var random = SystemRandomNumberGenerator()
    // Also many of one shard, and of one place in it.
    let put: [UInt64] =
      [0, 1, .max, .max - 1] + (0..<20_000).map { _ in random.next() } + (2..<500)
      + (0..<500).map { $0 << 40 }
    for (count, fingerprint) in put.enumerated() {
      table.insert(fingerprint)
      table.insert(fingerprint)
      if count.isMultiple(of: 1000) { #expect(put[...count].allSatisfy(table.contains)) }
    }
    #expect(!table.isEmpty)
    #expect(put.allSatisfy(table.contains))
    let known = Set(put)
    for absent in (0..<20_000).map({ _ in random.next() }) where !known.contains(absent) {
      #expect(!table.contains(absent))
    }
  }
}
