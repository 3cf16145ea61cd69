import Statements

/// Commands that are suggested to people, who paste them: whatever a member wrote in them must stay one word.
///
/// Text is taken apart into bytes and scalars, never into Swift's characters: a combining mark behind a quote is one
/// character with it, and would hide it.
package enum ShellText {
  /// `text` as one word, quoted where it has to be. What can't be seen is written in `$'…'` with octal bytes.
  package static func word(_ text: String) -> String {
    if !text.isEmpty, text.utf8.first != UInt8(ascii: "="), text.unicodeScalars.allSatisfy(isPlain) {
      return text
    }
    if text.unicodeScalars.contains(where: \.isHidden) { return dollarQuoted(text) }
    var word = "'"
    for scalar in text.unicodeScalars {
      if scalar == "'" { word += "'\\''" } else { word.unicodeScalars.append(scalar) }
    }
    return word + "'"
  }

  /// `path` as one word that no command takes for an option.
  package static func path(_ path: String) -> String {
    word(path.utf8.first == UInt8(ascii: "-") ? "./\(path)" : path)
  }

  /// `--name value`, in a form in which no value is taken for another option.
  package static func option(_ name: String, _ value: String) -> String {
    value.utf8.first == UInt8(ascii: "-") ? "\(name)=\(word(value))" : "\(name) \(word(value))"
  }

  /// `zheng COMMAND` with its arguments and then its options, which are words already. Where an argument begins with a
  /// hyphen the options come first, and `--` ends them.
  package static func zheng(_ command: String, _ arguments: [String], options: String = "") -> String {
    let words = arguments.map(word).joined(separator: " ")
    let options = options.isEmpty ? "" : " \(options)"
    let isSafe = !arguments.contains { $0.utf8.first == UInt8(ascii: "-") }
    return isSafe ? "zheng \(command) \(words)\(options)" : "zheng \(command)\(options) -- \(words)"
  }

  private static func isPlain(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar {
    case "a"..."z", "A"..."Z", "0"..."9", "-", "_", ".", "/", ":", "=", ",", "+", "@", "%": true
    // No shell gives a letter of another script a meaning.
    default: !scalar.isASCII && scalar.properties.isAlphabetic && !scalar.isHidden
    }
  }

  private static func dollarQuoted(_ text: String) -> String {
    var word = "$'"
    for scalar in text.unicodeScalars {
      if scalar.isHidden {
        for byte in String(scalar).utf8 {
          let octal = String(byte, radix: 8)
          word += "\\" + String(repeating: "0", count: 3 - octal.utf8.count) + octal
        }
      } else {
        if scalar == "'" || scalar == "\\" { word += "\\" }
        word.unicodeScalars.append(scalar)
      }
    }
    return word + "'"
  }
}
