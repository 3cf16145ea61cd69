import ArgumentParser

/// Where the passphrase of `--key` comes from.
struct PassphraseOption: ParsableArguments {
  @Option(
    name: .customLong("key-passphrase-fd"),
    help: ArgumentHelp(
      "A file descriptor to read the key's passphrase from (its first line). Default: ask at the terminal.",
      valueName: "n"))
  var descriptor: Int32?

  func validate() throws {
    guard let descriptor else { return }
    guard descriptor >= 0 else { throw ValidationError("--key-passphrase-fd is 0 or more") }
    CommandContext.current.passphrases.use(descriptor)
  }
}
