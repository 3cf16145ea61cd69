extension DemoStory {
  /// A bureau publishes what it has, another asks, is granted, receives, and is held to its purpose.
  mutating func sharing() throws {
    try publish()
    try request()
    try deliver()
    try overdue()
    heading(
      localized("The data are erased, and that can be told from tampering."),
      localized(
        """
        Salt and data in the vault are destroyed. What the ledger has left is a commitment that nobody can test a guess \
        against any more, and the record that says so.
        """))
    try run(
      "zheng share erase ledger R-2026-001 --delivery 1 --reason '用毕销毁 no longer needed' --vault vault-health --key keys/health.pem"
    )
    try run("zheng verify ledger --policy policy --vault vault-health")
  }

  private mutating func publish() throws {
    heading(
      localized("The Health Commission publishes what it has."),
      localized(
        """
        The Data Bureau says which days are working days. An entry of the catalogue is in force when the Data Bureau has \
        countersigned it.
        """))
    try run("zheng share calendar ledger files/calendar.json --key keys/data-bureau.pem")
    let offered = try run(
      """
      zheng share catalogue ledger 410100-0007 --name '出生医学证明 birth certificates' --item 证明编号 --item 出生日期 \
      --item 接生机构 --lead 证明编号 --attribute unconditional --grade 重要 --format CSV --frequency 每日 --method 文件 \
      --key keys/health.pem
      """)
    guard let id = offered.firstDigest else {
      throw CommandError(
        .notVerified, "demo", localized("the catalogue entry's statement id was not printed"))
    }
    try run("zheng share countersign ledger \(id) --key keys/data-bureau.pem")
  }

  private mutating func request() throws {
    heading(
      localized("The Notary Office asks, and says on what ground."),
      localized(
        """
        No personal data may come onto a ledger that forgets nothing: the number of an identity card is refused before \
        anything is signed.
        """))
    let ask =
      """
      zheng share request ledger R-2026-001 --entry 410100-0007 --item 证明编号 --item 出生日期 --purpose 公证/亲属关系 \
      --basis '公证法第二十七条' --handler 公证一科 --until 2030-12-31 --key keys/notary.pem --scenario
      """
    try run("\(ask) '出生公证 11010519491231002X'", expects: .refused)
    try run("\(ask) '出生公证 birth certificate'")
    try run("zheng share board ledger")
    try run("zheng share grant ledger R-2026-001 --limit 2 --key keys/health.pem")
  }

  private mutating func deliver() throws {
    heading(
      localized("Data are delivered, and received."),
      localized(
        """
        Data and a fresh salt lie in the Health Commission's vault and go to the notary; the ledger gets a commitment to \
        them. The notary computes it again from what arrived.
        """))
    try run(
      """
      zheng share deliver ledger R-2026-001 --file files/births.csv --records 2 --vault vault-health --out handover \
      --key keys/health.pem
      """)
    try run(
      "zheng share receipt ledger R-2026-001 --file handover/births.csv --salt handover/births.csv.salt --key keys/notary.pem"
    )
    heading(
      localized("They are used for what they were given for."),
      localized("Another purpose is refused by the ledger's rules, and every validator judges by the same."))
    let use =
      "zheng share use ledger R-2026-001 --reference '(2026)豫郑证民字第17号' --key keys/notary.pem --purpose"
    try run("\(use) 公证/亲属关系")
    try run("\(use) 商业营销", expects: .refused)
  }

  private mutating func overdue() throws {
    heading(
      localized("A deadline is missed, and shown."),
      localized(
        """
        Nobody answers the second request. The board as it will be read in 2027: overdue, and still not granted by itself.
        """))
    try run(
      """
      zheng share request ledger R-2026-002 --entry 410100-0007 --item 接生机构 --purpose 公证/出生 --basis '公证法第二十七条' \
      --handler 公证二科 --until 2030-12-31 --scenario '出生公证 birth certificate' --key keys/notary.pem
      """)
    try run("zheng share board ledger --at 2027-03-01")
    try run("zheng share history ledger R-2026-001", shownLines: 40)
  }
}

extension DemoShell.Outcome {
  /// The first 64 lowercase hex digits that stand alone.
  var firstDigest: String? {
    let words = lines.lazy.flatMap { $0.split { !$0.isLetter && !$0.isNumber } }
    return words.first { $0.count == 64 && $0.allSatisfy { $0.isHexDigit && !$0.isUppercase } }
      .map(String.init)
  }
}
