import Foundation
import Ledger
import LedgerNode
import Testing

@Suite("A node over a damaged ledger") struct DamageTests {
  @Test("what is not as it was signed is answered with 500 damaged and its place, and kept by nobody")
  func damaged() async throws {
    let ledger = try TestLedger()
    let entry = try ledger.entry("the payload".utf8)
    try await withNode(ledger) { node in
      _ = try await node.connected { try $0.post(entry) }
      _ = try await node.connected { try $0.post(try ledger.entry("another".utf8)) }
    }
    let path = URL(filePath: "\(ledger.folder.path)/entries/000000000000")
    var bytes = try Data(contentsOf: path)
    let place = try #require(bytes.firstRange(of: Data("the payload".utf8)))
    bytes[place.lowerBound] ^= 1
    try bytes.write(to: path)
    try await withNode(ledger) { node in
      for path in ["/entries/2", "/proof/2", "/proof/2?at=head", "/tile/entries/000.p/6"] {
        let answer = try await node.connected { try $0.request("GET", path) }
        let text = String(decoding: answer.body, as: UTF8.self)
        #expect(answer.status == 500 && answer["cache-control"] == "no-store", "\(path)")
        #expect(text.contains("\"code\":\"damaged\"") && text.contains("entry 2"), "\(path): \(text)")
        #expect(!text.contains(ledger.root))
      }
      for path in ["/entries/4", "/proof/4", "/tile/0/000.p/6"] {
        #expect(try await node.connected { try $0.request("GET", path) }.status == 200, "\(path)")
      }
    }
  }
}
