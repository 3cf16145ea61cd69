import Foundation

/// Two stories: of a contract that is evidence, and of data that one bureau asks another for.
struct DemoStory {
  /// The demo's directory.
  let folder: String
  let materials: DemoMaterials
  private let shell: DemoShell
  private let isStyled = isatty(CommandContext.current.output) == 1
  private let output = Output(isJSON: false)
  private var number = 0

  init(folder: String, materials: DemoMaterials) {
    (self.folder, self.materials) = (folder, materials)
    shell = DemoShell(binary: materials.binary)
  }

  /// Prints a line.
  func say(_ text: String) {
    do {
      try output.say(text)
      try output.flush()
    } catch { Diagnostics.note(Problem(error).detail) }
  }

  /// Plays them: runs each command and shows what it prints.
  ///
  /// - Throws: `CommandError` where a step did not do what the story says.
  mutating func play() throws {
    say(localized("Two stories from 郑州 Zhengzhou. Everything happens in\n  cd \(ShellText.path(folder))"))
    try found()
    chapter(localized("电子存证 Electronic evidence"))
    try evidence()
    chapter(localized("政务数据共享 Government data sharing"))
    try sharing()
    chapter(localized("核验 The whole ledger"))
    try verify()
    say(
      localized(
        """

        Every step did what it should. Go on in \(ShellText.path(folder)):
          zheng evidence status ledger E-2026-001
          zheng share report ledger
          zheng list ledger
          sqlite3 ledger/index.sqlite 'SELECT * FROM evidence_custody'
        """))
  }

  private mutating func found() throws {
    heading(
      localized("Five organisations make keys."),
      localized(
        """
        市大数据局 Data Bureau, 公证处 Notary Office, 中级人民法院 Intermediate Court, its 司法技术处 Forensic Office and \
        卫生健康委 Health Commission keep their private keys to themselves and give away the public ones.
        """))
    try run("mkdir keys judge")
    try run(
      "for m in data-bureau notary court forensics health; do zheng key new keys/$m.pem --public keys/$m.pub.pem; done",
      shownLines: 5)
    heading(
      localized("They found a ledger."),
      localized(
        """
        consortium.json says who they are and what each may do. The Data Bureau signs; the ledger id and the policy are \
        published, here as the file policy.
        """))
    try run("cat consortium.json")
    try run("zheng init ledger --consortium consortium.json --key keys/data-bureau.pem")
    try run("cp ledger/policy policy")
  }

  private mutating func verify() throws {
    heading(
      localized("Is the ledger whole?"),
      localized(
        """
        Everything is checked again from the entries up: signatures, the rules of both scenarios, blocks, roots, \
        cosignatures. The policy ties the result to what was published.
        """))
    try run("zheng verify ledger --policy policy")
    heading(
      localized("Somebody changes one byte of a copy."),
      localized(
        "As whoever runs the machine could: in the digest of the contract, within the notary's signed statement."
      )
    )
    try run("cp -r ledger tampered")
    let (position, old, new) = try byteToFlip()
    try run(
      "printf '\\\(String(new, radix: 8))' | dd of=tampered/entries/000000000000 bs=1 seek=\(position) conv=notrunc status=none"
    )
    say(localized("  (byte \(position): 0x\(String(old, radix: 16)) became 0x\(String(new, radix: 16)))"))
    try run("zheng verify tampered --policy policy", expects: .notVerified)
  }

  /// A byte of the contract's digest as it lies in the ledger, and another in its place.
  private func byteToFlip() throws -> (position: Int, old: UInt8, new: UInt8) {
    let entries = try Data(contentsOf: URL(fileURLWithPath: folder + "/ledger/entries/000000000000"))
    let digest = try Files.digest("\(folder)/\(DemoMaterials.contract)").digest
    guard let found = entries.range(of: Data(digest.bytes)) else {
      throw CommandError(
        .inputOutput, "io", localized("\(folder)/ledger: the contract's digest is not in the entries"))
    }
    let position = found.lowerBound + 16
    return (position, entries[position], entries[position] ^ 1)
  }

  // MARK: Telling

  func chapter(_ title: String) {
    say("\n" + (isStyled ? "\u{1b}[1;7m \(title) \u{1b}[0m" : "==== \(title)"))
  }

  mutating func heading(_ title: String, _ text: String) {
    number += 1
    let title = "\(number). \(title)"
    say("\n" + (isStyled ? "\u{1b}[1m\(title)\u{1b}[0m" : title))
    if !text.isEmpty { say(text) }
  }

  /// Shows a command, runs it, and shows what it gave.
  ///
  /// - Returns: what it gave.
  @discardableResult
  func run(
    _ command: String, expects status: ExitStatus = .good, shownLines: Int = 24, fromEnd: Bool = false
  ) throws -> DemoShell.Outcome {
    say(isStyled ? "\u{1b}[36m$ \(command)\u{1b}[0m" : "$ \(command)")
    let outcome = try shell.run(command, in: folder)
    let left = outcome.lines.count - shownLines
    if left > 0, fromEnd { say(localized("  … \(left) lines")) }
    for line in fromEnd ? outcome.lines.suffix(shownLines) : outcome.lines.prefix(shownLines) {
      say("  \(line)")
    }
    if left > 0, !fromEnd { say(localized("  … \(left) more lines")) }
    if outcome.status != 0 { say(localized("  (exit status \(outcome.status))")) }
    guard outcome.status == status.rawValue else {
      throw CommandError(
        .notVerified, "demo",
        localized(
          "the demo expected exit status \(status.rawValue) of this command, and it was \(outcome.status); what it made is in \(folder)"
        )
      )
    }
    return outcome
  }
}
