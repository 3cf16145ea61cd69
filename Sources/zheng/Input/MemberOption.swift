import ArgumentParser
import Workflows

/// Whose work is shown: a member by its id, or the one whose key signs.
struct MemberOption: ParsableArguments {
  @OptionGroup var key: KeyOption
  @Option(help: "The id of a member, instead of --key.") var member: String?

  /// The member's id on `ledger`.
  ///
  /// - Throws: `unknown-member`, `unknown-key`.
  func id(on ledger: any LedgerAccess) async throws -> String {
    let roster = try await ledger.state().roster
    if let member {
      guard roster.member(member) == nil else { return member }
      throw CommandError.noInput(
        localized(
          "no member is called \(Printable.text(member)); `zheng members \(ShellText.path(ledger.place))` shows them"
        )
      )
    }
    let path = try key.path
    return try Signer(key: KeyFiles.privateKey(path), path: path).member(in: roster, of: ledger.place)
  }
}
