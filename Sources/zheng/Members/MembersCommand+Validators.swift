import ArgumentParser
import Ledger
import LedgerCrypto
import Workflows

extension MembersCommand {
  /// `zheng members join`.
  struct Join: ResultCommand {
    static let configuration = CommandConfiguration(
      abstract:
        "Sign as a validator that joins, or has new keys: verifies the ledger, and writes a file for the administrators.",
      discussion: """
        The ledger here, a copy as `zheng follow` makes it, is verified whole; then the validator's cosigner key signs its newest \
        checkpoint, and its other keys sign for themselves. The file holds no private key. An administrator proposes it within 1,000 blocks.

          zheng found keys v5 --keys v5-keys
          zheng follow https://ledger.example.org copy --policy policy
          zheng members join copy v5 --keys v5-keys --out v5.join

        A validator that was alone until now makes its vote key beside its other two, and joins with them:

          zheng key new ledger/keys/local.vote.pem --algorithm ed25519
          zheng members join ledger local --keys ledger/keys --out local.join
        """)

    @OptionGroup var ledger: DirectoryArgument
    @Argument(help: "The validator's name: a-z, 0-9 and -.") var name: String
    @Option(help: "The folder with its keys.", completion: .directory) var keys: String
    @Option(help: "The file to write.") var out: String
    @OptionGroup var options: OutputOptions

    func run(_ output: Output) throws {
      let joining = try ValidatorJoining(
        name, keys: keys, at: try ledger.folder, CommandContext.current.work)
      try joining.write(to: out)
      let word = ShellText.path(out)
      try output.result(
        [
          "file": .text(out), "name": .text(name), "size": .number(joining.join.size),
          "root": .text(joining.join.root.hex),
        ],
        text: labelled([
          ("validator", name),
          ("verified", localized("\(joining.join.size) entries, root \(joining.join.root.hex)")),
          ("written", out),
        ]) + "\n\n"
          + localized(
            "Next: an administrator runs\nzheng members set-validators LEDGER --join \(word) --quorum K --key ADMIN.pem"
          ))
    }
  }

  /// `zheng members set-validators`.
  struct SetValidators: AsyncResultCommand {
    static let configuration = CommandConfiguration(
      commandName: "set-validators", abstract: "Propose who validates from then on, and the quorum.",
      discussion: """
        Validators stay unless they are removed; each file of `zheng members join` adds one, or gives one of the same name other keys. The \
        new quorum is named each time: at least 3 of 4, 5 of 7, 11 of 16. Keys of a validator that leaves are never used again: it destroys \
        them. Everybody needs the policy that then holds: `zheng policy --from OLD` makes it.

          zheng members set-validators ledger --join v5.join --remove v2 --quorum 3 --key admin.pem
        """)

    @OptionGroup var ledger: LedgerArgument
    @Option(help: "A file of `zheng members join`; may be given again.", completion: .file())
    var join: [String] = []
    @Option(help: "A validator that leaves; may be given again.") var remove: [String] = []
    @Option(help: "How many validators must agree on a block and cosign it.") var quorum: Int
    @Flag(help: "Validators are expected to crash and never to lie: a majority is then enough.")
    var crashFaultsOnly = false
    @OptionGroup var administrator: AdministratorOptions
    @OptionGroup var options: OutputOptions

    func run(_ output: Output) async throws {
      try await administrator.propose(ledger, output) { state in
        let terms = state.roster.terms
        let joining = try join.map { try ValidatorJoining(reading: $0, origin: terms.origin) }
        return try ValidatorJoining.change(
          of: terms, joining: joining, leaving: remove, quorum: quorum, isCrashFaultsOnly: crashFaultsOnly)
      }
    }
  }

  /// `zheng members set-log-key`.
  struct SetLogKey: AsyncResultCommand {
    static let configuration = CommandConfiguration(
      commandName: "set-log-key", abstract: "Propose another log key, the one that signs checkpoints first.",
      discussion: """
        Each validator has a copy of the log key. Before the change comes into force each puts the new private key, without a passphrase and \
        with mode 0600, beside the old one in the ledger's keys/, as log-NAME.pem; a node goes over to it without a restart, and stops where \
        it is not there. The block that adopts the change is signed with the old key, later ones with the new; then the old one is removed. \
        A key that was in use before is refused.

          zheng key new ledger/keys/log-2.pem --algorithm ed25519
          zheng members set-log-key ledger --new-key ledger/keys/log-2.pem --key admin.pem

        To the other validators it is sent under a passphrase, which each takes off:

          openssl pkcs8 -topk8 -scrypt -in ledger/keys/log-2.pem -out log-2.pem
          openssl pkcs8 -topk8 -nocrypt -in log-2.pem -out ledger/keys/log-2.pem

        Everybody needs the policy that then holds (`zheng policy --from OLD`), and proofs of earlier blocks keep the older one. A public \
        witness knows one key of a log: give it the new one before it is to cosign again.
        """)

    @OptionGroup var ledger: LedgerArgument
    @Option(help: "The new private key.", completion: .file()) var newKey: String
    @OptionGroup var administrator: AdministratorOptions
    @OptionGroup var options: OutputOptions

    func run(_ output: Output) async throws {
      let key = try KeyFiles.privateKey(newKey)
      try await administrator.propose(ledger, output) { try .setLogKey(to: key, of: $0) }
      Diagnostics.note(
        localized(
          "each validator needs the new log key as log-NAME.pem in its ledger's keys/ before the change comes into force, and the old one until then"
        ))
    }
  }
}
