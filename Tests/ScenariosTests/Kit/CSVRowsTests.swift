import Scenarios
import Testing

@Suite("Comma-separated values (RFC 4180)")
struct CSVRowsTests {
  private func rows(_ text: String) throws -> [[String]] { try CSVRows(Array(text.utf8)).rows.map(\.cells) }

  @Test(
    "rows end with CR LF or LF, quotes hold commas, quotes and line ends, and blank lines are none",
    arguments: [
      ("", []), ("\n\r\n", []), ("a", [["a"]]), ("a,b\r\nc,\r\n", [["a", "b"], ["c", ""]]),
      ("a\n\nb\n", [["a"], ["b"]]),
      ("\"a,b\",\"\"\"c\"\"\"\n", [["a,b", "\"c\""]]), ("\"a\r\nb\",c", [["a\r\nb", "c"]]),
      (",", [["", ""]]),
      ("\u{feff}证,据\n", [["证", "据"]]), ("a \", b", nil), ("a\"b", nil), ("\"a", nil), ("\"a\"b", nil),
      ("a\rb", nil),
      ("a\0", nil), ("\"\u{301}\"", [["\u{301}"]]), ("a\"\u{301}\"", nil),
      ("e\u{301},\u{301}f", [["e\u{301}", "\u{301}f"]]),
    ] as [(String, [[String]]?)])
  func forms(_ text: String, _ wanted: [[String]]?) throws {
    if let wanted {
      #expect(try rows(text) == wanted)
    } else {
      #expect(throws: CSVRows.Malformed.self) { try rows(text) }
    }
  }

  @Test("rows and complaints have the number of the line where they begin; what is no UTF-8 is named")
  func lines() throws {
    #expect(try CSVRows(Array("a\n\n\"b\nb\"\nc".utf8)).rows.map(\.line) == [1, 3, 5])
    for (bytes, line) in [
      (Array("a\nb\"".utf8), 2), (Array("a\n\"b\nc".utf8), 2), (Array("a\n".utf8) + [0xbe, 0xdd], 2),
      ([0xff, 0xfe, 0x41, 0], 1),
    ] as [([UInt8], Int)] {
      do {
        _ = try CSVRows(bytes)
        Issue.record("\(bytes) is none")
      } catch { #expect(error.line == line) }
    }
  }
}
