import Foundation
import Ledger
import Scenarios

/// The small JSON file in which an authority writes a calendar of working days.
///
///     {
///       "version": "2026-1",
///       "basis": "国务院办公厅关于2026年部分节假日安排的通知",
///       "holidays": ["2026-10-01", "2026-10-02"],
///       "working": ["2026-10-10"]
///     }
///
/// Exactly these keys, each at most once, `basis` optional: a calendar of which half was overlooked would move due dates.
enum CalendarFile {
  private static let limit = 65_536

  /// The calendar in the file at `path`.
  static func read(_ path: String) throws -> SharingCalendar {
    let bytes = try Files.contents(path, of: "a calendar", limit: limit)
    var parser = FlatJSON(bytes, path)
    let fields = try parser.object()
    func complaint(_ detail: String) -> CommandError { .malformedCalendar(path, detail) }
    let known = ["version", "basis", "holidays", "working"]
    if let key = fields.keys.filter({ !known.contains($0) }).min() {
      throw complaint("there is no key \(key.quoted); a calendar has \(known.joined(separator: ", "))")
    }
    func text(_ key: String) throws -> String? {
      switch fields[key] {
      case nil: return nil
      case .text(let text): return text
      case .list: throw complaint("\(key) is a text")
      }
    }
    func dates(_ key: String) throws -> [CivilDate] {
      guard let value = fields[key] else { throw complaint("\(key) is missing; an empty list is []") }
      guard case .list(let texts) = value else {
        throw complaint("\(key) is a list of days, [\"YYYY-MM-DD\"]")
      }
      var dates: [CivilDate] = []
      for text in texts {
        guard let date = CivilDate(text) else {
          throw complaint("\(text.quoted) in \(key) is no day YYYY-MM-DD")
        }
        guard !dates.contains(date) else { throw complaint("\(date) is in \(key) twice") }
        dates.append(date)
      }
      return dates
    }
    guard let version = try text("version") else { throw complaint("version is missing") }
    let calendar = SharingCalendar(
      version: version, basis: try text("basis"), holidays: try dates("holidays"),
      workingDays: try dates("working"))
    do { _ = try SharingCalendar(decoding: calendar.encoded) } catch { throw complaint(error.reason) }
    return calendar
  }
}

extension CommandError {
  fileprivate static func malformedCalendar(_ path: String, _ detail: String) -> CommandError {
    CommandError(.usage, "malformed-calendar", "\(path): \(detail)")
  }
}

/// A JSON object whose values are texts and lists of texts, without a key twice, which Foundation would let pass.
private struct FlatJSON {
  enum Value {
    case text(String)
    case list([String])
  }

  private let bytes: [UInt8]
  private let path: String
  private var place = 0

  init(_ bytes: [UInt8], _ path: String) { (self.bytes, self.path) = (bytes, path) }

  mutating func object() throws -> [String: Value] {
    var fields: [String: Value] = [:]
    try expect("{")
    if !takes("}") {
      repeat {
        let key = try string()
        try expect(":")
        let value: Value = peek() == UInt8(ascii: "[") ? .list(try list()) : .text(try string())
        guard fields.updateValue(value, forKey: key) == nil else {
          throw wrong("the key \(key.quoted) is there twice")
        }
      } while takes(",")
      try expect("}")
    }
    guard peek() == nil else { throw wrong("something follows the object") }
    return fields
  }

  private mutating func list() throws -> [String] {
    var texts: [String] = []
    try expect("[")
    if takes("]") { return texts }
    repeat { texts.append(try string()) } while takes(",")
    try expect("]")
    return texts
  }

  private mutating func string() throws -> String {
    guard peek() == UInt8(ascii: "\"") else { throw wrong("a text in quotation marks belongs here") }
    var end = place + 1
    while end < bytes.count, bytes[end] != UInt8(ascii: "\"") {
      end += bytes[end] == UInt8(ascii: "\\") ? 2 : 1
    }
    guard end < bytes.count else { throw wrong("a text does not end") }
    let token = Data(bytes[place...end])
    do {
      let text = try JSONDecoder().decode(String.self, from: token)
      place = end + 1
      return text
    } catch { throw wrong("a text is not written as JSON has it") }
  }

  private mutating func expect(_ character: Unicode.Scalar) throws {
    guard takes(character) else { throw wrong("\(character) belongs here") }
  }

  private mutating func takes(_ character: Unicode.Scalar) -> Bool {
    guard peek() == UInt8(ascii: character) else { return false }
    place += 1
    return true
  }

  /// The next byte that is no white space.
  private mutating func peek() -> UInt8? {
    while place < bytes.count, [0x20, 0x09, 0x0a, 0x0d].contains(bytes[place]) { place += 1 }
    return place < bytes.count ? bytes[place] : nil
  }

  private func wrong(_ detail: String) -> CommandError {
    let line = bytes[..<min(place, bytes.count)].count { $0 == UInt8(ascii: "\n") } + 1
    return .malformedCalendar(path, "line \(line): not a JSON object of texts and lists of texts; \(detail)")
  }
}
