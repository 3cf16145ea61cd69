import ArgumentParser
import Ledger
import LedgerCrypto
import Workflows

extension MembersCommand {
  /// `zheng members renew-key`.
  struct RenewKey: AsyncResultCommand {
    static let configuration = CommandConfiguration(
      commandName: "renew-key", abstract: "Propose a new key for your own member; the old key signs.",
      discussion: """
        The member itself proposes it, with a key that it has, and the new key proves that the member has it too. Administrators approve \
        it. The keys that it has now end when the new one begins, or none with --keep. For a key that is lost, an administrator proposes \
        another with `zheng members rotate-key`.

          zheng members renew-key ledger --new-key court-2.pem --key court.pem
        """)

    @OptionGroup var ledger: LedgerArgument
    @Option(help: "The new private key.", completion: .file()) var newKey: String
    @Flag(help: "No key ends.") var keep = false
    @OptionGroup var administrator: AdministratorOptions
    @OptionGroup var options: OutputOptions

    func run(_ output: Output) async throws {
      let fresh = try KeyFiles.privateKey(newKey)
      let old = try KeyFiles.privateKey(administrator.key.path).publicKey.thumbprint
      try await administrator.propose(ledger, output) { state in
        guard let member = state.roster.members.first(where: { $0.keys.contains { $0.id == old } }) else {
          throw Refusal(.unknownKey, "the key that signs is no member's")
        }
        let subject = RosterChange.possession(of: fresh.publicKey, by: member.id, on: state.ledgerID)
        return .renewKey(
          member: member.id, key: fresh.publicKey, possession: try fresh.signature(over: subject),
          retires: keep ? [] : member.keys.filter { $0.until == nil }.map(\.id))
      }
    }
  }

  /// `zheng members revoke-key`.
  struct RevokeKey: AsyncResultCommand {
    static let configuration = CommandConfiguration(
      commandName: "revoke-key", abstract: "Propose to revoke a key, with a reason.",
      discussion: """
        The key ends; what it signed before stays good, and the roster says why it was revoked and since when it may have been in other \
        hands. With --replacement a new key takes its place; a member whose only key is revoked is out until it is added again.

          zheng members revoke-key ledger court KID --reason "laptop stolen" --since 2026-11-02T08:00:00+08:00 \
        --replacement court-2.pub.pem --key admin.pem
        """)

    @OptionGroup var ledger: LedgerArgument
    @Argument(help: "The member's id.") var id: String
    @Argument(help: "The key, by its kid: 64 hex digits.") var kid: String
    @Option(help: "Why; 1 to 1,024 bytes, and no personal data.") var reason: String
    @Option(help: ArgumentHelp("Since when it may have been in other hands: \(Moment.help)."))
    var since: Moment?
    @Option(help: "A public key, in PEM, that takes its place.", completion: .file()) var replacement: String?
    @OptionGroup var administrator: AdministratorOptions
    @OptionGroup var options: OutputOptions

    func run(_ output: Output) async throws {
      guard let key = Digest(hex: kid.lowercased()) else {
        throw CommandError.usage(
          localized("\(kid): a kid has 64 hex digits; `zheng members \(ledger.path)` shows them"))
      }
      guard (1...MemberKey.mostReasonBytes).contains(reason.utf8.count) else {
        throw CommandError.usage(localized("--reason has 1 to \(MemberKey.mostReasonBytes) bytes"))
      }
      let next = try replacement.map(KeyFiles.publicKey)
      try await administrator.propose(ledger, output) { state in
        let moment = since?.range(state.roster.terms.parameters.utcOffset).lowerBound
        return .revokeKey(member: id, key: key, reason: reason, since: moment, replacement: next)
      }
    }
  }

  /// `zheng members set-administrators`.
  struct SetAdministrators: AsyncResultCommand {
    static let configuration = CommandConfiguration(
      commandName: "set-administrators",
      abstract: "Propose who administers, in the place of those that do now.",
      discussion: """
        Today's administrators approve it. Approvals of whoever administers no more count no longer.

          zheng members set-administrators ledger --administrator notary --administrator court --threshold 2 --key admin.pem
        """)

    @OptionGroup var ledger: LedgerArgument
    @Option(name: .customLong("administrator"), help: "A member's id; give one for each administrator.")
    var administrators: [String] = []
    @Option(help: "How many of them must approve a change.") var threshold: Int
    @OptionGroup var administrator: AdministratorOptions
    @OptionGroup var options: OutputOptions

    func validate() throws {
      if administrators.isEmpty { throw ValidationError("--administrator is missing") }
      if Swift.Set(administrators).count < administrators.count {
        throw ValidationError("an --administrator is named twice")
      }
    }

    func run(_ output: Output) async throws {
      try await administrator.propose(ledger, output) { _ in
        .setAdministrators(administrators.sorted(), threshold: threshold)
      }
    }
  }
}
