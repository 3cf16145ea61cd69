import Foundation
import TestKit
import Testing

@testable import Certificates

@Suite("QR codes", .timeLimit(.minutes(30)))
struct QRCodeTests {
  @Test(
    "a decoder of others reads every version",
    .enabled(if: Shell.has("zbarimg"), "no zbarimg here (Debian's zbar-tools) to read QR codes with"))
  func decoded() async throws {
    let box = try Sandbox()
    let ledger = String(repeating: "0123456789abcdef", count: 4)
    let counts = [1, 14, 15, 26, 27, 42, 62, 84, 106, 122, 152, 180]
    let texts = counts.map { (count: Int) -> String in
      let bytes = (0..<count).map { (place: Int) -> UInt8 in UInt8(33 + (place * 7 + count) % 90) }
      return String(decoding: bytes, as: UTF8.self)
    }
    var sizes: Set<Int> = []
    for (number, text) in (texts + ["zheng:\(ledger):\(ledger)"]).enumerated() {
      let code = QRCode(text)
      sizes.insert(code.size)
      try box.write("\(number).pgm", picture(code))
    }
    let outcome = try await box.must(
      "for n in $(seq 0 \(texts.count)); do zbarimg -q --raw --nodbus $n.pgm 2> error || zbarimg -q --raw $n.pgm; done"
    )
    #expect(outcome.lines == texts + ["zheng:\(ledger):\(ledger)"])
    #expect(sizes == Set((1...9).map { 17 + 4 * $0 }))
  }

  /// The code as a PGM, six points a module.
  private func picture(_ code: QRCode) -> Data {
    let side = (code.size + 8) * 6
    var bytes = Array("P5 \(side) \(side) 255\n".utf8)
    for y in 0..<side { for x in 0..<side { bytes.append(code[x / 6 - 4, y / 6 - 4] ? 0 : 255) } }
    return Data(bytes)
  }

  @Test("the path of the drawing covers the dark modules, and only those")
  func path() throws {
    let code = QRCode("zheng")
    var dark: Set<[Int]> = []
    for run in code.path.matches(of: /M(\d+) (\d+)h(\d+)v1H(\d+)z/) {
      let (x, y, count) = (try #require(Int(run.1)), try #require(Int(run.2)), try #require(Int(run.3)))
      #expect(Int(run.4) == x)
      for column in x..<x + count { dark.insert([column - 4, y - 4]) }
    }
    for y in 0..<code.size { for x in 0..<code.size { #expect(code[x, y] == dark.contains([x, y])) } }
  }
}
