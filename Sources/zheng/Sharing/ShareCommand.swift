import ArgumentParser

/// `zheng share`.
struct ShareCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "share", abstract: "Share government data 政务数据共享: request, grant, deliver, and by when.",
    discussion: """
      The ledger records who asked for which data and on what ground, who granted it, whether it was in time, and a \
      commitment to what was delivered. The data themselves never touch the ledger: they go from the provider's \
      vault to the demander's.

      The authority, the provider and the demander, each with its own key:

        zheng share calendar ledger 2026.json --key authority.pem
        zheng share catalogue ledger BIRTHS --name 出生医学证明 --item 证明编号 \\
          --item 出生日期 --attribute conditional --conditions 仅限入学核验 \\
          --basis 条例第二十条 --grade 重要 --format CSV --frequency 每日 \\
          --method 文件 --key health.pem
        zheng share countersign ledger STATEMENT-ID --key authority.pem
        zheng share request ledger R-2026-017 --entry BIRTHS --item 出生日期 \\
          --purpose 入学核验 --basis 义务教育法第十一条 --scenario 小学新生登记 \\
          --handler 基础教育科 --until 2026-12-31 --key education.pem
        zheng share grant ledger R-2026-017 --key health.pem
        zheng share deliver ledger R-2026-017 --file births.csv --records 812 \\
          --vault vault --out handover --key health.pem
        zheng share receipt ledger R-2026-017 --file births.csv \\
          --salt births.csv.salt --key education.pem
        zheng share use ledger R-2026-017 --purpose 入学核验 --reference 第三批 \\
          --key education.pem
        zheng share erase ledger R-2026-017 --delivery 1 --reason 用毕销毁 \\
          --vault vault --key health.pem

      What is due, and what happened:

        zheng share board ledger
        zheng share history ledger R-2026-017
        zheng share report ledger --from 2026-01-01 --to 2026-12-31 --csv > 2026.csv
        zheng share requests ledger --bureau education --purpose 入学

      Texts must not contain personal data: identity and mobile numbers are refused before anything is signed. \
      Limits are counted in working days, by the ledger's clock and the calendar in force. A missed limit is shown; \
      it never grants anything.
      """,
    groupedSubcommands: [
      CommandGroup(
        name: "Read",
        subcommands: [
          Board.self, History.self, Report.self, Requests.self, Entries.self, Objections.self, Todo.self,
        ]),
      CommandGroup(name: "Authority", subcommands: [Calendar.self, Countersign.self]),
      CommandGroup(
        name: "Provider",
        subcommands: [Catalogue.self, Grant.self, Refuse.self, Deliver.self, Answer.self, Revoke.self]),
      CommandGroup(
        name: "Demander", subcommands: [Request.self, Receipt.self, Use.self, Object.self, Erase.self]),
    ])
}
