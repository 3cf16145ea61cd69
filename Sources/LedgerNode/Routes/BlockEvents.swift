import HTTPTypes
import Hummingbird
import HummingbirdCore
import LedgerStore
import NIOCore
import ServiceLifecycle

/// `GET /events`: server-sent events (WHATWG HTML §9.2), one a block, without its header's entry and its checkpoint; by the node's word.
///
/// `Last-Event-ID` is the height of the last block that is known: those behind it come, however many. Without it the newest block is the
/// first. The stream ends when the node stops or can't write any more, with the token by which it is read, and when who sent that is no
/// member any more; a comment comes while there is no block.
struct BlockEvents: Sendable {
  let committer: Committer
  /// The height of the first; the newest block's where nil.
  let first: UInt64?
  /// When somebody who listens has gone.
  let closing: EventLoopFuture<Void>
  /// How long nothing may come.
  let pause: Duration
  /// After how long it ends; nil where only the node ends it.
  let life: Duration?
  /// Whether who listens may read what this reader has.
  let mayRead: @Sendable (LedgerReader) throws -> Bool
  let reading: @Sendable (LedgerReader) -> LedgerSnapshot

  /// What `GET /events` looks at in the head of a request.
  static let headers = [
    QueryParameter(
      "Last-Event-ID", .number,
      "the height of the last block that is known; the newest comes first without it")
  ]

  var answer: Answer { Answer(.ok, "text/event-stream", .forbidden, .stream { try await write(to: &$0) }) }

  private func write(to writer: inout any ResponseBodyWriter) async throws {
    // Who is slow is woken once for many blocks.
    let (wakes, wake) = AsyncStream<Void>.makeStream(bufferingPolicy: .bufferingNewest(1))
    closing.whenComplete { _ in wake.finish() }
    let blocks = Task {
      for await _ in committer.readers() { wake.yield() }
      wake.finish()
    }
    let pauses = Task {
      while true {
        try await Task.sleep(for: pause)
        wake.yield()
      }
    }
    let ending = life.map { life in
      Task {
        try await Task.sleep(for: life)
        wake.finish()
      }
    }
    defer {
      ending?.cancel()
      blocks.cancel()
      pauses.cancel()
    }
    try await withGracefulShutdownHandler {
      var next = first
      for await _ in wakes {
        let reading = reading(committer.reader)
        guard try mayRead(reading.reader) else { break }
        let newest = try await Disk.run { try reading.reader.newestBlock().height }
        var height = next ?? newest
        if height > newest { try await writer.write(ByteBuffer(string: ":\n\n")) }
        while height <= newest {
          let event = try await Disk.run { [height] in try reading.event(height) }
          try await writer.write(ByteBuffer(bytes: event))
          height += 1
        }
        next = height
      }
    } onGracefulShutdown: {
      wake.finish()
    }
    try await writer.finish(nil)
  }
}

extension LedgerSnapshot {
  /// The event of the block at `height`.
  fileprivate func event(_ height: UInt64) throws -> [UInt8] {
    let json = try Answer.encoder.encode(nodeBlock(row(at: height)))
    return Array("id: \(height)\nevent: block\ndata: ".utf8) + json + Array("\n\n".utf8)
  }
}
