import ArgumentParser
import Ledger
import LedgerCrypto
import LedgerStore
import Statements

/// `zheng members`.
struct MembersCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "members", abstract: "Show the roster, or change it.",
    discussion: """
      A change is a proposal that an administrator signs; it comes into force with the block in which enough administrators \
      have approved it, the proposer's own approval included.

        zheng members ledger
        zheng members add ledger court --zh 中级人民法院 --role court --public-key court.pub.pem --key admin.pem
        zheng members approve ledger PROPOSAL --key other-admin.pem
      """,
    subcommands: [
      Show.self, Add.self, Remove.self, RotateKey.self, Set.self, Approve.self,
    ],
    defaultSubcommand: Show.self)

  /// `zheng members LEDGER`.
  struct Show: ResultCommand {
    static let configuration = CommandConfiguration(
      abstract: "Show members, keys, administrators, parameters and open proposals.",
      discussion: """
          zheng members ledger
        """)

    @OptionGroup var ledger: LedgerArgument
    @OptionGroup var options: OutputOptions

    func run(_ output: Output) throws {
      let reader = try LedgerReader.opening(ledger.folder)
      let shown = ShownRoster(state: try reader.state(), ledger: ledger.path)
      try output.result(shown.json, text: shown.text)
    }
  }

  /// `zheng members add`.
  struct Add: ResultCommand {
    static let configuration = CommandConfiguration(
      abstract: "Propose a member.",
      discussion: """
          zheng members add ledger court --zh 中级人民法院 --en "Intermediate Court" --role court \
        --public-key court.pub.pem --key admin.pem
        """)

    @OptionGroup var ledger: LedgerArgument
    @Argument(help: "The new member's id: a-z, 0-9 and -.") var id: String
    @Option(help: "Its Chinese name.") var zh: String?
    @Option(help: "Its English name.") var en: String?
    @Option(help: "A role; may be given again.") var role: [String] = []
    @Option(help: "A public key, in PEM; may be given again.", completion: .file()) var publicKey: [String]
    @OptionGroup var administrator: AdministratorOptions
    @OptionGroup var options: OutputOptions

    func validate() throws {
      if zh == nil, en == nil { throw ValidationError("a member has a name: --zh, --en or both") }
      if publicKey.isEmpty { throw ValidationError("--public-key is missing: a member has a key") }
    }

    func run(_ output: Output) throws {
      guard let name = LocalizedName(zh: zh, en: en) else {
        throw CommandError.usage("a name has 1 to 200 bytes, without control characters")
      }
      let keys = try publicKey.map(KeyFiles.publicKey)
      try administrator.propose(ledger, output) { _ in .addMember(id: id, name: name, roles: role, keys: keys)
      }
    }
  }

  /// `zheng members remove`.
  struct Remove: ResultCommand {
    static let configuration = CommandConfiguration(
      abstract: "Propose to end every key of a member; its records stay good.",
      discussion: """
          zheng members remove ledger court --key admin.pem
        """)

    @OptionGroup var ledger: LedgerArgument
    @Argument(help: "The member's id.") var id: String
    @OptionGroup var administrator: AdministratorOptions
    @OptionGroup var options: OutputOptions

    func run(_ output: Output) throws {
      try administrator.propose(ledger, output) { _ in .removeMember(id) }
    }
  }

  /// `zheng members rotate-key`.
  struct RotateKey: ResultCommand {
    static let configuration = CommandConfiguration(
      commandName: "rotate-key", abstract: "Propose a new key for a member.",
      discussion: """
        The keys that it has now end when the new one begins, all of them unless some are named with --retire, or none with \
        --keep. What was signed with them stays good.

          zheng members rotate-key ledger court --public-key court-2.pub.pem --key admin.pem
        """)

    @OptionGroup var ledger: LedgerArgument
    @Argument(help: "The member's id.") var id: String
    @Option(help: "The new public key, in PEM.", completion: .file()) var publicKey: String
    @Option(help: "A key that ends, by its kid; may be given again.") var retire: [String] = []
    @Flag(help: "No key ends.") var keep = false
    @OptionGroup var administrator: AdministratorOptions
    @OptionGroup var options: OutputOptions

    func validate() throws {
      if keep, !retire.isEmpty { throw ValidationError("give --keep or --retire, not both") }
    }

    func run(_ output: Output) throws {
      let key = try KeyFiles.publicKey(publicKey)
      let named = try retire.map { text in
        guard let id = Digest(hex: text.lowercased()) else {
          throw CommandError.usage("--retire \(text): a kid has 64 hex digits")
        }
        return id
      }
      try administrator.propose(ledger, output) { roster in
        let current = roster.member(id)?.keys.filter { $0.until == nil }.map(\.id) ?? []
        return .rotateKey(member: id, key: key, retires: keep ? [] : named.isEmpty ? current : named)
      }
    }
  }

  /// `zheng members set`.
  struct Set: ResultCommand {
    static let configuration = CommandConfiguration(
      abstract: "Propose another value for a parameter.",
      discussion: """
        Parameters:
        \(Parameters.all.map { "  \($0.name), \($0.bounds.lowerBound) to \($0.bounds.upperBound): \($0.meaning)" }.joined(separator: "\n"))

          zheng members set ledger block-records 1000 --key admin.pem
        """)

    @OptionGroup var ledger: LedgerArgument
    @Argument(help: "The parameter's name.") var name: String
    @Argument(help: "Its new value.") var value: UInt64
    @OptionGroup var administrator: AdministratorOptions
    @OptionGroup var options: OutputOptions

    func run(_ output: Output) throws {
      try administrator.propose(ledger, output) { _ in .setParameter(name: name, value: value) }
    }
  }

  /// `zheng members approve`.
  struct Approve: ResultCommand {
    static let configuration = CommandConfiguration(
      abstract: "Approve a proposal of another administrator.",
      discussion: """
        `zheng members LEDGER` shows the proposals that are open.

          zheng members approve ledger PROPOSAL --key other-admin.pem
        """)

    @OptionGroup var ledger: LedgerArgument
    @Argument(help: "The proposal's id, 64 hex digits.") var proposal: String
    @OptionGroup var administrator: AdministratorOptions
    @OptionGroup var options: OutputOptions

    func run(_ output: Output) throws {
      guard let id = Digest(hex: proposal.lowercased()) else {
        throw CommandError.usage(
          "\(proposal): a proposal's id has 64 hex digits; `zheng members \(ledger.path)` shows them")
      }
      try administrator.approve(id, ledger, output)
    }
  }
}
