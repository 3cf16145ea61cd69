import Consortium
import Testing

@Suite("Following a board")
struct FollowingTests {
  /// A board whose streams of changes end at once, and whose first reading fails.
  private actor Failing: Bulletin {
    private var messages: [[UInt8]] = []
    private var readings = 0

    func post(_ message: Message) { messages.append(message.bytes) }

    func read(height: UInt64) throws -> [[UInt8]] {
      readings += 1
      if readings == 1 { throw ConsortiumError(.malformed, "lost") }
      return messages
    }

    func changes() -> AsyncStream<[UInt8]> { AsyncStream { $0.finish() } }
  }

  @Test("A board that loses its followers and fails now and then is read again, until all it has was heard")
  func failing() async throws {
    let board = Failing()
    let messages = try Council.shared.oneOfEach()
    await board.post(messages[0])
    let (heard, hearing) = AsyncStream.makeStream(of: [UInt8].self)
    let (failed, failing) = AsyncStream.makeStream(of: String.self)
    let following = Task {
      await board.follow(height: { 5 }, every: .milliseconds(10)) {
        failing.yield("\($0)")
      } hear: {
        hearing.yield($0)
      }
    }
    var failures = failed.makeAsyncIterator()
    #expect(await failures.next() == "lost")
    var last = messages[0]
    for await bytes in heard where bytes == last.bytes {
      guard last == messages[0] else { break }
      last = messages[1]
      await board.post(last)
    }
    following.cancel()
    await following.value
  }

  @Test("Changes are heard beside what the board had, and none is heard after the end")
  func changes() async throws {
    let board = MemoryBulletin()
    let messages = try Council.shared.oneOfEach()
    await board.post(messages[0])
    let (heard, hearing) = AsyncStream.makeStream(of: [UInt8].self)
    let following = Task {
      await board.follow(height: { 5 }, every: .seconds(60), hear: { hearing.yield($0) })
      hearing.finish()
    }
    var all: [[UInt8]] = []
    for await bytes in heard {
      all.append(bytes)
      if all.count == 1 { await board.post(messages[1]) }
      if all.count == 2 { following.cancel() }
    }
    #expect(all == [messages[0].bytes, messages[1].bytes])
  }
}
