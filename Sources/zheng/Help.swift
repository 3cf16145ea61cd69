import ArgumentParser
import Foundation
import Workflows

/// The pages of help: the parser's own in English, and in Chinese the same lines with their texts from `help.zh`.
///
/// Commands state their texts in English, once. Each line of `help.zh` is an English text and the Chinese one, with a
/// tab between them.
enum Help {
  /// One line of a page that is not folded.
  struct Line: Equatable {
    /// What stands before the text: an indentation, or the name of an option or a command.
    var label = ""
    /// What may have a Chinese text.
    var text = ""
    /// What the parser adds to an option's text, such as `(default: 60)`.
    var values = ""
    /// How many spaces the lines begin with on which a long text goes on.
    var indent = 0
  }

  /// The Chinese texts by the English ones.
  static let texts = Catalogue.read(PackageResources.help_zh)

  /// What the parser has to say about `error`, which may be a request for help, in the language of the command.
  static func text(for error: any Error) -> String {
    guard Language.current == .zh else { return Zheng.fullMessage(for: error) }
    return chinese(Zheng.fullMessage(for: error, columns: 1_000_000), columns: columns)
  }

  /// The page `help`, which is not folded, in Chinese, folded to `columns`. A line without a Chinese text, such as an
  /// example, stays as it is.
  static func chinese(_ help: String, columns: Int) -> String {
    lines(of: help).map { line in
      guard let text = chinese(text: line.text) else { return line.label + line.text + line.values }
      return folded(text + chinese(values: line.values), after: line.label, line.indent, columns)
    }.joined(separator: "\n")
  }

  /// The lines of the page `help`, which is not folded, in parts.
  static func lines(of help: String) -> [Line] {
    // Where the texts of options and commands begin.
    let column = 26
    var isOverview = true
    return help.split(separator: "\n", omittingEmptySubsequences: false).map(String.init).map { line in
      if line.hasPrefix("USAGE: ") || line.hasPrefix("Usage: ") {
        isOverview = false
        return Line(label: line)
      }
      for (start, end) in [("OVERVIEW", ": "), ("Error", ": "), ("Help", ">  ")] where line.hasPrefix(start) {
        guard let label = line.firstRange(of: end) else { continue }
        return Line(label: String(line[..<label.upperBound]), text: String(line[label.upperBound...]))
      }
      let (isIndented, letters) = (line.hasPrefix("  "), Array(line))
      if isOverview || !isIndented || line.hasPrefix("  See '") {
        let indent = isIndented ? "  " : ""
        return Line(label: indent, text: String(line.dropFirst(indent.count)), indent: 2 * indent.count)
      }
      guard letters.count > column, letters[column - 1] == " ", !" <".contains(letters[column]) else {
        return Line(label: line)
      }
      let text = String(letters[column...])
      let values =
        text.hasSuffix(")") ? text.firstRange(of: /\((values|default|default as flag): [^()]*\)$/) : nil
      let end = values?.lowerBound ?? text.endIndex
      return Line(
        label: String(letters[..<column]), text: text[..<end].trimmingCharacters(in: .whitespaces),
        values: values == nil ? "" : " " + text[end...], indent: column)
    }
  }

  /// What stands for `text` in `help.zh`: itself, or where it quotes something, as the parser's complaints do, the same
  /// with `{}` in its place.
  static func key(of text: String) -> String {
    texts[text] == nil ? text.replacing(quotation, with: "{}") : text
  }

  private static var quotation: Regex<Substring> { /'[^']*'(?:, '[^']*')*|^\d+/ }

  private static func chinese(text: String) -> String? {
    let key = key(of: text)
    guard let chinese = texts[key], key != text else { return texts[key] }
    return Catalogue.filled(chinese, text.matches(of: quotation).map { String($0.output) })
  }

  private static func chinese(values: String) -> String {
    values.replacing(" (values: ", with: "（可选值：").replacing(" (default: ", with: "（默认：")
      .replacing("; default: ", with: "；默认：").replacing(", ", with: "、").replacing(")", with: "）")
  }

  /// How many columns the terminal has that reads standard output, as the parser sees it; 80 where nobody says.
  private static var columns: Int {
    if let given = CommandContext.current.environment["COLUMNS"].flatMap({ Int($0) }), given > 0 {
      return given
    }
    var size = winsize()
    guard ioctl(CommandContext.current.output, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else {
      return 80
    }
    return Int(size.ws_col)
  }

  // MARK: Folding

  /// `text` after `label`, with a new line wherever one would be wider than `columns`.
  static func folded(_ text: String, after label: String, _ indent: Int, _ columns: Int) -> String {
    var (lines, width, isBegun) = ([label], Printable.columns(label), false)
    for piece in pieces(of: text) {
      let bare = piece.hasSuffix(" ") ? String(piece.dropLast()) : piece
      if isBegun, width + Printable.columns(bare) > columns {
        if lines[lines.count - 1].hasSuffix(" ") { lines[lines.count - 1].removeLast() }
        lines.append(String(repeating: " ", count: indent))
        width = indent
      }
      lines[lines.count - 1] += piece
      width += Printable.columns(piece)
      isBegun = true
    }
    return lines.joined(separator: "\n")
  }

  /// What stays on one line: a word with the space after it, or a Chinese character with its punctuation.
  private static func pieces(of text: String) -> [String] {
    let (closing, opening) = ("，。、；：？！）》」』”’,.;:?!)]}", "（《「『“‘([{")
    var (pieces, last): ([String], Character) = ([], " ")
    for character in text {
      let isBetween =
        last == " " || Printable.columns(String(last)) == 2 || Printable.columns(String(character)) == 2
      if pieces.isEmpty
        || isBetween && character != " " && !closing.contains(character) && !opening.contains(last)
      {
        pieces.append("")
      }
      pieces[pieces.count - 1].append(character)
      last = character
    }
    return pieces
  }
}
