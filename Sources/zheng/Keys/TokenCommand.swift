import ArgumentParser
import LedgerClient
import LedgerCrypto
import Scenarios
import Workflows

/// `zheng token`.
struct TokenCommand: ResultCommand {
  static let configuration = CommandConfiguration(
    commandName: "token", abstract: "Make a token with which a member reads a node.",
    discussion: """
      A node with --read members, the default, admits requests with `Authorization: Bearer TOKEN`. The token is \
      signed with the member's key and holds for this ledger, this node's URL and some minutes; until then whoever \
      has it reads as the member. The URL must be the one that requests use.

        TOKEN=$(zheng token --key notary.pem --policy policy --node https://ledger.example.org)
        curl -H "Authorization: Bearer $TOKEN" https://ledger.example.org/members

      Send it only over https, or to this machine. Commands with a node's URL make tokens themselves, with --key or \
      the key that ZHENG_KEY names.
      """)

  @OptionGroup var key: KeyOption
  @Option(help: "The member. Default: the one whose key it is.") var issuer: String?
  @Option(help: "The policy file of the ledger.", completion: .file()) var policy: String?
  @Option(help: "The ledger's id, instead of --policy.") var ledgerID: String?
  @Option(help: "The URL of the node.") var node: String
  @Option(help: "How many minutes it is valid, 1 to 10.") var minutes: UInt64 =
    ReadingTokens.longestLife / 60
  @OptionGroup var options: OutputOptions

  func validate() throws {
    guard (1...ReadingTokens.longestLife / 60).contains(minutes) else {
      throw ValidationError(localized("--minutes is 1 to \(ReadingTokens.longestLife / 60)"))
    }
    do { _ = try NodeClient(node) } catch { throw ValidationError(error.description) }
  }

  func run(_ output: Output) throws {
    let client = try NodeClient(node)
    let ledger = try NodeTrust(policy: policy, ledgerID: ledgerID).ledgerID
    let tokens = ReadingTokens(
      key: try KeyFiles.privateKey(key.path), issuer: issuer, ledger: ledger, node: client.url,
      now: CommandContext.current.seconds)
    let token = try tokens.new(lifetime: minutes * 60)
    if !ReadingTokens.maySend(to: client.url) {
      Diagnostics.note(
        localized(
          "\(client.url): send the token over https only, or to this machine: whoever sees it can read"))
    }
    try output.result(
      [
        "token": .text(token.text), "ledger": .text(ledger.hex), "node": .text(client.url),
        "expires": .text(Timestamp.text(seconds: token.end)),
      ], text: token.text)
  }
}
