import Certificates
import Ledger
import LedgerCrypto
import Scenarios
import Statements

/// Why what was filled in is no payload.
enum FormFault: Error {
  /// A field by its path, and the text of the pages that says what it must be.
  case field(String, must: String, [String: HTML] = [:])
  /// What the rules say of it.
  case refusal(Refusal)
}

/// Reads a list of fields from what was typed into a form, where a map's fields are called `MAP.FIELD`.
///
/// A blank field is absent. Texts of a list stand on lines of their own, and their order does not matter: they are sorted by bytes. A time is
/// a civil one, `2026-11-28T14:05` or with seconds, by the ledger's clocks.
struct FormReader: FieldVisitor {
  static var setsFields: Bool { true }

  private let fields: [String: String]
  private let offset: UTCOffset
  /// What stands before the names of this map's fields.
  private var prefix = ""

  init(_ fields: [String: String], _ offset: UTCOffset) { (self.fields, self.offset) = (fields, offset) }

  /// Whether a number within `range` is a time, in s since the epoch.
  static func isTime(_ range: ClosedRange<UInt64>) -> Bool { range.upperBound == 1 << 40 }

  /// What was typed at `key`; nil where that is blank.
  private func typed(_ key: String, _ presence: Presence) throws(FormFault) -> String? {
    let text = (fields[prefix + key] ?? "").trimmed
    if !text.isEmpty { return text }
    guard presence == .optional else { throw .field(prefix + key, must: "form.required") }
    return nil
  }

  private func fault(_ key: String, must: String, _ values: [String: HTML] = [:]) -> FormFault {
    .field(prefix + key, must: must, values)
  }

  mutating func text(
    _ key: String, _ value: inout String?, _ presence: Presence, _ bytes: ClosedRange<Int>, _ style: TextStyle
  ) throws(FormFault) {
    value = try typed(key, presence)
    guard let value, !bytes.contains(value.utf8.count) else { return }
    throw fault(
      key, must: "form.length",
      ["count": "\(value.utf8.count)", "least": "\(bytes.lowerBound)", "most": "\(bytes.upperBound)"])
  }

  mutating func word<Word: FieldWord>(
    _ key: String, _ value: inout Word?, _ presence: Presence
  ) throws(FormFault) {
    guard let text = try typed(key, presence) else { return value = nil }
    guard let word = Word(rawValue: text) else { throw fault(key, must: "form.word") }
    value = word
  }

  mutating func unsigned(
    _ key: String, _ value: inout UInt64?, _ presence: Presence, in range: ClosedRange<UInt64>
  ) throws(FormFault) {
    guard let text = try typed(key, presence) else { return value = nil }
    let isTime = FormReader.isTime(range)
    guard let number = isTime ? seconds(text) : Query.number(text), range.contains(number) else {
      throw fault(key, must: isTime ? "form.time" : "form.number")
    }
    value = number
  }

  /// The s since the epoch that a civil time is.
  private func seconds(_ text: String) -> UInt64? {
    let parts = text.split(separator: "T", omittingEmptySubsequences: false)
    guard parts.count == 2, let day = CivilDate(String(parts[0])) else { return nil }
    let clock = parts[1].split(separator: ":", omittingEmptySubsequences: false).map {
      $0.count == 2 ? UInt64($0) : nil
    }
    guard (2...3).contains(clock.count), let hour = clock[0], let minute = clock[1], hour < 24, minute < 60,
      let second = clock.count == 3 ? clock[2] : 0, second < 60
    else { return nil }
    return day.start(offset) / 1000 + hour * 3600 + minute * 60 + second
  }

  mutating func bytes(
    _ key: String, _ value: inout [UInt8]?, _ presence: Presence, _ count: ClosedRange<Int>
  ) throws(FormFault) {
    guard let text = try typed(key, presence) else { return value = nil }
    guard let bytes = Hex.decode(text.lowercased().filter { !$0.isWhitespace }), count.contains(bytes.count)
    else {
      throw fault(key, must: "form.hex", ["count": "\(2 * count.lowerBound)"])
    }
    value = bytes
  }

  mutating func digest(_ key: String, _ value: inout Digest?, _ presence: Presence) throws(FormFault) {
    var field: [UInt8]?
    try bytes(key, &field, presence, Digest.byteCount...Digest.byteCount)
    value = field.flatMap { Digest($0) }
  }

  mutating func texts(
    _ key: String, _ values: inout [String], _ presence: Presence, _ count: ClosedRange<Int>,
    each bytes: ClosedRange<Int>, _ style: TextStyle
  ) throws(FormFault) {
    let lines = (fields[prefix + key] ?? "").split(separator: "\n").map { String($0).trimmed }.filter {
      !$0.isEmpty
    }
    values = Set(lines).sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    if values.isEmpty, presence == .optional { return }
    guard count.contains(values.count), values.allSatisfy({ bytes.contains($0.utf8.count) }) else {
      throw values.isEmpty
        ? fault(key, must: "form.required")
        : fault(key, must: "form.lines", ["count": "\(count.upperBound)", "most": "\(bytes.upperBound)"])
    }
  }

  mutating func unsigneds(
    _ key: String, _ values: inout [UInt64], _ count: ClosedRange<Int>
  ) throws(FormFault) {
    let lines = (fields[prefix + key] ?? "").split(separator: "\n").map { String($0).trimmed }.filter {
      !$0.isEmpty
    }
    values = lines.compactMap { Query.number($0) }
    guard values.count == lines.count, count.contains(values.count) else {
      throw fault(key, must: "form.number")
    }
  }

  mutating func map<Fields: FieldList>(_ key: String, _ value: inout Fields?) throws(FormFault) {
    let name = "\(prefix)\(key)."
    guard fields.contains(where: { $0.key.hasPrefix(name) && !$0.value.trimmed.isEmpty }) else {
      return value = nil
    }
    var (inner, reader) = (Fields(), self)
    reader.prefix = name
    try inner.visit(&reader)
    value = inner
  }

  /// No form has a list of maps.
  mutating func maps<Fields: FieldList>(
    _ key: String, _ values: inout [Fields], most: Int
  ) throws(FormFault) { values = [] }

  mutating func require(_ holds: Bool, _ refusal: (_ name: String) -> Refusal) throws(FormFault) {
    if !holds { throw .refusal(refusal("form")) }
  }
}

extension FieldList {
  /// What was typed into a form, encoded as validators will be able to read it.
  ///
  /// - Throws: `FormFault`, also for what they would say of the payload alone.
  static func encoded(_ form: [String: String], _ offset: UTCOffset) throws(FormFault) -> [UInt8] {
    var (payload, reader) = (Self(), FormReader(form, offset))
    try payload.visit(&reader)
    do throws(Refusal) {
      if let payload = payload as? any SharingPayload { try payload.refusePersonalData() }
      let encoded = payload.encoded
      _ = try Self(decoding: encoded)
      return encoded
    } catch { throw .refusal(error) }
  }
}
