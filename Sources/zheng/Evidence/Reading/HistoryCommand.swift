import ArgumentParser
import Foundation
import Scenarios
import Workflows

/// `zheng evidence history`.
struct EvidenceHistoryCommand: AsyncResultCommand {
  static let configuration = CommandConfiguration(
    commandName: "history", abstract: "Show who has held an item, and everything else recorded about it.",
    discussion: """
      Each row is a statement: entry, block time, what, who, to whom, seal, details. A * marks entries of the \
      custody chain; each names the one before, which is checked here. The lag is the time from when it happened, as \
      the issuer claims, until it was recorded. A line marks every stretch of more than --gap hours without a \
      custody entry.

        zheng evidence history ledger E-2026-17
        zheng evidence history ledger E-2026-17 --gap 1

      The answer is as good as the ledger's directory, which `zheng verify` checks. Exit status 1 if the chain is \
      broken.
      """)

  @OptionGroup var ledger: LedgerArgument
  @Argument(help: "The item's id.") var item: String
  @Option(help: "How many hours without a custody entry before a line marks the gap.") var gap: Double = 24
  @OptionGroup var options: OutputOptions

  func validate() throws {
    guard gap >= 0, gap <= 1e6 else {
      throw ValidationError(localized("--gap is a number of hours, 0 or more"))
    }
  }

  func run(_ output: Output) async throws {
    let history = try await ItemHistory(of: item, on: ledger.opened())
    try output.result(history.json(item), text: history.text(item, gap: UInt64(gap * 3_600_000)))
    if history.fault != nil { throw ExitStatus.notVerified.asError }
  }
}

extension ItemHistory {
  fileprivate func text(_ id: String, gap: UInt64) -> String {
    var table = TextTable(["ENTRY", "BLOCK TIME", "", "WHAT", "WHO", "TO", "SEAL", "SAYS"])
    for event in events {
      if let rest = event.rest, rest > gap {
        table.add(
          line: localized("       … \(DurationText.text(milliseconds: rest)) without a custody event …"))
      }
      table.add([
        String(event.index), Timestamp.text(milliseconds: event.time), event.isCustody ? "*" : "", event.name,
        event.issuer, event.details.to ?? "", event.details.seal ?? "", event.says.replacing("\n", with: " "),
      ])
      // Clocks are not compared to the second.
      if let occurred = event.occurred, let lag = event.lag, lag >= 60 {
        table.add(
          line:
            localized(
              "       LAG: happened at \(Timestamp.text(seconds: occurred)), as \(event.issuer) says; recorded \(DurationText.text(milliseconds: lag * 1000)) later"
            )
        )
      }
      if let other = event.other { table.add(line: localized("       MISMATCH: \(retold(other.text))")) }
      for correction in event.corrections {
        table.add(line: localized("       CORRECTED by entry \(correction.index): \(correction.what)"))
      }
    }
    let now = max(newest, item.since)
    if !item.state.isTerminal, now - item.since > gap {
      table.add(
        line:
          localized(
            "       … \(DurationText.text(milliseconds: now - item.since)) without a custody event, up to the newest block …"
          )
      )
    }
    let chain =
      fault.map { localized("the custody chain is BROKEN: \($0); `zheng verify` looks for what is damaged") }
      ?? localized(
        "one unbroken chain of \(counted(item.entries, "custody entry", plural: "custody entries")), *; \(item.state.isTerminal ? localized("last held") : localized("held")) by \(item.custodian) since \(Timestamp.text(milliseconds: item.since))"
      )
    return table.text + "\n\(Printable.text(id)): \(named("state", item.state.rawValue)); \(chain)"
  }
}

extension ItemHistory.Event {
  /// What was done.
  fileprivate var name: String { named(kind: what, of: "evidence") }

  fileprivate var says: String {
    switch waits {
    case .waiting: localized("\(details.text); WAITS for its countersignature")
    case .void: localized("\(details.text); void, never countersigned")
    case .completed, nil: what == "countersign" ? retold(details.text) : details.text
    }
  }
}

/// Spans of time for people.
enum DurationText {
  /// `3 d 4 h`, `2 h 5 min`, `40 s`.
  static func text(milliseconds: UInt64) -> String {
    let seconds = milliseconds / 1000
    let (days, hours, minutes) = (seconds / 86_400, seconds % 86_400 / 3600, seconds % 3600 / 60)
    if days > 0 { return localized("\(days) d \(hours) h") }
    if hours > 0 { return localized("\(hours) h \(minutes) min") }
    return minutes > 0 ? localized("\(minutes) min \(seconds % 60) s") : localized("\(seconds) s")
  }
}
