import LedgerCrypto
import Testing

@testable import Measures

@Suite("Yardsticks")
struct YardstickTests {
  @Test("what ours is measured against computes the same digests", arguments: [0, 1, 65, 4096])
  func same(byteCount: Int) {
    let message = (0..<byteCount).map { UInt8(truncatingIfNeeded: $0) }
    #expect(Yardsticks.oneShot(message, count: 3) == SHA256.digest(of: message))
    #expect(Yardsticks.reusedContext(message, count: 3) == SHA256.digest(of: message))
  }
}
