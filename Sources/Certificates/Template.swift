/// What a template is filled with: names, each with a value.
struct Values: Sendable {
  /// A value.
  enum Value: Sendable {
    /// A text.
    case text(String)
    /// A text that the proofs prove, with the name under which the page's script finds it again.
    case proven(String, name: String)
    /// Bytes in hex, shown in groups; with such a name where the proofs prove them.
    case hash(String, name: String?)
    /// One set of values for each of several.
    case list([Values])
  }

  private var values: [String: Value] = [:]

  subscript(_ name: String) -> Value? {
    get { values[name] }
    set { values[name] = newValue }
  }

  /// Sets a text.
  mutating func set(_ name: String, _ text: String) { values[name] = .text(text) }

  /// Sets a list.
  mutating func set(_ name: String, _ list: [Values]) { values[name] = .list(list) }

  /// Sets that `name` holds, or does not.
  mutating func set(_ name: String, if holds: Bool) { values[name] = .list(holds ? [Values()] : []) }

  /// Takes over what `other` has.
  mutating func merge(_ other: Values) { values.merge(other.values) { _, new in new } }
}

/// Markup with places for values. Logic it has none: what a place says is computed beside it.
///
///     {{name}}           the value's text, escaped
///     {{=name}}          what is proven in an element by which the page's script finds it; bytes in groups, which copy as one
///     {{&name}}          a text of the program's own, as it is
///     {{zh kind.name}}   the Chinese word (`en`: the English one) of the list `kind` for the value, or the value where there is none
///     {{zh? kind.name}}  the same, or nothing where there is none
///     {{#name}} … {{/name}}   once for each of a list, with its values; once for a text that is not empty
///     {{^name}} … {{/name}}   where the list or text is empty, or there is none
///
/// A line of nothing but a beginning or an end leaves no line behind. A name that has no value is empty: a certificate must not
/// be able to stop whoever reads it.
struct Template: Sendable {
  private indirect enum Piece: Sendable {
    case markup(String)
    case value(String, Form)
    case word(isChinese: Bool, list: String, name: String, isOptional: Bool)
    case section(String, isInverted: Bool, [Piece])
  }

  private enum Form { case plain, shown, trusted }

  /// A word in Chinese and English.
  typealias Word = (zh: String, en: String)

  private let pieces: [Piece]
  private let words: [String: Word]

  /// The template in `markup`, with its words. Traps on markup that is not well formed: it is the program's own.
  init(_ markup: String, words: [String: Word]) {
    var tokens = Template.tokens(markup)[...]
    pieces = Template.pieces(&tokens, until: nil)
    self.words = words
  }

  /// The words in `text`: a line each, the key, Chinese and English between tabs.
  static func words(_ text: String) -> [String: Word] {
    var words: [String: Word] = [:]
    for line in text.split(separator: "\n") {
      let parts = line.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
      precondition(
        parts.count == 3 && words[parts[0]] == nil, "words that are no three, or stand twice: \(line)")
      words[parts[0]] = (parts[1], parts[2])
    }
    return words
  }

  /// The template filled with `values`.
  func filled(_ values: Values) -> String {
    var text = ""
    fill(pieces, [values], &text)
    return text
  }

  // MARK: Reading

  private enum Token { case markup(String), tag(Substring) }

