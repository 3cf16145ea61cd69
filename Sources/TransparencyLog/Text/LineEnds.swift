/// Texts whose bytes matter, and that mail or an editor gave other line ends or a byte order mark.
package enum LineEnds {
  /// What to say of them.
  package static let hint = "the line ends were changed (CRLF), probably by mail or an editor"
  private static let markHint = "a byte order mark was put in front, probably by an editor"
  private static let mark: [UInt8] = [0xef, 0xbb, 0xbf]

  /// `bytes` as they were before, and what was changed; nil if nothing was, or if they cannot be restored: only
  /// where every line ends in CRLF were all of them LF.
  package static func restored(_ bytes: [UInt8]) -> (bytes: [UInt8], hint: String)? {
    let hasMark = bytes.starts(with: mark)
    let text = hasMark ? Array(bytes.dropFirst(mark.count)) : bytes
    let (cr, lf) = (UInt8(ascii: "\r"), UInt8(ascii: "\n"))
    guard text.contains(cr) else { return hasMark ? (text, markHint) : nil }
    for place in text.indices {
      if text[place] == cr, place + 1 == text.count || text[place + 1] != lf { return nil }
      if text[place] == lf, place == 0 || text[place - 1] != cr { return nil }
    }
    return (text.filter { $0 != cr }, hint)
  }

  /// What to add to a complaint about `bytes`: the hint where there are line ends that were changed and could not be restored.
  package static func advice(_ bytes: [UInt8]) -> String {
    bytes.contains(UInt8(ascii: "\r")) ? "; \(hint)" : ""
  }
}
