import ArgumentParser
import Ledger
import Workflows

/// `zheng policy`.
struct PolicyCommand: ResultCommand {
  static let configuration = CommandConfiguration(
    commandName: "policy",
    abstract:
      "Write the policy that holds now, following changes of validators and of the log key from an older one.",
    discussion: """
      A policy names the validators and the log key, and the blocks for which they sign. When one of them changes, those in office until \
      then cosign the block that says so. This command reads a copy of the ledger from the founding on, judges all of it, and follows the chain \
      of changes from the policy that you trust to the present one; where a change was not cosigned by those in office, it writes nothing.

        zheng policy ledger --from policy --out policy.new

      Without --from it begins with the founding: then what you trust is the ledger id. Proofs against checkpoints of earlier blocks are \
      checked with the policy of those who held office then: --block writes it, and it is for those blocks only. Throw the older file away: \
      it names no end, and so goes on trusting whoever has left.

        zheng policy ledger --from policy --block 17 --out policy.then

      At a node, take a copy first (`zheng follow`).
      """)

  @OptionGroup var ledger: DirectoryArgument
  @Option(help: "The older policy, from a source that you trust.", completion: .file()) var from: String?
  @Option(help: "Write the policy for this block, in the place of the present one.") var block: UInt64?
  @Option(help: "The file to write the policy to; never in the place of another. Default: standard output.")
  var out: String?
  @OptionGroup var options: OutputOptions

  func run(_ output: Output) throws {
    let folder = try ledger.folder
    let old = try from.map { try PolicyFile.read($0, note: Diagnostics.note(told:)) }
    let succession = try PolicySuccession(of: folder, from: old, at: from ?? "")
    guard let text = succession.policy(ofBlock: block) else {
      throw CommandError.usage(
        localized("--block \(block ?? 0): the older policy is for later blocks; begin with an older one"))
    }
    let policy = Array(text.utf8)
    if let out { try Files.create(out, policy) }
    guard output.isJSON || out != nil else { return try output.raw(policy) }
    try output.result(
      [
        "ledger": .text(succession.ledger.hex), "policy": .text(text), "out": JSON(out),
        "tenures": .array(
          succession.tenures.map { tenure in
            [
              "first": .number(tenure.since), "last": JSON(tenure.last),
              "validators": .array(tenure.terms.validators.map { .text($0.name) }),
              "quorum": .number(UInt64(tenure.terms.quorum)), "log": .text(tenure.terms.logKey.description),
            ]
          }),
      ],
      text: labelled(
        succession.tenures.map { tenure in
          let last = tenure.last.map(String.init) ?? ""
          return (
            localized("blocks \(tenure.since)-\(last)"),
            localized(
              "\(listed(tenure.terms.validators.map(\.name))); quorum \(tenure.terms.quorum); log key \(tenure.terms.logKey)"
            )
          )
        } + (out.map { [("written", $0)] } ?? [])))
  }
}
