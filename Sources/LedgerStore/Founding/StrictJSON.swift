import Foundation
import Ledger

/// A JSON object that is read key by key, and complains of keys that nobody asked for.
struct StrictJSON {
  private var values: [String: Any]
  /// What the object is, for complaints.
  let name: String

  /// The object in `bytes`.
  init(parsing bytes: [UInt8], of name: String) throws(Refusal) {
    let value: Any
    do { value = try JSONSerialization.jsonObject(with: Data(bytes)) } catch {
      throw Refusal(.malformed, "\(name) is not JSON: \(error.localizedDescription)")
    }
    try self.init(value, of: name)
  }

  private init(_ value: Any, of name: String) throws(Refusal) {
    guard let values = value as? [String: Any] else {
      throw Refusal(.malformed, "\(name) must be a JSON object")
    }
    (self.values, self.name) = (values, name)
  }

  private mutating func take<Value>(_ key: String, _ what: String) throws(Refusal) -> Value? {
    guard let value = values.removeValue(forKey: key) else { return nil }
    guard let typed = value as? Value else {
      throw Refusal(.malformed, "\"\(key)\" of \(name) must be \(what)")
    }
    return typed
  }

  private func required<Value>(_ key: String, _ value: Value?) throws(Refusal) -> Value {
    guard let value else { throw Refusal(.malformed, "\"\(key)\" of \(name) is missing") }
    return value
  }

  mutating func optionalText(_ key: String) throws(Refusal) -> String? { try take(key, "a text") }

  mutating func text(_ key: String) throws(Refusal) -> String { try required(key, optionalText(key)) }

  mutating func texts(_ key: String) throws(Refusal) -> [String]? { try take(key, "a list of texts") }

  mutating func number(_ key: String) throws(Refusal) -> Int? {
    guard let number: NSNumber = try take(key, "a whole number") else { return nil }
    return try StrictJSON.whole(number, "\"\(key)\" of \(name)")
  }

  mutating func object(_ key: String) throws(Refusal) -> StrictJSON? {
    guard let value: [String: Any] = try take(key, "an object") else { return nil }
    return try StrictJSON(value, of: "\"\(key)\" of \(name)")
  }

  mutating func requiredObject(_ key: String) throws(Refusal) -> StrictJSON { try required(key, object(key)) }

  mutating func objects(_ key: String) throws(Refusal) -> [StrictJSON]? {
    guard let items: [Any] = try take(key, "a list of objects") else { return nil }
    var objects: [StrictJSON] = []
    for (number, item) in items.enumerated() {
      objects.append(try StrictJSON(item, of: "\(key)[\(number)] of \(name)"))
    }
    return objects
  }

  /// Every remaining key, which must have whole numbers.
  mutating func allNumbers() throws(Refusal) -> [String: UInt64] {
    var numbers: [String: UInt64] = [:]
    for (key, value) in values {
      guard let number = value as? NSNumber else {
        throw Refusal(.malformed, "\"\(key)\" of \(name) must be a number")
      }
      let whole = try StrictJSON.whole(number, "\"\(key)\" of \(name)")
      guard whole >= 0 else { throw Refusal(.malformed, "\"\(key)\" of \(name) must not be negative") }
      numbers[key] = UInt64(whole)
    }
    values = [:]
    return numbers
  }

  /// Complains of what is left.
  func finish() throws(Refusal) {
    guard let key = values.keys.min() else { return }
    throw Refusal(.malformed, "\(name) has an unknown key \"\(key)\"")
  }

  private static func whole(_ number: NSNumber, _ what: String) throws(Refusal) -> Int {
    // JSON's true is an NSNumber too, and 1.5 one that converts with loss.
    guard !isBoolean(number), let whole = Int(exactly: number.doubleValue),
      abs(whole) < 1 << 53
    else { throw Refusal(.malformed, "\(what) must be a whole number") }
    return whole
  }

  private static func isBoolean(_ number: NSNumber) -> Bool {
    String(cString: number.objCType) == "c"
  }
}
