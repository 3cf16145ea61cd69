import Ledger

/// A JSON value (RFC 8259) and the place in the text where it begins.
struct JSONValue {
  /// A place in a text; both are counted from 1, columns in Unicode scalars.
  struct Place: CustomStringConvertible {
    let line, column: Int

    var description: String { "line \(line), column \(column)" }
  }

  indirect enum Content {
    case null
    case bool(Bool)
    /// As it is written.
    case number(String)
    case text(String)
    case array([JSONValue])
    /// In the order of the text; no name is there twice.
    case object([Member])
  }

  /// A name and its value.
  struct Member {
    let name: String
    /// Where the name begins.
    let place: Place
    let value: JSONValue
  }

  let content: Content
  let place: Place
}

/// Reads JSON text and complains of everything that RFC 8259 does not have, and of a name that is twice in an object:
/// of two values a person would read the one and a program take the other.
struct JSONParser {
  private let bytes: [UInt8]
  private var position = 0

  /// The deepest nesting.
  private static let maximumDepth = 16

  private init(_ bytes: [UInt8]) { self.bytes = bytes }

  /// The value that `bytes` are; a byte order mark may stand before it, as some editors put it there.
  ///
  /// - Throws: `malformed`, with line and column.
  static func value(_ bytes: [UInt8]) throws(Refusal) -> JSONValue {
    var parser = JSONParser(bytes)
    if bytes.starts(with: [0xef, 0xbb, 0xbf]) { parser.position = 3 }
    guard String(validating: bytes, as: UTF8.self) != nil else {
      throw Refusal(.malformed, "not JSON: it is not UTF-8; save the file as UTF-8")
    }
    let value = try parser.value(depth: 0)
    if parser.peek() != nil { throw parser.wrong("nothing may follow the value") }
    return value
  }

  // MARK: Values

