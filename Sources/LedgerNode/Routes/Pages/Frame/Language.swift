/// A language of the pages, and of the command line.
package enum Language: String, CaseIterable, Sendable {
  case zh, en

  /// As `lang` names it.
  var tag: String { self == .zh ? "zh-CN" : "en" }

  /// The other one.
  var other: Language { self == .zh ? .en : .zh }

  /// The one that a request's `Accept-Language` prefers (RFC 9110 §12.5.4); Chinese where it prefers neither.
  static func preferred(_ header: String?) -> Language {
    var best: (language: Language, weight: Double) = (.zh, 0)
    for range in (header ?? "").split(separator: ",").prefix(32) {
      let parts = range.split(separator: ";").map { $0.filter { !$0.isWhitespace }.lowercased() }
      guard let primary = parts.first?.split(separator: "-").first,
        let language = Language(rawValue: String(primary))
      else { continue }
      let weight = parts.dropFirst().first { $0.hasPrefix("q=") }.map { Double($0.dropFirst(2)) ?? 0 } ?? 1
      if weight > best.weight { best = (language, weight) }
    }
    return best.language
  }
}
