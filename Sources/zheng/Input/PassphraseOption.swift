import ArgumentParser

/// Where the passphrase of `--key` comes from.
struct PassphraseOption: ParsableArguments {
  static let name: NameSpecification = .customLong("key-passphrase-fd")
  static let help = ArgumentHelp(
    "A file descriptor from which the key's passphrase is read (its first line). Default: ask at the terminal.",
    valueName: "n")

  @Option(name: name, help: help) var descriptor: Int32?

  func validate() throws { try PassphraseOption.use(descriptor) }

  /// Sees that the passphrase is read from `descriptor`, where one is given.
  static func use(_ descriptor: Int32?) throws {
    guard let descriptor else { return }
    guard descriptor >= 0 else { throw ValidationError(localized("--key-passphrase-fd is 0 or more")) }
    CommandContext.current.passphrases.use(descriptor)
  }
}
