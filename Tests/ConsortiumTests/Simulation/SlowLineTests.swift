import Consortium
import Testing

@Suite("A slow line")
struct SlowLineTests {
  @Test("Lines of 1 MiB a minute end in a small block, fast ones in a whole one")
  func slow() throws {
    let slow = try SlowLine(bytesAMinute: 1 << 20)
    let size = try #require(try slow.run(minutes: 10))
    #expect(size >= Agreement.leastBlockByteCount && size < 1 << 20)
    let fast = try SlowLine(bytesAMinute: 6_000 << 20)
    #expect(try fast.run(minutes: 1) == Message.maximumBlockByteCount)
    #expect(fast.time < 2_000)
  }
}
