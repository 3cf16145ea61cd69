import Foundation
import Testing

@testable import LedgerNode

@Suite("What a receipt is written with") struct ReceiptTests {
  static let texts: [String] =
    ["", "a", "\"\\/", "line\nline\n", "—  郑州 🀄️ \u{2028}\u{7f}\u{e9}", "\u{fffd}\\u0000"]
    + (0..<0x30).map { "a\(Character(Unicode.Scalar(UInt8($0))))b" }

  @Test("the JSON of a receipt is what the encoder makes of it, and is read back", arguments: texts)
  func json(_ text: String) throws {
    let receipt = NodeReceipt(
      index: .max, block: 0, id: "00ff", time: 7, proof: text, checkpoint: text + text)
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    let json = NodeReceipt.json(
      index: .max, block: 0, id: "00ff", time: 7, proof: Array(text.utf8),
      checkpoint: Array((text + text).utf8))
    #expect(
      String(decoding: json, as: UTF8.self) == String(decoding: try encoder.encode(receipt), as: UTF8.self))
    #expect(try JSONDecoder().decode(NodeReceipt.self, from: Data(json)) == receipt)
  }

  @Test("what ends in time gives its value or its error; what does not is cancelled and gives nothing")
  func deadlines() async throws {
    let generous = Deadlines(.seconds(3600))
    #expect(try await generous.run { 7 } == 7)
    await #expect(throws: CancellationError.self) { try await generous.run { throw CancellationError() } }
    let strict = Deadlines(.zero)
    for _ in 0..<3 {
      let overdue = try await strict.run {
        while !Task.isCancelled { await Task.yield() }
        return 8
      }
      #expect(overdue == nil)
    }
  }

  @Test("who gives up waiting cancels what he waited for")
  func cancelled() async throws {
    let waiting = Task {
      try await Deadlines(.seconds(3600)).run {
        while !Task.isCancelled { await Task.yield() }
        return 1
      }
    }
    waiting.cancel()
    #expect(try await waiting.value == 1)
  }
}
