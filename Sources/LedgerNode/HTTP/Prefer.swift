import HTTPTypes

/// What a request's `Prefer` asks for (RFC 7240 §2), as far as the node has a choice.
enum Prefer {
  /// Whether it asks for `return=minimal`: of a preference that is named twice the first counts.
  static func isMinimal(_ header: String?) -> Bool {
    guard let header else { return false }
    if header == "return=minimal" { return true }
    for preference in header.split(separator: ",").prefix(32) {
      // Parameters stand behind a semicolon; the value may be a quoted string.
      let parts = preference.prefix { $0 != ";" }.split(separator: "=", maxSplits: 1).map { part in
        part.filter { !$0.isWhitespace && $0 != "\"" }.lowercased()
      }
      if parts.first == "return" { return parts.last == "minimal" }
    }
    return false
  }
}

extension HTTPField.Name {
  static let prefer = Self("Prefer")!
  static let preferenceApplied = Self("Preference-Applied")!
}
