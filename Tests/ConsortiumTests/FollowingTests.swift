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

  @Test(
    "A board that loses its followers and fails now and then is read again, until all it has was received")
  func failing() async throws {
    let board = Failing()
    let messages = try Council.shared.oneOfEach()
    await board.post(messages[0])
    let (received, continuation) = AsyncStream.makeStream(of: [UInt8].self)
    let (failed, failing) = AsyncStream.makeStream(of: String.self)
    let following = Task {
      await board.follow(height: { 5 }, every: .milliseconds(10)) {
        failing.yield("\($0)")
      } receive: {
        continuation.yield($0)
      }
    }
    var failures = failed.makeAsyncIterator()
    #expect(await failures.next() == "lost")
    var last = messages[0]
    for await bytes in received where bytes == last.bytes {
      guard last == messages[0] else { break }
      last = messages[1]
      await board.post(last)
    }
    following.cancel()
    await following.value
  }

  @Test("Changes are received beside what the board had, and none is received after the end")
  func changes() async throws {
    let board = MemoryBulletin()
    let messages = try Council.shared.oneOfEach()
    await board.post(messages[0])
    let (received, continuation) = AsyncStream.makeStream(of: [UInt8].self)
    let following = Task {
      await board.follow(height: { 5 }, every: .seconds(60), receive: { continuation.yield($0) })
      continuation.finish()
    }
    var all: [[UInt8]] = []
    for await bytes in received {
      all.append(bytes)
      if all.count == 1 { await board.post(messages[1]) }
      if all.count == 2 { following.cancel() }
    }
    #expect(all == [messages[0].bytes, messages[1].bytes])
  }
}
