import Ledger
import Testing

@testable import LedgerStore

@Suite("JSON that a person wrote")
struct StrictJSONTests {
  /// Reads an object with a few known keys, and gives the complaint.
  private func complaint(_ text: String) -> String? { complaint(Array(text.utf8)) }

  private func complaint(_ bytes: [UInt8]) -> String? {
    do throws(Refusal) {
      var object = try StrictJSON(parsing: bytes, of: "the file")
      _ = try object.text("origin")
      _ = try object.number("quorum")
      _ = try object.texts("list")
      if var inner = try object.object("inner") {
        _ = try inner.optionalText("zh")
        try inner.finish()
      }
      _ = try object.objects("members")
      try object.finish()
      return nil
    } catch { return error.reason }
  }

  @Test("a good file is read, with or without a byte order mark, whatever the line ends and the white space")
  func good() throws {
    let text =
      "{\r\n \"origin\" : \"a\\u00e9\\ud83d\\ude00\\n\\/\" ,\t\"quorum\":1,\"list\":[\"x\",\"y\"],\"inner\":{},\"members\":[{}]}\n"
    #expect(complaint(text) == nil)
    #expect(complaint([0xef, 0xbb, 0xbf] + Array(text.utf8)) == nil)
    var object = try StrictJSON(parsing: Array(text.utf8), of: "the file")
    #expect(try object.text("origin") == "aé😀\n/")
    #expect(try object.texts("list") == ["x", "y"])
    #expect(try object.number("quorum") == 1)
  }

  @Test(
    "a key that is there twice is refused, with both places: also where it is written in two ways, and deep inside"
  )
  func twice() {
    #expect(
      complaint("{\"origin\":\"a\",\n  \"origin\":\"b\"}")
        == "line 2, column 3: not JSON: the key \"origin\" appears twice, first at line 1, column 2; remove one"
    )
    #expect(complaint(#"{"origin":"a","or\u0069gin":"b"}"#)?.contains("twice") == true)
    #expect(complaint(#"{"origin":"a","inner":{"zh":"a","zh":"a"}}"#)?.contains("column 33") == true)
    // Two keys that Swift calls equal are two.
    #expect(complaint("{\"origin\":\"a\",\"\u{e9}\":1,\"e\u{301}\":2}")?.contains("unknown key") == true)
  }

  @Test("an unknown key is refused with its place, and with the one that was probably meant")
  func unknown() {
    #expect(
      complaint("{\"orgin\":\"a\"}")
        == "line 1, column 2: the file has an unknown key \"orgin\"; did you mean \"origin\"?")
    #expect(
      complaint("{\"origin\":\"甲\",\"quorun\":1}")
        == "line 1, column 15: the file has an unknown key \"quorun\"; did you mean \"quorum\"?")
    #expect(complaint(#"{"origin":"a","inner":{"zh":"a","xyz":1}}"#)?.contains("there are zh") == true)
    #expect(complaint("{}") == "line 1, column 1: \"origin\" of the file is missing")
  }

  @Test("a value of another type is refused with its place")
  func types() {
    for (text, wanted) in [
      (#"{"origin":1}"#, "line 1, column 11: \"origin\" of the file must be a text"),
      (#"{"origin":"a","quorum":"1"}"#, "line 1, column 24: \"quorum\" of the file must be a whole number"),
      (#"{"origin":"a","quorum":1.0}"#, "must be a whole number"),
      (#"{"origin":"a","quorum":true}"#, "must be a whole number"),
      (#"{"origin":"a","quorum":1e1}"#, "must be a whole number"),
      (#"{"origin":"a","quorum":99999999999999999999}"#, "must be a whole number"),
      (#"{"origin":"a","list":["x",1]}"#, "must be a list of texts"),
      (#"{"origin":"a","inner":[]}"#, "must be a JSON object"),
      (#"{"origin":"a","members":[1]}"#, "line 1, column 26"), ("[]", "must be a JSON object"),
    ] {
      #expect(complaint(text)?.contains(wanted) == true, "\(text): \(complaint(text) ?? "accepted")")
    }
  }

  @Test("what is not JSON is refused with line and column")
  func syntax() {
    for (text, place) in [
      ("", "line 1, column 1"), ("{", "line 1, column 2"), ("{\"origin\":\"a\",}", "line 1, column 15"),
      ("{\"origin\":\"a\"", "line 1, column 14"), ("{\n\"origin\" \"a\"}", "line 2, column 10"),
      ("{\"origin\":\"a\"}\n\nx", "line 3, column 1"), ("{\"origin\":\"a\"} {}", "line 1, column 16"),
      ("{\"origin\":\"a\nb\"}", "line 1, column 11"), ("{\"origin\":\"a\tb\"}", "line 1, column 13"),
      ("{\"origin\":\"\\x\"}", "line 1, column 12"), ("{\"origin\":\"\\ud800\"}", "line 1, column 12"),
      ("{\"origin\":\"\\udc00\\ud800\"}", "line 1, column 12"), ("{origin:1}", "line 1, column 2"),
      ("{\"origin\":'a'}", "line 1, column 11"), ("{\"origin\":01}", "line 1, column 11"),
      ("{\"origin\":-}", "line 1, column 11"), ("{\"origin\":1.}", "line 1, column 11"),
      ("{\"origin\":nul}", "line 1, column 11"), ("{\"origin\":NaN}", "line 1, column 11"),
      ("{\"origin\":// x\n\"a\"}", "line 1, column 11"), ("{\"甲\":1,\"乙\"}", "line 1, column 11"),
    ] {
      #expect(
        complaint(text)?.utf8.starts(with: "\(place): not JSON: ".utf8) == true,
        "\(text): \(complaint(text) ?? "accepted")")
    }
    #expect(complaint(Array("{\"origin\":\"".utf8) + [0xff] + Array("\"}".utf8))?.contains("UTF-8") == true)
    #expect(complaint(String(repeating: "[", count: 100_000))?.contains("too deeply") == true)
  }
}