  private static func tokens(_ markup: String) -> [Token] {
    var tokens: [Token] = []
    for (number, line) in markup.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
      let isAlone =
        line.hasPrefix("{{") && line.hasSuffix("}}") && line.dropFirst(2).first.map("#^/".contains) ?? false
        && line.split(separator: "{{").count == 1
      // The line feed before a line of nothing but a tag goes with it.
      if number > 0, !isAlone { tokens.append(.markup("\n")) }
      var rest = line
      while let start = rest.firstRange(of: "{{") {
        guard let end = rest[start.upperBound...].firstRange(of: "}}") else {
          preconditionFailure("a tag without an end: \(line)")
        }
        if start.lowerBound > rest.startIndex { tokens.append(.markup(String(rest[..<start.lowerBound]))) }
        tokens.append(.tag(rest[start.upperBound..<end.lowerBound]))
        rest = rest[end.upperBound...]
      }
      if !rest.isEmpty { tokens.append(.markup(String(rest))) }
    }
    return tokens
  }

  private static func pieces(_ tokens: inout ArraySlice<Token>, until ending: String?) -> [Piece] {
    var pieces: [Piece] = []
    while let token = tokens.popFirst() {
      guard case .tag(let tag) = token else {
        if case .markup(let markup) = token { pieces.append(.markup(markup)) }
        continue
      }
      let name = String(tag.dropFirst())
      switch tag.first {
      case "#", "^":
        pieces.append(.section(name, isInverted: tag.first == "^", Template.pieces(&tokens, until: name)))
      case "/":
        precondition(name == ending, "the end of \(name) where that of \(ending ?? "nothing") should be")
        return pieces
      case "=": pieces.append(.value(name, .shown))
      case "&": pieces.append(.value(name, .trusted))
      default:
        let words = tag.split(separator: " ")
        guard words.count == 2 else {
          pieces.append(.value(String(tag), .plain))
          continue
        }
        let parts = words[1].split(separator: ".", maxSplits: 1).map(String.init)
        precondition(
          parts.count == 2 && ["zh", "zh?", "en", "en?"].contains(words[0]), "a tag that is none: \(tag)")
        pieces.append(
          .word(
            isChinese: words[0].hasPrefix("zh"), list: parts[0], name: parts[1],
            isOptional: words[0].hasSuffix("?")))
      }
    }
    precondition(ending == nil, "no end of \(ending ?? "")")
    return pieces
  }

  // MARK: Filling

  private func fill(_ pieces: [Piece], _ scopes: [Values], _ text: inout String) {
    for piece in pieces {
      switch piece {
      case .markup(let markup): text += markup
      case .value(let name, let form): fill(Template.value(name, scopes), form, &text)
      case .word(let isChinese, let list, let name, let isOptional):
        let own = Template.text(Template.value(name, scopes))
        let word = word("\(list).\(own)").map { isChinese ? $0.zh : $0.en }
        text += HTML.escaped(word ?? (isOptional ? "" : own))
      case .section(let name, let isInverted, let pieces):
        let sets: [Values] =
          switch Template.value(name, scopes) {
          case .list(let sets)?: sets
          case .text(let text)?, .proven(let text, _)?, .hash(let text, _)?: text.isEmpty ? [] : [Values()]
          case nil: []
          }
        if isInverted {
          if sets.isEmpty { fill(pieces, scopes, &text) }
        } else {
          for set in sets { fill(pieces, scopes + [set], &text) }
        }
      }
    }
  }

  private func fill(_ value: Values.Value?, _ form: Form, _ text: inout String) {
    let own = Template.text(value)
    switch form {
    case .plain: text += HTML.escaped(own)
    case .trusted: text += own
    case .shown:
      let (shown, kind, name): (String, String, String?) =
        switch value {
        case .proven(_, let name)?: (HTML.escaped(own), "v", name)
        case .hash(_, let name?)?: (Template.grouped(own), "v hash", name)
        case .hash(_, nil)?: (Template.grouped(own), "hash", nil)
        case .text?, .list?, nil: (HTML.escaped(own), "", nil)
        }
      guard !kind.isEmpty else { return text += shown }
      let mark = name.map { " data-v=\"\(HTML.escaped($0))\"" } ?? ""
      text += "<span class=\"\(kind)\"\(mark)>\(shown)</span>"
    }
  }

  /// Groups of four, in lines of eight.
  private static func grouped(_ digits: String) -> String {
    var text = ""
    for (place, digit) in digits.unicodeScalars.enumerated() {
      if place.isMultiple(of: 4) { text += place == 0 ? "<i>" : "</i><i>" }
      text += HTML.escaped(String(digit))
    }
    return digits.isEmpty ? "" : text + "</i>"
  }

  private static func value(_ name: String, _ scopes: [Values]) -> Values.Value? {
    for scope in scopes.reversed() {
      if let value = scope[name] { return value }
    }
    return nil
  }

  private static func text(_ value: Values.Value?) -> String {
    switch value {
    case .text(let text)?, .proven(let text, _)?, .hash(let text, _)?: text
    case .list?, nil: ""
    }
  }

  /// The word for `key`, as `member.collectors`; that for `member.collectors.2` has the number behind it.
  private func word(_ key: String) -> Word? {
    if let word = words[key] { return word }
    guard key.hasPrefix("member."), let dot = key.lastIndex(of: "."),
      let number = Int(key[key.index(after: dot)...]),
      let word = words[String(key[..<dot])]
    else { return nil }
    return ("\(word.zh)\(number)", "\(word.en) \(number)")
  }
}
