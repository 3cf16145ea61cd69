import ArgumentParser
import LedgerCrypto
import Scenarios
import Workflows

extension ShareCommand {
  /// `zheng share todo`.
  struct Todo: AsyncResultCommand {
    static let configuration = CommandConfiguration(
      abstract: "List what awaits a member, and until when.",
      discussion: """
        Replies, deliveries, receipts and answers that the member of --key owes; for an authority also the entries \
        awaiting its countersignature.

          zheng share todo ledger --key health.pem
          zheng share todo https://node.example --policy policy --member health
        """)

    @OptionGroup var ledger: LedgerArgument
    @OptionGroup var member: MemberOption
    @OptionGroup var options: OutputOptions

    func run(_ output: Output) async throws {
      try ledger.require()
      let opened = try await ledger.opened()
      let (member, state) = (try await member.id(on: opened), SharingState(opened))
      let time = SharingTime(try await opened.utcOffset())
      var table = TextTable(["", "DUE", "DAYS", "OWED", "TO", "ABOUT", "SINCE", "STATEMENT"])
      for line in try await state.openMatters(at: CommandContext.now, of: member).lines
      where line.by == member {
        if output.isJSON { try output.result(line.json, text: "") }
        table.add([
          line.isOverdue ? localized("OVERDUE") : "", line.lastDay?.description ?? "-",
          line.workingDaysLeft.map(String.init) ?? "-", line.owed.text, line.to, line.subject,
          time.day(line.since), line.objection?.hex ?? "",
        ])
      }
      for offer in try await state.offers(waitingFor: member) {
        if output.isJSON {
          try output.result(
            [
              "owed": "countersignature", "by": .text(member), "to": .text(offer.provider),
              "subject": .text(offer.entry), "entry": .text(offer.entry),
              "statement": .text(offer.statement.hex), "since": .text(offer.offered.asTimestamp),
            ], text: "")
        }
        table.add([
          "", "-", "-", localized("countersignature"), offer.provider, offer.entry, time.day(offer.offered),
          offer.statement.hex,
        ])
      }
      if !table.isEmpty { try output.say(table.text) }
      if table.isEmpty, !output.isJSON { Diagnostics.note(localized("nothing waits for \(member)")) }
    }
  }
}

extension SharingBoardLine {
  /// The objection that an answer is owed to.
  fileprivate var objection: Digest? { if case .answer(let id) = owed { id } else { nil } }
}