  private mutating func value(depth: Int) throws(Refusal) -> JSONValue {
    guard depth < JSONParser.maximumDepth else { throw wrong("nested too deeply") }
    let next = peek()
    let place = place(of: position)
    let content: JSONValue.Content
    switch next {
    case UInt8(ascii: "{"): content = .object(try members(depth: depth))
    case UInt8(ascii: "["): content = .array(try items(depth: depth))
    case UInt8(ascii: "\""): content = .text(try text())
    case .some(let byte)
    where byte == UInt8(ascii: "-") || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte):
      content = .number(try number())
    default:
      if takes(word: "true") {
        content = .bool(true)
      } else if takes(word: "false") {
        content = .bool(false)
      } else if takes(word: "null") {
        content = .null
      } else {
        throw wrong(next == nil ? "it ends where a value belongs" : "a value belongs here")
      }
    }
    return JSONValue(content: content, place: place)
  }

  private mutating func members(depth: Int) throws(Refusal) -> [JSONValue.Member] {
    try expect("{")
    var members: [JSONValue.Member] = []
    var places: [[UInt8]: JSONValue.Place] = [:]
    if takes("}") { return members }
    repeat {
      guard peek() == UInt8(ascii: "\"") else {
        throw wrong("a name in quotation marks belongs here")
      }
      let (start, place) = (position, place(of: position))
      let name = try text()
      if let first = places.updateValue(place, forKey: Array(name.utf8)) {
        position = start
        throw wrong("the key \(name.quoted) appears twice, first at \(first); remove one")
      }
      try expect(":")
      members.append(JSONValue.Member(name: name, place: place, value: try value(depth: depth + 1)))
    } while takes(",")
    try expect("}", or: ",")
    return members
  }

  private mutating func items(depth: Int) throws(Refusal) -> [JSONValue] {
    try expect("[")
    var items: [JSONValue] = []
    if takes("]") { return items }
    repeat { items.append(try value(depth: depth + 1)) } while takes(",")
    try expect("]", or: ",")
    return items
  }

  private mutating func number() throws(Refusal) -> String {
    let start = position
    func digits(_ at: Int) -> Int {
      var at = at
      while at < bytes.count, bytes[at] >= UInt8(ascii: "0"), bytes[at] <= UInt8(ascii: "9") { at += 1 }
      return at
    }
    func byte(_ at: Int) -> UInt8? { at < bytes.count ? bytes[at] : nil }
    var at = start
    if byte(at) == UInt8(ascii: "-") { at += 1 }
    let whole = digits(at)
    var isGood = whole > at && (bytes[at] != UInt8(ascii: "0") || whole == at + 1)
    at = whole
    if byte(at) == UInt8(ascii: ".") {
      let end = digits(at + 1)
      isGood = isGood && end > at + 1
      at = end
    }
    if byte(at) == UInt8(ascii: "e") || byte(at) == UInt8(ascii: "E") {
      at += 1
      if byte(at) == UInt8(ascii: "+") || byte(at) == UInt8(ascii: "-") { at += 1 }
      let end = digits(at)
      isGood = isGood && end > at
      at = end
    }
    guard isGood else { throw wrong("a number is not written as JSON has it") }
    position = at
    return String(decoding: bytes[start..<at], as: UTF8.self)
  }

  private mutating func text() throws(Refusal) -> String {
    let start = position
    position += 1
    var text: [UInt8] = []
    while position < bytes.count, bytes[position] != UInt8(ascii: "\"") {
      let byte = bytes[position]
      guard byte >= 0x20 else {
        if byte == 0x0a || byte == 0x0d { position = start }
        throw wrong(
          position == start ? "a text does not end on its line" : "a text holds a control character")
      }
      if byte == UInt8(ascii: "\\") {
        try text.append(contentsOf: String(escape()).utf8)
      } else {
        text.append(byte)
        position += 1
      }
    }
    guard position < bytes.count else {
      position = start
      throw wrong("a text does not end")
    }
    position += 1
    return String(decoding: text, as: UTF8.self)
  }

  /// What the escape at `position` means.
  private mutating func escape() throws(Refusal) -> Unicode.Scalar {
    let simple: [UInt8: Unicode.Scalar] = [
      UInt8(ascii: "\""): "\"", UInt8(ascii: "\\"): "\\", UInt8(ascii: "/"): "/", UInt8(ascii: "b"): "\u{8}",
      UInt8(ascii: "f"): "\u{c}", UInt8(ascii: "n"): "\n", UInt8(ascii: "r"): "\r", UInt8(ascii: "t"): "\t",
    ]
    if position + 1 < bytes.count, let meaning = simple[bytes[position + 1]] {
      position += 2
      return meaning
    }
    guard let first = hexadecimal(at: position) else { throw wrong("JSON has no such escape") }
    if let scalar = Unicode.Scalar(first) {
      position += 6
      return scalar
    }
    // Two surrogates are one scalar.
    guard (0xd800..<0xdc00).contains(first), let second = hexadecimal(at: position + 6),
      (0xdc00..<0xe000).contains(second),
      let scalar = Unicode.Scalar(0x1_0000 + (first - 0xd800) << 10 + (second - 0xdc00))
    else { throw wrong("half of a surrogate pair is no character") }
    position += 12
    return scalar
  }

  /// The number of the `\uXXXX` at `place`; nil where there is none.
  private func hexadecimal(at place: Int) -> UInt32? {
    guard place + 6 <= bytes.count, bytes[place] == UInt8(ascii: "\\"), bytes[place + 1] == UInt8(ascii: "u")
    else { return nil }
    var number: UInt32 = 0
    for byte in bytes[place + 2..<place + 6] {
      guard let digit = Character(Unicode.Scalar(byte)).hexDigitValue else { return nil }
      number = number << 4 | UInt32(digit)
    }
    return number
  }

  // MARK: Bytes

  /// The next byte that is no white space; `position` is its place then.
  private mutating func peek() -> UInt8? {
    while position < bytes.count, [0x20, 0x09, 0x0a, 0x0d].contains(bytes[position]) { position += 1 }
    return position < bytes.count ? bytes[position] : nil
  }

  private mutating func takes(_ mark: Unicode.Scalar) -> Bool {
    guard peek() == UInt8(ascii: mark) else { return false }
    position += 1
    return true
  }

  private mutating func takes(word: String) -> Bool {
    guard bytes[position...].starts(with: word.utf8) else { return false }
    position += word.utf8.count
    return true
  }

  private mutating func expect(_ mark: Unicode.Scalar, or other: Unicode.Scalar? = nil) throws(Refusal) {
    guard !takes(mark) else { return }
    throw wrong("\(other.map { "\($0) or " } ?? "")\(mark) belongs here")
  }

  private func place(of position: Int) -> JSONValue.Place {
    let before = bytes[..<position]
    let start = before.lastIndex(of: 0x0a).map { $0 + 1 } ?? (bytes.starts(with: [0xef, 0xbb, 0xbf]) ? 3 : 0)
    let column = before[min(start, position)...].count { $0 & 0xc0 != 0x80 } + 1
    return JSONValue.Place(line: before.count { $0 == 0x0a } + 1, column: column)
  }

  private func wrong(_ detail: String) -> Refusal {
    Refusal(.malformed, "\(place(of: position)): not JSON: \(detail)")
  }
}
