import ArgumentParser
import Ledger
import LedgerCrypto
import Scenarios
import Workflows

extension ShareCommand {
  /// `zheng share calendar`.
  struct Calendar: AsyncResultCommand {
    static let configuration = CommandConfiguration(
      abstract: "Record the working days 工作日 (the authority).",
      discussion: """
        FILE is JSON: the version, the days off, and the Saturdays and Sundays worked in exchange (调休). Other \
        Mondays to Fridays are working days; other Saturdays and Sundays are days off.

          {
            "version": "2026-1",
            "basis": "国务院办公厅关于2026年部分节假日安排的通知",
            "holidays": ["2026-10-01", "2026-10-02", "2026-10-05", "2026-10-06", "2026-10-07"],
            "working": ["2026-10-10"]
          }

          zheng share calendar ledger 2026.json --key authority.pem

        The calendar is in force from its record on. Limits counted before stay as they were, except those that \
        reach into a year that no calendar covered: they were marked, and are counted again once a calendar lists \
        days of that year and is recorded before their last day. A change is a new version that lists all days \
        again.
        """)

    @OptionGroup var ledger: LedgerArgument
    @Argument(help: "The calendar file.", completion: .file()) var file: String
    @OptionGroup var statement: StatementOptions
    @OptionGroup var options: OutputOptions

    func run(_ output: Output) async throws {
      let calendar = try CalendarFile.read(file)
      let (recorded, _) = try await statement.record(sharing: ledger) { _, _ in calendar }
      var text = SharingReceiptText(recorded, "calendar", ledger)
      text.add(
        "version", localized("\(calendar.version), in force from now on"), "version", .text(calendar.version))
      text.add(
        "days",
        localized(
          "\(counted(calendar.holidays.count, "holiday")), \(counted(calendar.workingDays.count, "weekend day")) worked"
        ),
        "holidays", .number(UInt64(calendar.holidays.count)))
      text.field("working", .number(UInt64(calendar.workingDays.count)))
      try text.print(to: output)
    }
  }

  /// `zheng share catalogue`.
  struct Catalogue: AsyncResultCommand {
    static let configuration = CommandConfiguration(
      abstract: "Offer a catalogue entry 目录, or its next version (the provider).",
      discussion: """
        It is in force once the authority countersigns it. --lead names items whose one source is this entry (一数一源). \
        An entry that is not shareable names the law, a conditional one its conditions.

          zheng share catalogue ledger BIRTHS --name 出生医学证明 --item 证明编号 --item 出生日期 --lead 证明编号 \
        --attribute conditional --conditions 仅限入学核验 --basis 条例第二十条 --grade 重要 --format CSV --frequency 每日 \
        --method 文件 --key health.pem
        """)

    @OptionGroup var ledger: LedgerArgument
    @Argument(help: "The entry's code 信息资源代码.") var entry: String
    @Option(help: "What the data are.") var name: String
    @Option(help: "A data item in the entry; may be repeated.") var item: [String]
    @Option(help: "An item whose one source is this entry; may be repeated.") var lead: [String] = []
    @Option(help: "The terms of sharing: unconditional, conditional or not-shareable.") var attribute:
      SharingAttribute
    @Option(help: "The conditions of a conditional entry.") var conditions: String?
    @Option(help: "The law on which these terms rest.") var basis: String?
    @Option(help: "The grade of the data 分类分级, such as 一般 or L2.") var grade: String
    @Option(help: "The format, such as CSV or 库表.") var format: String
    @Option(help: "How often the data are updated, such as 每日.") var frequency: String
    @Option(help: "How the data are handed over, such as 文件 or 接口.") var method: String
    @Option(help: "The version. Default: the next one.") var version: UInt64?
    @OptionGroup var statement: StatementOptions
    @OptionGroup var options: OutputOptions

    func run(_ output: Output) async throws {
      let items = try DataItems.named(item, by: "--item")
      let leading = try lead.isEmpty ? nil : DataItems.named(lead, by: "--lead")
      let (recorded, catalogue) = try await statement.record(sharing: ledger) { state, _ in
        let next = try await (state.entry(entry)?.catalogue.version ?? 0) + 1
        return SharingCatalogue(
          entry: entry, version: version ?? next, name: name, items: items, lead: leading,
          attribute: attribute, conditions: conditions, basis: basis, grade: grade, format: format,
          frequency: frequency, method: method)
      }
      var text = SharingReceiptText(recorded, "catalogue", ledger)
      text.add("entry", catalogue.entry, "entry", .text(catalogue.entry))
      text.add(
        "version", localized("\(catalogue.version), not in force yet"), "version", .number(catalogue.version))
      text.field("state", "waiting")
      text.then(
        localized("the authority countersigns it, and then it is in force:"),
        text.command("countersign", recorded.id.hex) + " --key AUTHORITY.pem")
      try text.print(to: output)
    }
  }

  /// `zheng share countersign`.
  struct Countersign: AsyncResultCommand {
    static let configuration = CommandConfiguration(
      abstract: "Put an offered catalogue entry in force (the authority).",
      discussion: """
        `zheng share entries --waiting` lists those waiting, with the ids of their statements.

          zheng share entries     ledger --waiting
          zheng share countersign ledger STATEMENT-ID --key authority.pem
        """)

    @OptionGroup var ledger: LedgerArgument
    @Argument(help: "The id of the offering statement (64 hex digits).") var offered: String
    @OptionGroup var statement: StatementOptions
    @OptionGroup var options: OutputOptions

    func run(_ output: Output) async throws {
      let id = try Digest.statementID(offered)
      var entry: String?
      let recorded = try await statement.submit(on: ledger) { opened, _ in
        entry = try await SharingState(opened).knownOffer(id).entry
        return .countersignature(of: id)
      }
      var text = SharingReceiptText(recorded, "countersign", ledger)
      text.add("entry", localized("\(entry ?? ""), in force from now on"), "entry", JSON(entry))
      text.field("offer", .text(id.hex))
      text.then(
        localized("demanders ask for it:"),
        text.command(
          "request", "REQUEST",
          options: "\(ShellText.option("--entry", entry ?? "ENTRY")) … --key DEMANDER.pem"))
      try text.print(to: output)
    }
  }
}

extension DataItems {
  /// The set of `names` that an option gave.
  static func named(_ names: [String], by option: String) throws -> DataItems {
    guard let items = DataItems(names) else {
      throw CommandError.usage(
        localized(
          "\(option): data items are 1 to 256 names of 1 to 64 bytes on a line each, none of them twice"))
    }
    return items
  }
}

extension Digest {
  /// The statement id that a person has typed.
  static func statementID(_ text: String) throws -> Digest {
    guard let id = Digest(hex: text.lowercased()) else {
      throw CommandError.usage(localized("\(Printable.text(text)): a statement's id has 64 hex digits"))
    }
    return id
  }
}

extension SharingAttribute: ExpressibleByArgument {}
extension SharingFault: ExpressibleByArgument {}
extension SharingOutcome: ExpressibleByArgument {}
