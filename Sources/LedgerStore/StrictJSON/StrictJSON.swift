import Ledger

/// A JSON object that a person wrote, read key by key: the one reader of such files.
///
/// Whatever is wrong is said with line and column: a key that is there twice, one that nobody asked for, a value of
/// another type.
package struct StrictJSON {
  private var members: [JSONValue.Member]
  private let place: JSONValue.Place
  /// The keys that were asked for.
  private var asked: [String] = []
  /// What the object is, for complaints.
  package let name: String

  /// The object that `bytes` are in UTF-8.
  ///
  /// - Parameter name: what it is, as in "the consortium file".
  package init(parsing bytes: [UInt8], of name: String) throws(Refusal) {
    try self.init(JSONParser.value(bytes), of: name)
  }

  private init(_ value: JSONValue, of name: String) throws(Refusal) {
    guard case .object(let members) = value.content else {
      throw StrictJSON.complaint(value.place, "\(name) must be a JSON object")
    }
    (self.members, place, self.name) = (members, value.place, name)
  }

  private static func complaint(_ place: JSONValue.Place, _ detail: String) -> Refusal {
    Refusal(.malformed, "\(place): \(detail)")
  }

  // MARK: Values

  /// The value at `key`, which must be what `convert` makes something of.
  private mutating func take<Value>(
    _ key: String, _ what: String, _ convert: (JSONValue) -> Value?
  ) throws(Refusal) -> Value? {
    asked.append(key)
    guard let index = members.firstIndex(where: { $0.name.utf8.elementsEqual(key.utf8) }) else { return nil }
    let value = members.remove(at: index).value
    guard let converted = convert(value) else {
      throw StrictJSON.complaint(value.place, "\(key.quoted) of \(name) must be \(what)")
    }
    return converted
  }

  private func required<Value>(_ key: String, _ value: Value?) throws(Refusal) -> Value {
    if let value { return value }
    if let meant = members.first(where: { $0.name.nearest(in: [key]) != nil }) {
      throw StrictJSON.complaint(
        meant.place, "\(name) has an unknown key \(meant.name.quoted); did you mean \(key.quoted)?")
    }
    throw StrictJSON.complaint(place, "\(key.quoted) of \(name) is missing")
  }

  /// Whether the value at `key` is true; false where there is none.
  package mutating func flag(_ key: String) throws(Refusal) -> Bool {
    try take(key, "true or false") { value -> Bool? in
      guard case .bool(let flag) = value.content else { return nil }
      return flag
    } ?? false
  }

  /// The text at `key`; nil where there is none.
  package mutating func optionalText(_ key: String) throws(Refusal) -> String? {
    try take(key, "a text", StrictJSON.text)
  }

  /// The text at `key`.
  package mutating func text(_ key: String) throws(Refusal) -> String {
    try required(key, optionalText(key))
  }

  /// The texts of the list at `key`; nil where there is none.
  package mutating func texts(_ key: String) throws(Refusal) -> [String]? {
    try take(key, "a list of texts") { value in
      guard case .array(let items) = value.content else { return nil }
      let texts = items.compactMap(StrictJSON.text)
      return texts.count == items.count ? texts : nil
    }
  }

  /// The texts of the list at `key`, which must be there, each made into something else by `convert`.
  ///
  /// - Parameter what: what `convert` makes nothing of anything but, as in "a day YYYY-MM-DD".
  package mutating func list<Value>(
    _ key: String, of what: String, _ convert: (String) -> Value?
  ) throws(Refusal) -> [Value] {
    let items = try take(key, "a list") { value -> [JSONValue]? in
      guard case .array(let items) = value.content else { return nil }
      return items
    }
    var values: [Value] = []
    for item in try required(key, items) {
      guard let value = StrictJSON.text(item).flatMap(convert) else {
        throw StrictJSON.complaint(item.place, "each of \(key.quoted) must be \(what)")
      }
      values.append(value)
    }
    return values
  }

  /// The whole number at `key`; nil where there is none.
  package mutating func number(_ key: String) throws(Refusal) -> Int? {
    try take(key, "a whole number", StrictJSON.whole)
  }

  /// The object at `key`; nil where there is none.
  package mutating func object(_ key: String) throws(Refusal) -> StrictJSON? {
    guard let value = try take(key, "an object", { $0 }) else { return nil }
    return try StrictJSON(value, of: "\(key.quoted) of \(name)")
  }

  /// The object at `key`.
  package mutating func requiredObject(_ key: String) throws(Refusal) -> StrictJSON {
    try required(key, object(key))
  }

  /// The objects of the list at `key`; nil where there is none.
  package mutating func objects(_ key: String) throws(Refusal) -> [StrictJSON]? {
    let items = try take(key, "a list of objects") { value -> [JSONValue]? in
      guard case .array(let items) = value.content else { return nil }
      return items
    }
    guard let items else { return nil }
    var objects: [StrictJSON] = []
    for (number, item) in items.enumerated() {
      objects.append(try StrictJSON(item, of: "\(key)[\(number)] of \(name)"))
    }
    return objects
  }

  /// Every remaining key, each with the whole number that it must have.
  package mutating func allNumbers() throws(Refusal) -> [String: UInt64] {
    var numbers: [String: UInt64] = [:]
    for member in members {
      guard let whole = StrictJSON.whole(member.value), whole >= 0 else {
        throw StrictJSON.complaint(
          member.value.place, "\(member.name.quoted) of \(name) must be a whole number, 0 or more")
      }
      numbers[member.name] = UInt64(whole)
    }
    members = []
    return numbers
  }

  // MARK: The whole

  /// Complains of what is left.
  package func finish() throws(Refusal) {
    guard let unknown = members.first else { return }
    let advice =
      unknown.name.nearest(in: asked).map { "did you mean \($0.quoted)?" }
      ?? "there are \(asked.joined(separator: ", "))"
    throw StrictJSON.complaint(
      unknown.place, "\(name) has an unknown key \(unknown.name.quoted); \(advice)")
  }

  /// What `make` makes of this object; a refusal begins with the object's place.
  package func placing<Value>(_ make: () throws(Refusal) -> Value) throws(Refusal) -> Value {
    do { return try make() } catch {
      throw Refusal(error.code, "\(place): \(error.reason)")
    }
  }

  /// A complaint about this object, with its place.
  package func complaint(_ detail: String) -> Refusal { StrictJSON.complaint(place, detail) }

  private static func text(_ value: JSONValue) -> String? {
    guard case .text(let text) = value.content else { return nil }
    return text
  }

  private static func whole(_ value: JSONValue) -> Int? {
    guard case .number(let text) = value.content, let whole = Int(text), abs(whole) < 1 << 53 else {
      return nil
    }
    return whole
  }
}
