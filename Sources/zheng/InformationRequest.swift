import ArgumentParser
import Ledger

/// Requests for help or the version, and the files that look like one: with `zheng evidence check ledger *` a file
/// called `-h` or
/// `--version` must not end in help and exit status 0, as if every file had been checked.
enum InformationRequest {
  /// What asks for help, the version or a completion script, where it comes first behind the command's name.
  private static let words = [
    "-h", "--help", "-help", "--help-hidden", "--version", "--generate-completion-script",
    "--experimental-dump-help",
  ]

  /// The complaint about `arguments` that the parser has taken for a request, and that hold more than one; nil where
  /// they are a request or something else is wrong with them.
  static func mistaken(in arguments: [String]) -> CommandError? {
    guard arguments.first != "help" else { return nil }
    let (command, rest, _) = split(arguments)
    guard let first = rest.first, !(words.contains(first) && (rest.count == 1 || first == words[5])) else {
      return nil
    }
    guard let asked = rest.first(where: isTakenForRequest) else { return nil }
    return .usage(
      localized(
        "\(asked.quoted) among other arguments: nothing was done. For help, run `\(command) --help`; for a file of this name, give \(ShellText.path(asked)), or put the arguments after --"
      ))
  }

  /// Whether the parser takes `argument` for a request: letters behind one hyphen are options each, and `h` among them
  /// is help.
  private static func isTakenForRequest(_ argument: String) -> Bool {
    let bytes = Array(argument.utf8)
    guard bytes.first == UInt8(ascii: "-") else { return false }
    return words.contains(argument) || !bytes.starts(with: "--".utf8) && bytes.contains(UInt8(ascii: "h"))
  }

  /// What to do about `arguments` of which one that begins with a hyphen is no option that the command has.
  static func advice(_ arguments: [String]) -> String? {
    let others = arguments.prefix { $0 != "--" }.dropFirst()
    guard
      let name = others.first(where: { $0.utf8.first == UInt8(ascii: "-") && Files.exists($0) && $0 != "-" })
    else { return nil }
    return localized(
      "For the file \(name.quoted), give \(ShellText.path(name)), or put the arguments after --")
  }

  /// The complaint about `arguments` in which a word stands where a command should, with the command that may have been
  /// meant; nil where something else is wrong with them.
  static func unknownCommand(in arguments: [String]) -> CommandError? {
    let (command, rest, type) = split(arguments)
    let known = type.configuration.subcommands.map { $0._commandName }
    guard !known.isEmpty, let word = rest.first, word != "help" || command != "zheng", !word.hasPrefix("-")
    else { return nil }
    let meant = word.nearest(in: known)
    // A command that has a default takes any other word for that one's argument.
    guard meant != nil || type.configuration.defaultSubcommand == nil else { return nil }
    guard let meant else {
      return .usage(localized("unknown command '\(word)'; `\(command) --help` lists the commands"))
    }
    return .usage(
      localized("unknown command '\(word)'; did you mean '\(meant)'? `\(command) --help` lists the commands"))
  }

  /// The command that `arguments` begin with, as it is called and as it is defined, and what follows.
  private static func split(_ arguments: [String]) -> (
    command: String, rest: ArraySlice<String>, type: any ParsableCommand.Type
  ) {
    var (names, rest) = (["zheng"], arguments[...])
    var command: any ParsableCommand.Type = Zheng.self
    while let name = rest.first,
      let next = command.configuration.subcommands.first(where: { $0._commandName == name })
    {
      names.append(name)
      (command, rest) = (next, rest.dropFirst())
    }
    return (names.joined(separator: " "), rest, command)
  }
}
