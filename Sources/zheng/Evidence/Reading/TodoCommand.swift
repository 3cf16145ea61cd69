import ArgumentParser
import Scenarios
import Workflows

/// `zheng evidence todo`.
struct EvidenceTodoCommand: AsyncResultCommand {
  static let configuration = CommandConfiguration(
    commandName: "todo", abstract: "List what awaits a member.",
    discussion: """
      Items offered to the member of --key; items in its custody that are unsealed, under examination or disputed; \
      and statements that it may countersign. Each comes with the next command.

        zheng evidence todo ledger --key notary.pem
        zheng evidence todo https://node.example --policy policy --member court
      """)

  @OptionGroup var ledger: LedgerArgument
  @OptionGroup var member: MemberOption
  @OptionGroup var options: OutputOptions

  func run(_ output: Output) async throws {
    try ledger.require()
    let opened = try await ledger.opened()
    let member = try await member.id(on: opened)
    var isNothing = true
    for waiting in try await opened.items(waitingFor: member) {
      isNothing = false
      let steps = waiting.stepsJSON(of: member)
      try output.result(
        [
          "item": .text(waiting.id), "state": .text(waiting.item.state.rawValue),
          "since": .text(Timestamp.text(milliseconds: waiting.item.since)), "next": steps,
        ], text: labelled([("item", waiting.summary)] + waiting.rows(of: member)) + "\n")
    }
    if isNothing, !output.isJSON { Diagnostics.note(localized("nothing waits for \(member)")) }
  }
}
