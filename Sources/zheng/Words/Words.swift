import LedgerNode
import Scenarios

/// A text for people. The English that stands in the code is the key to its Chinese in `words.zh`, with `{}` for each value.
///
/// A value is shown as it is: what a member wrote is not translated, whatever it looks like.
struct Words: ExpressibleByStringInterpolation {
  struct StringInterpolation: StringInterpolationProtocol {
    fileprivate var fixed = [""]
    fileprivate var values: [String] = []

    init(literalCapacity: Int, interpolationCount: Int) {}

    mutating func appendLiteral(_ literal: String) { fixed[fixed.count - 1] += literal }

    mutating func appendInterpolation<Value>(_ value: Value) {
      values.append("\(value)")
      fixed.append("")
    }
  }

  /// What stands before, between and after the values: one more than there are.
  private let fixed: [String]
  private let values: [String]

  init(stringLiteral text: String) { (fixed, values) = ([text], []) }

  init(stringInterpolation text: StringInterpolation) { (fixed, values) = (text.fixed, text.values) }

  /// A count of what `what` names.
  fileprivate init(_ count: String, _ what: String) { (fixed, values) = (["", " \(what)"], [count]) }

  /// The text in the language of the command that runs: in English where there is no other.
  var text: String {
    if Language.current == .zh, let pattern = Catalogue.chinese(fixed.joined(separator: "{}")) {
      return Catalogue.filled(pattern, values)
    }
    return zip(fixed, values + [""]).reduce("") { $0 + $1.0 + $1.1 }
  }
}

/// A text of this module, in the language of whoever reads.
func localized(_ words: Words) -> String { words.text }

/// What a module below worded in English, in the language of whoever reads: by the sentence of `told.zh` that it is.
func retold(_ english: String) -> String {
  guard Language.current == .zh, let (pattern, values) = Catalogue.fitting(english) else { return english }
  return Catalogue.filled(pattern, values)
}

/// `1 file`, `2 files`. Chinese has a measure word in the place of a plural: `2 个文件`.
func counted(_ count: some BinaryInteger, _ what: String, plural: String? = nil) -> String {
  Language.current == .en
    ? Printable.count(count, what, plural: plural) : Words("\(count)", what).text
}

/// `12 bytes`, `3.4 MiB`.
func sized(_ count: UInt64) -> String {
  count < 1024 ? counted(count, "byte") : Printable.byteCount(count)
}

/// `a, b`.
func listed(_ items: [String]) -> String { items.joined(separator: Language.current == .zh ? "、" : ", ") }

/// What the pages call `value` of a closed set, such as a state or a kind: for `state` their text `state.sealed`. In English the value
/// itself, as commands take it.
func named(_ group: String, _ value: String) -> String {
  guard Language.current == .zh else { return value }
  return PageWords.chinese("\(group).\(value)") ?? Catalogue.chinese("\(group).\(value)") ?? value
}

/// What the pages call a kind of records of evidence or of data sharing, or a countersignature.
func named(kind value: String, of scenario: String) -> String {
  named(value == "countersign" ? "kind" : "kind.\(scenario)", value)
}

/// What a rule set calls a role.
func named(role id: String) -> String {
  Language.current == .en ? id : Scenarios.roles.first { $0.id == id }?.zh ?? id
}

/// The name of a row or of a column.
func label(_ name: String) -> String {
  Language.current == .zh ? Catalogue.chinese(name) ?? name : name
}

/// Two columns, the left ones labels.
func labelled(_ rows: [(String, String)]) -> String {
  Printable.table(rows.map { (label($0.0), $0.1) })
}
