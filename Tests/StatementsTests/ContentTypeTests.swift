import Statements
import TestKit
import Testing

@Suite("Entry: content type")
struct ContentTypeTests {
  static func isAccepted(_ text: [UInt8]) -> Bool {
    HandMadeEntry { $0.contentType = [0x03] + Hand.text(text) }.isAccepted
  }

  @Test(
    "media types are read, with or without parameters",
    arguments: [
      "a/b", "text/plain", "TEXT/Plain", "application/octet-stream",
      "application/vnd.zheng.evidence.deposit+cbor",
      "application/vnd.openxmlformats-officedocument.wordprocessingml.document", "1/2",
      "a!#$&-^_.+/b!#$&-^_.+",
      "text/plain;charset=utf-8", "text/plain; charset=utf-8", "text/plain ; charset=utf-8",
      "text/plain  ;  charset=utf-8", "multipart/mixed; boundary=\"a b; c=d\"; x=y", "a/b;c=\"\"",
      "a/b;c=\"\\\"\\\\\"",
      "a/b;c='%*`|~'", "a/b;c=d;c=d",
    ])
  func accepted(text: String) throws {
    let entry = HandMadeEntry { $0.contentType = [0x03] + Hand.text(text) }
    #expect(try SignedStatement(decoding: entry.bytes).contentType == text)
  }

  @Test(
    "what is not one media type is refused",
    arguments: [
      "", "a", "ab", "a/", "/b", "abc", "text", "text/", "/plain", "text//plain", "text/plain/x",
      " text/plain",
      "text/plain ", "text /plain", "text/ plain", "text/plain, text/html", "text/plain text/html", "*/*",
      "text/*",
      "text/plain;", "text/plain; ", "text/plain;;charset=utf-8", "text/plain;charset", "text/plain;charset=",
      "text/plain;=utf-8", "text/plain; charset =utf-8", "text/plain; charset= utf-8",
      "text/plain; charset=utf-8 ",
      "text/plain; charset=utf-8;", "text/plain charset=utf-8", "a/b;c=\"", "a/b;c=\"d", "a/b;c=\"d\\",
      "a/b;c=\"d\\\"",
      "a/b;c=\"d\"e", "a/b;c=d\"e\"", "a/b;c=d e", "a/b;c=(d)", "a/b;c=d/e", "a/b;c=d;\te=f", "text/plain\n",
      "text/plain\u{0}", "text/plain;c=\"\u{7f}\"", "text/plain;c=\"\t\"", "文本/纯", "text/plain;c=\"é\"",
      "text/plаin",
      ".a/b", "a/.b", "-a/b", "a/-b", "+a/b", "a%/b", "a/b*", "a'/b", "a/b,c", "a/b(c)", "a/b@c", "a/b<c>",
      "a/b?c",
      "a/b:c", "a/b\\c", "a/b[c]", "a/b{c}", "a/b|c", "a/b~", "a/b`", "a/b\"c\"", "a/b=c",
    ])
  func refused(text: String) { #expect(!Self.isAccepted(Array(text.utf8))) }

  @Test("a content type has 3 to 255 bytes, and each name at most 127")
  func bounds() {
    func name(_ count: Int) -> String { String(repeating: "a", count: count) }
    for (type, subtype) in [(1, 1), (127, 127), (126, 127), (128, 1), (1, 128), (127, 128), (128, 126)] {
      let isAccepted = type <= 127 && subtype <= 127
      #expect(
        Self.isAccepted(Array("\(name(type))/\(name(subtype))".utf8)) == isAccepted, "\(type)/\(subtype)")
    }
    for count in [250, 254, 255, 256, 257, 1_000] {
      #expect(Self.isAccepted(Array("a/b;c=\(name(count - 6))".utf8)) == (count <= 255))
    }
  }

  @Test("every byte is judged alike in each place of a media type")
  func everyByte() {
    let letters = Set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789".utf8)
    let names = letters.union("!#$&-^_.+".utf8)
    let tokens = names.union("%'*`|~".utf8)
    for byte in UInt8.min ... .max {
      func isAccepted(_ before: String, _ after: String) -> Bool {
        Self.isAccepted(Array(before.utf8) + [byte] + Array(after.utf8))
      }
      #expect(isAccepted("", "a/b") == letters.contains(byte))
      #expect(isAccepted("a", "/b") == names.contains(byte))
      #expect(isAccepted("a/", "b") == letters.contains(byte))
      #expect(isAccepted("a/b", "") == names.contains(byte))
      #expect(isAccepted("a/b;", "c=d") == (tokens.contains(byte) || byte == 0x20))
      #expect(isAccepted("a/b;c=", "d") == tokens.contains(byte))
      #expect(isAccepted("a/b;c=\"", "d\"") == ((0x20...0x7e).contains(byte) && byte != 0x22))
      #expect(isAccepted("a/b;c=\"\\", "\"") == (0x20...0x7e).contains(byte))
    }
  }

  @Test("a content type is text: no number of the CoAP registry, no bytes, no array")
  func types() {
    for value: [UInt8] in [
      [0x00], [0x18, 0x3c], Hand.bytes(Array("text/plain".utf8)), [0xf6], [0x81] + Hand.text("a/b"),
      [0x78, 0x03] + "a/b".utf8,
      [0x7f] + Hand.text("a/b") + [0xff],
    ] { #expect(HandMadeEntry { $0.contentType = [0x03] + value }.refusal == .malformed) }
  }
}
