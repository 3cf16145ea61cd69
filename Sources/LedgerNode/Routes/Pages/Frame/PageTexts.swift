import Certificates

/// The texts of the pages, each in Chinese and in English: `pages.words`, and below them those of certificates, so that a state or a
/// kind has one name everywhere.
///
/// A text may hold places such as `{height}`. One that is not filled is an error, and so is a text that is not there: a page never
/// shows a blank in their stead.
struct PageTexts: Sendable {
  /// Why a page can't be shown: a mistake of ours.
  struct Missing: Error, CustomStringConvertible {
    let description: String
  }

  /// All of them, by their keys.
  static let all = CertificateTemplate.words.merging(
    CertificateTemplate.read(words: String(decoding: PackageResources.pages_words, as: UTF8.self))
  ) { _, own in own }

  /// The text called `key`, with its places filled.
  ///
  /// - Throws: `Missing`, for a text or a value that is not there, and for a value that has no place.
  static func text(_ key: String, _ language: Language, _ values: [String: HTML] = [:]) throws(Missing)
    -> HTML
  {
    guard let pair = all[key] else { throw Missing(description: "no text is called \(key)") }
    var (html, left) = (HTML(trusted: ""), Set(values.keys))
    var rest = (language == .zh ? pair.zh : pair.en)[...]
    while let open = rest.firstIndex(of: "{") {
      html += "\(String(rest[..<open]))"
      guard let close = rest[open...].firstIndex(of: "}") else {
        throw Missing(description: "\(key): a place without an end")
      }
      let name = String(rest[rest.index(after: open)..<close])
      guard let value = values[name] else { throw Missing(description: "\(key): no value for \(name)") }
      guard !value.text.isEmpty else { throw Missing(description: "\(key): \(name) is empty") }
      html += value
      left.remove(name)
      rest = rest[rest.index(after: close)...]
    }
    html += "\(String(rest))"
    guard left.isEmpty else { throw Missing(description: "\(key): no place for \(left.sorted())") }
    return html
  }

  /// The texts that a script shows, as JSON that can stand in an element of a page: those of answers, kinds, states and faults, and others whose
  /// keys begin with one of `more`.
  static func script(_ language: Language, and more: [String] = []) -> HTML {
    let prefixes = ["js.", "answer.", "kind.", "state.", "fault."] + more
    let pairs = all.keys.filter { prefixes.contains(where: $0.hasPrefix) }.sorted().map { key in
      "\(quoted(key)):\(quoted(language == .zh ? all[key]!.zh : all[key]!.en))"
    }
    return HTML(trusted: "{\(pairs.joined(separator: ","))}")
  }

  private static func quoted(_ text: String) -> String {
    var quoted = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"", "\\": quoted += "\\\(scalar)"
      case "<", ">", "&", "\u{0}"..<" ":
        let digits = String(scalar.value, radix: 16)
        quoted += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: quoted.unicodeScalars.append(scalar)
      }
    }
    return quoted + "\""
  }
}

/// The pages' Chinese for whoever words the same elsewhere, so that a state or a kind has one name everywhere.
package enum PageWords {
  /// The text called `key`, such as `state.sealed`; nil where none is called so.
  package static func chinese(_ key: String) -> String? { PageTexts.all[key]?.zh }
}
