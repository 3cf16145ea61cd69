import ArgumentParser
import LedgerCrypto
import Workflows

/// `zheng key`.
struct KeyCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "key", abstract: "Make a key, or show one.",
    discussion: """
      Keys are PEM files that `openssl` can read and write: PKCS#8 private keys, SubjectPublicKeyInfo public keys.

        zheng key new notary.pem --public notary.pub.pem
        zheng key show notary.pem
      """,
    subcommands: [New.self, Show.self])

  /// `zheng key new`.
  struct New: ResultCommand {
    static let configuration = CommandConfiguration(
      abstract: "Make a private key.",
      discussion: """
        The file has mode 0600; an existing file is never overwritten. --passphrase encrypts the key (PKCS#8 with \
        scrypt and AES-256); zheng asks for the passphrase at the terminal, or reads it from --key-passphrase-fd:

          zheng key new notary.pem --passphrase
          zheng key new notary.pem --algorithm ed25519 --public notary.pub.pem

        `openssl pkcs8 -topk8 -scrypt -in OLD.pem -out NEW.pem` encrypts an existing key.
        """)

    @Argument(help: "The private key file to write.") var file: String
    @Option(help: "es256 (ECDSA over P-256, the fastest to verify) or ed25519.") var algorithm = KeyAlgorithm
      .es256
    @Option(
      name: .customLong("public"), help: "The public key file to write, for others.", completion: .file()
    )
    var publicFile: String?
    @Flag(name: .customLong("passphrase"), help: "Encrypt the key with a passphrase.") var isProtected = false
    @OptionGroup var passphrase: PassphraseOption
    @OptionGroup var options: OutputOptions

    func validate() throws {
      if passphrase.descriptor != nil, !isProtected {
        throw ValidationError(localized("--key-passphrase-fd goes with --passphrase"))
      }
    }

    func run(_ output: Output) throws {
      let key = try PrivateKey(generating: algorithm)
      if let publicFile, publicFile == file || Files.exists(publicFile) {
        throw CommandError.cannotCreate(
          localized("\(publicFile): a file is here already; it is never overwritten, choose another name"))
      }
      let context = CommandContext.current
      let pem =
        isProtected
        ? try key.pem(passphrase: context.passphrases.new(for: file, terminal: context.terminal))
        : try key.pem()
      try Files.create(file, Array(pem.utf8), permissions: 0o600)
      if let publicFile { try Files.create(publicFile, Array(key.publicKey.pem().utf8)) }
      let kid = key.publicKey.thumbprint
      try output.result(
        [
          "file": .text(file), "kid": .text(kid.hex), "algorithm": .text(algorithm.name),
          "publicKey": .text(key.publicKey.pem()),
        ],
        text: "\(kid)  \(algorithm.name)  \(file)")
    }
  }

  /// `zheng key show`.
  struct Show: ResultCommand {
    static let configuration = CommandConfiguration(
      abstract: "Show a key's id, algorithm and public half.",
      discussion: """
        FILE holds a private or a public key. Give others only the public half:

          zheng key show notary.pem
          zheng key show notary.pem --public > notary.pub.pem
        """)

    @Argument(help: "A PEM file.", completion: .file()) var file: String
    @Flag(name: .customLong("public"), help: "Print only the public key, in PEM.") var isPublicOnly =
      false
    @OptionGroup var passphrase: PassphraseOption
    @OptionGroup var options: OutputOptions

    func run(_ output: Output) throws {
      let key = try KeyFiles.publicKey(file)
      let pem = try key.pem()
      if isPublicOnly, !output.isJSON { return try output.raw(Array(pem.utf8)) }
      try output.result(
        ["kid": .text(key.thumbprint.hex), "algorithm": .text(key.algorithm.name), "publicKey": .text(pem)],
        text: localized(
          "kid        \(key.thumbprint)\nalgorithm  \(key.algorithm.name)\n\(pem.trimmingNewlines)"))
    }
  }
}

extension KeyAlgorithm: ExpressibleByArgument {
  /// The algorithm of this name, in any letter case.
  public init?(argument: String) { self.init(rawValue: argument.lowercased()) }
}
