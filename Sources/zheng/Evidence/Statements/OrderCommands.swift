import ArgumentParser
import Scenarios
import Workflows

/// `zheng evidence hold`.
struct EvidenceHoldCommand: ItemStatementCommand {
  static let configuration = CommandConfiguration(
    commandName: "hold", abstract: "Put an item under a legal hold (a court).",
    discussion: """
      An item under a hold is neither released nor disposed of. It can still be handed over and examined.

        zheng evidence hold ledger E-2026-17 --order '(2026)豫01证保3号' \\
          --key court.pem
      """)

  @OptionGroup var ledger: LedgerArgument
  @OptionGroup var about: ItemStatementOptions
  @OptionGroup var said: StatementOptions
  @Option(help: "The order's reference.") var order: String
  @Option(help: "Why.") var reason: String?
  @OptionGroup var options: OutputOptions

  func payload(_ item: Evidence.Item, on ledger: any LedgerAccess) -> Evidence.Hold {
    Evidence.Hold(order: order, reason: reason, occurred: about.happened.seconds)
  }
}

/// `zheng evidence lift`.
struct EvidenceLiftCommand: ItemStatementCommand {
  static let configuration = CommandConfiguration(
    commandName: "lift", abstract: "Lift a legal hold (a court).",
    discussion: """
        zheng evidence lift ledger E-2026-17 --order '(2026)豫01证保3号' \\
          --key court.pem
      """)

  @OptionGroup var ledger: LedgerArgument
  @OptionGroup var about: ItemStatementOptions
  @OptionGroup var said: StatementOptions
  @Option(help: "The reference of the hold to lift; `status` shows those in force.") var order: String
  @Option(help: "Why: the reference of the later order.") var reason: String?
  @OptionGroup var options: OutputOptions

  func payload(_ item: Evidence.Item, on ledger: any LedgerAccess) -> Evidence.Lift {
    Evidence.Lift(order: order, reason: reason, occurred: about.happened.seconds)
  }
}

/// `zheng evidence release`.
struct EvidenceReleaseCommand: ItemStatementCommand {
  static let configuration = CommandConfiguration(
    commandName: "release", abstract: "Release an item from custody for good (its custodian, with a court).",
    discussion: """
      It awaits a court's countersignature; any custody entry before that makes it void.

        zheng evidence release ledger E-2026-17 --order '(2026)豫01民初17号判决' \\
          --outcome released --key notary.pem
        zheng evidence countersign ledger E-2026-17 --key court.pem
      """)

  @OptionGroup var ledger: LedgerArgument
  @OptionGroup var about: ItemStatementOptions
  @OptionGroup var said: StatementOptions
  @Option(help: "The reference of the court's order.") var order: String
  @Option(help: "The outcome: released (given back) or disposed (destroyed).")
  var outcome: Evidence.Release.Outcome
  @OptionGroup var options: OutputOptions

  func payload(_ item: Evidence.Item, on ledger: any LedgerAccess) -> Evidence.Release {
    Evidence.Release(
      order: order, outcome: outcome, previous: item.last, occurred: about.happened.seconds)
  }
}

/// `zheng evidence resolve`.
struct EvidenceResolveCommand: ItemStatementCommand {
  static let configuration = CommandConfiguration(
    commandName: "resolve", abstract: "Settle a dispute (its custodian, with a supervisor).",
    discussion: """
      It awaits a supervisor's countersignature. Without --seal the item keeps its seal.

        zheng evidence resolve ledger E-2026-17 \\
          --reason '封条运输中磨损, 内容核验一致' --outcome sealed --seal S-0003 \\
          --key notary.pem
        zheng evidence countersign ledger E-2026-17 --key supervisor.pem
      """)

  @OptionGroup var ledger: LedgerArgument
  @OptionGroup var about: ItemStatementOptions
  @OptionGroup var said: StatementOptions
  @Option(help: "Why the item was disputed, and what was found.") var reason: String
  @Option(help: "The outcome: sealed (kept) or disposed (destroyed).")
  var outcome: Evidence.Resolve.Outcome
  @Option(help: "The number of a new seal.") var seal: String?
  @OptionGroup var options: OutputOptions

  func payload(_ item: Evidence.Item, on ledger: any LedgerAccess) -> Evidence.Resolve {
    Evidence.Resolve(
      reason: reason, outcome: outcome, seal: seal, previous: item.last, occurred: about.happened.seconds)
  }
}

extension Evidence.Release.Outcome: ExpressibleByArgument {}
extension Evidence.Resolve.Outcome: ExpressibleByArgument {}
