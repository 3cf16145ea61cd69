extension NodeReceipt {
  /// The JSON of a receipt of these parts, byte for byte what a `JSONEncoder` with sorted keys and plain slashes makes of it.
  ///
  /// Written by hand because a node makes one for each statement, and the encoder took as long as all else in the answer.
  ///
  /// - Parameters:
  ///   - proof: UTF-8.
  ///   - checkpoint: UTF-8.
  static func json(
    index: UInt64, block: UInt64, id: String, time: UInt64, proof: [UInt8], checkpoint: [UInt8]
  ) -> [UInt8] {
    var json: [UInt8] = []
    json.reserveCapacity(proof.count + checkpoint.count + 256)
    json += "{\"block\":\(block),\"checkpoint\":".utf8
    JSONText.append(checkpoint, to: &json)
    json += ",\"id\":".utf8
    JSONText.append(Array(id.utf8), to: &json)
    json += ",\"index\":\(index),\"proof\":".utf8
    JSONText.append(proof, to: &json)
    json += ",\"time\":\(time)}".utf8
    return json
  }
}

extension NodeVerdict {
  /// The JSON of the verdict on a record, byte for byte what a `JSONEncoder` makes of it, and by hand for the same reason as a
  /// receipt's. Only for one without a problem.
  var json: [UInt8] {
    var json = "{"
    if let block { json += "\"block\":\(block)," }
    json += "\"id\":\"\(id)\","
    if let index { json += "\"index\":\(index)," }
    json += "\"status\":\(status)"
    if let time { json += ",\"time\":\(time)" }
    return Array((json + "}").utf8)
  }
}

/// Strings as JSON has them (RFC 8259 §7).
enum JSONText {
  /// Whether one of the eight bytes of `word` must be escaped: is below 0x20, a quotation mark or a backslash. May be true where
  /// a byte above 0x7f stands, which must not.
  private static func mayNeedEscape(_ word: UInt64) -> Bool {
    let (ones, tops): (UInt64, UInt64) = (0x0101_0101_0101_0101, 0x8080_8080_8080_8080)
    func hasZero(_ word: UInt64) -> UInt64 { (word &- ones) & ~word & tops }
    return (word &- ones &* 0x20) & tops | word & tops
      | hasZero(word ^ ones &* UInt64(UInt8(ascii: "\"")))
      | hasZero(word ^ ones &* UInt64(UInt8(ascii: "\\")))
      != 0
  }

  /// Appends `text`, which is UTF-8, in quotation marks and escaped where it must be.
  static func append(_ text: [UInt8], to json: inout [UInt8]) {
    let (quote, backslash) = (UInt8(ascii: "\""), UInt8(ascii: "\\"))
    json.append(quote)
    // What needs no escape goes in runs.
    var start = 0
    let bytes = text.span
    var next = 0
    while next < bytes.count {
      // Most of what is written is base64, with a line feed now and then: eight bytes are looked at together.
      if next + 8 <= bytes.count {
        let word = bytes.bytes.unsafeLoadUnaligned(fromByteOffset: next, as: UInt64.self)
        if !mayNeedEscape(word) {
          next += 8
          continue
        }
      }
      let place = next
      let byte = bytes[place]
      next += 1
      guard byte < 0x20 || byte == quote || byte == backslash else { continue }
      json += text[start..<place]
      start = place + 1
      json.append(backslash)
      switch byte {
      case quote, backslash: json.append(byte)
      case 0x08: json.append(UInt8(ascii: "b"))
      case 0x09: json.append(UInt8(ascii: "t"))
      case 0x0a: json.append(UInt8(ascii: "n"))
      case 0x0c: json.append(UInt8(ascii: "f"))
      case 0x0d: json.append(UInt8(ascii: "r"))
      default:
        let digits = Array("0123456789abcdef".utf8)
        json += "u00".utf8
        json.append(digits[Int(byte >> 4)])
        json.append(digits[Int(byte & 15)])
      }
    }
    json += text[start...]
    json.append(quote)
  }
}
