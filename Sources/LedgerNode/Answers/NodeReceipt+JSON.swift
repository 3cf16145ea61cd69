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

/// Strings as JSON has them (RFC 8259 §7).
enum JSONText {
  /// Appends `text`, which is UTF-8, in quotation marks and escaped where it must be.
  static func append(_ text: [UInt8], to json: inout [UInt8]) {
    let (quote, backslash) = (UInt8(ascii: "\""), UInt8(ascii: "\\"))
    json.append(quote)
    // What needs no escape goes in runs.
    var start = 0
    let bytes = text.span
    for place in bytes.indices {
      let byte = bytes[place]
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
