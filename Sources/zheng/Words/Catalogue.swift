import Synchronization

/// The Chinese texts: `words.zh` has those of this module by their English, `told.zh` those for the sentences of the modules below.
enum Catalogue {
  /// Those of this module.
  static let words = read(PackageResources.words_zh)
  /// Those of sentences of the modules below.
  static let sentences = read(PackageResources.told_zh)
  /// What stands between the places of each of those, and its Chinese; the most telling first.
  private static let told = sentences.map { (parts($0.key), $0.value) }
    .sorted { ($0.0.map(\.utf8.count).reduce(0, +), $0.1) > ($1.0.map(\.utf8.count).reduce(0, +), $1.1) }

  /// What was asked for and is not there, noted for the tests.
  final class Missing: Sendable {
    private let texts = Mutex<Set<String>>([])

    var all: Set<String> { texts.withLock { $0 } }

    func note(_ text: String) { _ = texts.withLock { $0.insert(text) } }
  }

  /// The texts of a file: a line each, the English and the Chinese with a tab between them, `\n` for a line feed. Empty lines and lines
  /// that begin with `#` say nothing. Traps on any other line, and on a text that comes twice: they are ours.
  static func read(_ file: [UInt8]) -> [String: String] {
    var texts: [String: String] = [:]
    for line in String(decoding: file, as: UTF8.self).split(separator: "\n") where !line.hasPrefix("#") {
      let pair = line.split(separator: "\t").map { String($0).replacing("\\n", with: "\n") }
      precondition(
        pair.count == 2 && texts[pair[0]] == nil, "no pair of texts, or one that comes twice: \(line)")
      texts[pair[0]] = pair[1]
    }
    return texts
  }

  /// The Chinese of `english`; nil where there is none, as where nothing is to be translated.
  static func chinese(_ english: String) -> String? {
    if let text = words[english] { return text }
    if isText(english) { CommandContext.current.missing?.note(english) }
    return nil
  }

  /// The sentence of a module below that `english` is, and what stands in its places; nil where it is none that is known.
  static func fitting(_ english: String) -> (pattern: String, values: [String])? {
    for (parts, pattern) in told {
      if let values = values(in: english, between: parts) { return (pattern, values) }
    }
    if isText(english) { CommandContext.current.missing?.note(english) }
    return nil
  }

  /// `pattern` with `values` in its places: `{}` is the next one, `{2}` the second.
  static func filled(_ pattern: String, _ values: [String]) -> String {
    var (text, rest, next) = ("", pattern[...], 0)
    while let open = rest.firstIndex(of: "{"), let close = rest[open...].firstIndex(of: "}") {
      let name = rest[rest.index(after: open)..<close]
      let place = name.isEmpty ? next : (Int(name) ?? 0) - 1
      precondition(values.indices.contains(place), "a place without a value: \(pattern)")
      text += rest[..<open] + values[place]
      (rest, next) = (rest[rest.index(after: close)...], next + 1)
    }
    return text + rest
  }

  /// What stands before, between and after the places of `text`.
  private static func parts(_ text: String) -> [String] {
    text.replacing("{}", with: "\0").split(separator: "\0", omittingEmptySubsequences: false).map(String.init)
  }

  private static func values(in text: String, between parts: [String]) -> [String]? {
    guard parts.count > 1 else { return text == parts[0] ? [] : nil }
    guard text.hasPrefix(parts[0]), text.hasSuffix(parts[parts.count - 1]) else { return nil }
    var (values, rest) = ([String](), text.dropFirst(parts[0].count))
    for part in parts.dropFirst().dropLast() {
      guard let range = rest.firstRange(of: part) else { return nil }
      values.append(String(rest[..<range.lowerBound]))
      rest = rest[range.upperBound...]
    }
    let last = parts[parts.count - 1]
    guard rest.hasSuffix(last) else { return nil }
    return values + [String(rest.dropLast(last.count))]
  }

  /// Whether `text` has words in it, rather than numbers, marks and places alone.
  private static func isText(_ text: String) -> Bool {
    text.firstMatch(of: /[A-Za-z]{2}/) != nil
  }
}
