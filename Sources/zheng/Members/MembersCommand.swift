import ArgumentParser
import Ledger
import Scenarios
import LedgerCrypto
import Workflows

/// `zheng members`.
struct MembersCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "members", abstract: "Show or change the roster.",
    discussion: """
      An administrator signs a change as a proposal. It takes effect with the block in which enough administrators \
      have approved it; the proposer counts as one. A proposal is void once another changes the same member, key or \
      parameter, or after the statement window (30 days unless founded otherwise).

        zheng members ledger
        zheng members add ledger court --zh 中级人民法院 --role court --public-key court.pub.pem --key admin.pem
        zheng members approve ledger PROPOSAL --key other-admin.pem
      """,
    subcommands: [
      Show.self, Add.self, Remove.self, RotateKey.self, RenewKey.self, RevokeKey.self, SetRoles.self,
      Rename.self, Set.self, SetAdministrators.self, SetValidators.self, Join.self, SetLogKey.self,
      Approve.self,
    ],
    defaultSubcommand: Show.self)

  /// `zheng members LEDGER`.
  struct Show: AsyncResultCommand {
    static let configuration = CommandConfiguration(
      abstract: "Show members, keys, administrators, parameters and open proposals.",
      discussion: """
          zheng members ledger
        """)

    @OptionGroup var ledger: LedgerArgument
    @OptionGroup var options: OutputOptions

    func run(_ output: Output) async throws {
      let state = try await ledger.opened().state()
      try output.result(state.json, text: ShownRoster(state: state, ledger: ledger.path).text)
    }
  }

  /// `zheng members add`.
  struct Add: AsyncResultCommand {
    static let configuration = CommandConfiguration(
      abstract: "Propose a new member, or bring a removed one back.",
      discussion: """
        A removed member's id brings that member back with this name, these roles and the new keys; its earlier keys \
        stay ended.

          zheng members add ledger court --zh 中级人民法院 --en "Intermediate Court" --role court \
        --public-key court.pub.pem --key admin.pem
        """)

    @OptionGroup var ledger: LedgerArgument
    @Argument(help: "The new member's id: a-z, 0-9 and -.") var id: String
    @Option(help: "Its Chinese name.") var zh: String?
    @Option(help: "Its English name.") var en: String?
    @Option(help: RoleHelp.option) var role: [String] = []
    @Option(help: "A public key, in PEM; may be repeated.", completion: .file()) var publicKey: [String]
    @OptionGroup var administrator: AdministratorOptions
    @OptionGroup var options: OutputOptions

    func validate() throws {
      if zh == nil, en == nil { throw ValidationError(localized("a member has a name: --zh, --en or both")) }
      if publicKey.isEmpty { throw ValidationError(localized("--public-key is missing: a member has a key")) }
    }

    func run(_ output: Output) async throws {
      guard let name = LocalizedName(zh: zh, en: en) else {
        throw CommandError.usage(localized("a name has 1 to 200 bytes, without control characters"))
      }
      let keys = try publicKey.map(KeyFiles.publicKey)
      try await administrator.propose(ledger, output) { _ in
        .addMember(id: id, name: name, roles: role, keys: keys)
      }
    }
  }

  /// `zheng members remove`.
  struct Remove: AsyncResultCommand {
    static let configuration = CommandConfiguration(
      abstract: "Propose to end every key of a member; its records stay valid.",
      discussion: """
        Shows what the member still has: items in its custody, catalogue entries, open requests. Hand these over \
        first.

          zheng members remove ledger court --key admin.pem
        """)

    @OptionGroup var ledger: LedgerArgument
    @Argument(help: "The member's id.") var id: String
    @OptionGroup var administrator: AdministratorOptions
    @OptionGroup var options: OutputOptions

    func run(_ output: Output) async throws {
      try await administrator.propose(ledger, output) { _ in .removeMember(id) }
    }
  }

  /// `zheng members rotate-key`.
  struct RotateKey: AsyncResultCommand {
    static let configuration = CommandConfiguration(
      commandName: "rotate-key", abstract: "Propose a new key for a member.",
      discussion: """
        The member's present keys end when the new one begins: all of them, or those named with --retire, or none \
        with --keep. What they signed stays valid.

          zheng members rotate-key ledger court --public-key court-2.pub.pem --key admin.pem
        """)

    @OptionGroup var ledger: LedgerArgument
    @Argument(help: "The member's id.") var id: String
    @Option(help: "The new public key, in PEM.", completion: .file()) var publicKey: String
    @Option(help: "A key that ends, by its kid; may be repeated.") var retire: [String] = []
    @Flag(help: "No key ends.") var keep = false
    @OptionGroup var administrator: AdministratorOptions
    @OptionGroup var options: OutputOptions

    func validate() throws {
      if keep, !retire.isEmpty { throw ValidationError(localized("give --keep or --retire, not both")) }
    }

    func run(_ output: Output) async throws {
      let key = try KeyFiles.publicKey(publicKey)
      let named = try retire.map { text in
        guard let id = Digest(hex: text.lowercased()) else {
          throw CommandError.usage(localized("--retire \(text): a kid has 64 hex digits"))
        }
        return id
      }
      try await administrator.propose(ledger, output) { state in
        let current = state.roster.member(id)?.keys.filter { $0.until == nil }.map(\.id) ?? []
        return .rotateKey(member: id, key: key, retires: keep ? [] : named.isEmpty ? current : named)
      }
    }
  }

  /// `zheng members set-roles`.
  struct SetRoles: AsyncResultCommand {
    static let configuration = CommandConfiguration(
      commandName: "set-roles",
      abstract: "Propose new roles for a member, replacing those it has.",
      discussion: """
        \(RoleHelp.table)

          zheng members set-roles ledger court --role court --role supervisor --key admin.pem
          zheng members set-roles ledger court --none --key admin.pem
        """)

    @OptionGroup var ledger: LedgerArgument
    @Argument(help: "The member's id.") var id: String
    @Option(help: RoleHelp.option) var role: [String] = []
    @Flag(help: "The member has no role any more.") var none = false
    @OptionGroup var administrator: AdministratorOptions
    @OptionGroup var options: OutputOptions

    func validate() throws {
      if none != role.isEmpty {
        throw ValidationError(localized("give --role, once for each role that it has then, or --none"))
      }
    }

    func run(_ output: Output) async throws {
      try await administrator.propose(ledger, output) { _ in .setRoles(member: id, roles: role) }
    }
  }

  /// `zheng members rename`.
  struct Rename: AsyncResultCommand {
    static let configuration = CommandConfiguration(
      abstract: "Propose a new name for a member; its id stays.",
      discussion: """
          zheng members rename ledger court --zh 市中级人民法院 --en "City Intermediate Court" --key admin.pem
        """)

    @OptionGroup var ledger: LedgerArgument
    @Argument(help: "The member's id.") var id: String
    @Option(help: "Its Chinese name.") var zh: String?
    @Option(help: "Its English name.") var en: String?
    @OptionGroup var administrator: AdministratorOptions
    @OptionGroup var options: OutputOptions

    func validate() throws {
      if zh == nil, en == nil { throw ValidationError(localized("a member has a name: --zh, --en or both")) }
    }

    func run(_ output: Output) async throws {
      guard let name = LocalizedName(zh: zh, en: en) else {
        throw CommandError.usage(localized("a name has 1 to 200 bytes, without control characters"))
      }
      try await administrator.propose(ledger, output) { _ in .rename(member: id, name: name) }
    }
  }

  /// `zheng members set`.
  struct Set: AsyncResultCommand {
    static let configuration = CommandConfiguration(
      abstract: "Propose a new value for a parameter.",
      discussion: """
        Parameters:
        \(Scenarios.parameters.map { "  \($0.name), \($0.bounds.lowerBound) to \($0.bounds.upperBound): \($0.meaning)" }.joined(separator: "\n"))

          zheng members set ledger block-records 1000 --key admin.pem
        """)

    @OptionGroup var ledger: LedgerArgument
    @Argument(help: "The parameter's name.") var name: String
    @Argument(help: "Its new value.") var value: UInt64
    @OptionGroup var administrator: AdministratorOptions
    @OptionGroup var options: OutputOptions

    func run(_ output: Output) async throws {
      try await administrator.propose(ledger, output) { _ in .setParameter(name: name, value: value) }
    }
  }

  /// `zheng members approve`.
  struct Approve: AsyncResultCommand {
    static let configuration = CommandConfiguration(
      abstract: "Approve another administrator's proposal.",
      discussion: """
        `zheng members LEDGER` shows the open proposals.

          zheng members approve ledger PROPOSAL --key other-admin.pem
        """)

    @OptionGroup var ledger: LedgerArgument
    @Argument(help: "The proposal's id (64 hex digits).") var proposal: String
    @OptionGroup var administrator: AdministratorOptions
    @OptionGroup var options: OutputOptions

    func run(_ output: Output) async throws {
      guard let id = Digest(hex: proposal.lowercased()) else {
        throw CommandError.usage(
          localized(
            "\(proposal): a proposal's id has 64 hex digits; `zheng members \(ledger.path)` shows them"))
      }
      try await administrator.approve(id, ledger, output)
    }
  }
}
