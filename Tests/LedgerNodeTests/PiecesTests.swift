import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdCore
import NIOCore
import NIOPosix
import Synchronization
import Testing

@testable import LedgerNode

@Suite("An answer in pieces", .timeLimit(.minutes(30))) struct PiecesTests {
  /// A connection whose thread is late: it takes what was written a while later.
  private struct LateWriter: ResponseBodyWriter {
    let eventLoop: any EventLoop
    let taken: TakenCount

    func write(_ buffer: ByteBuffer) async throws {
      eventLoop.execute {
        usleep(1_000)
        taken.count.withLock { $0 += 1 }
      }
    }

    consuming func finish(_ trailingHeaders: HTTPFields?) async throws {}
  }

  private final class TakenCount: Sendable {
    let count = Mutex(0)
  }

  @Test("a piece is read when the connection's thread has taken the one before, and not sooner")
  func pieces() async throws {
    let eventLoop = MultiThreadedEventLoopGroup.singleton.any()
    let taken = TakenCount()
    let ahead = Mutex<[Int]>([])
    let answer = Answer(
      .ok, "application/octet-stream", .forbidden,
      .pieces(count: nil) { number in
        let waiting = number - taken.count.withLock { $0 }
        ahead.withLock { $0.append(waiting) }
        return number < 16 ? [UInt8(number)] : nil
      })
    let response = answer.response(isHead: false, on: eventLoop)
    try await response.body.write(LateWriter(eventLoop: eventLoop, taken: taken))
    #expect(ahead.withLock { $0 } == Array(repeating: 0, count: 17))
  }
}
