import ArgumentParser
import Workflows

/// `zheng init`.
struct InitCommand: ResultCommand {
  static let configuration = CommandConfiguration(
    commandName: "init", abstract: "Found a ledger.",
    discussion: """
      The consortium file is JSON: the members with their public keys, and the administrators. A duplicate key, an \
      unknown key and a role that no rule knows are refused, with line and column.

        {
          "origin": "city.example/pilot",
          "name": { "zh": "示范链", "en": "Pilot ledger" },
          "members": [
            { "id": "notary", "name": { "zh": "公证处", "en": "Notary Office" },
              "roles": ["collector", "custodian", "notary"], "keys": ["notary.pub.pem"] },
            { "id": "examiner", "name": { "zh": "鉴定中心", "en": "Laboratory" },
              "roles": ["examiner"], "keys": ["examiner.pub.pem"] }
          ],
          "administrators": { "members": ["notary", "examiner"], "threshold": 1 }
        }

      \(RoleHelp.table)

        zheng init ledger --consortium consortium.json --key notary.pem --dry-run
        zheng init ledger --consortium consortium.json --key notary.pem

      The plan is printed before anything is signed; --dry-run ends there. Several validators, each on its own machine, found a ledger \
      together with `zheng found`.
      """)

  @OptionGroup var ledger: DirectoryArgument
  @Option(help: "The consortium file.", completion: .file()) var consortium: String
  @Option(
    help: "The private key of an administrator, which signs the founding statement.", completion: .file())
  var key: String
  @OptionGroup var passphrase: PassphraseOption
  @Flag(help: "Only print what would be founded; sign and write nothing.") var dryRun = false
  @OptionGroup var options: OutputOptions

  func run(_ output: Output) throws {
    let path = ledger.path
    try LedgerFounding.requireRoom(path)
    let founding = try LedgerFounding(
      consortium, signedBy: { try KeyFiles.privateKey(key) }, at: path, CommandContext.current.work)
    let plan = FoundingPlan(roster: founding.roster, founder: founding.founder)
    if dryRun {
      return try output.result(
        plan.json, text: localized("\(plan.text)\n\nnothing was signed or written (--dry-run)"))
    }
    guard founding.isWhole else {
      throw CommandError.usage(
        localized(
          "\(consortium): it names validators whose private keys are elsewhere; `zheng found propose` founds a ledger that several keep"
        )
      )
    }
    try output.say("\(plan.text)\n")
    try output.flush()
    for left in try founding.removeAbandoned() {
      Diagnostics.note(
        localized("\(left): left by `zheng init` that was stopped, with keys that sign nothing; removed"))
    }
    let id = try founding.found()
    let terms = founding.roster.terms
    let word = ShellText.path(path)
    try output.result(
      [
        "ledger": .text(id.hex), "path": .text(path), "origin": .text(terms.origin),
        "policy": .text(founding.policy), "members": .number(UInt64(founding.roster.members.count)),
      ],
      text: localized(
        """
        founded  \(Printable.text(terms.name.both)), \(terms.origin)
        ledger   \(id)
        policy   \(founding.policy)

        Next:
        1. Publish the ledger id and the file policy where others find them and believe them. Whoever has them can check \
        every proof, and needs nothing else.
        2. Keep \(founding.keys) safe and to yourself: with the keys in it blocks are signed.
        3. Append: zheng append \(word) --key MEMBER.pem FILE…
        """))
  }
}
