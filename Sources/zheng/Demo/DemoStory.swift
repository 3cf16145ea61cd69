import Foundation

/// The story of one record, from the founding of a ledger to the discovery of a changed byte.
struct DemoStory {
  /// The demo's directory.
  let folder: String
  private let materials: DemoMaterials
  private let shell: DemoShell
  private let isStyled = isatty(STDOUT_FILENO) == 1
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

  /// Tells it.
  ///
  /// - Throws: `CommandError` where a step did not do what the story says.
  mutating func tell() throws {
    say("The story of a record. Everything happens in\n  cd \(Printable.shellWord(folder))")
    try found()
    try append()
    try search()
    try prove()
    try tamper()
    say(
      """

      Every step did what it should. Go on in \(folder):
        zheng members ledger
        zheng append ledger --key keys/notary.pem --type text/plain --lines - < files/\(materials.documentName)
        zheng export ledger public
      """)
  }

  // MARK: Steps

  private mutating func found() throws {
    heading(
      "Three organisations make keys.",
      """
      市大数据局 Data Bureau, 公证处 Notary Office and 中级人民法院 Intermediate Court keep their private keys to themselves and give \
      away the public ones.
      """)
    try run("mkdir keys")
    for member in ["data-bureau", "notary", "court"] {
      try run("zheng key new keys/\(member).pem --public keys/\(member).pub.pem")
    }
    try Files.create(folder + "/consortium.json", Array(DemoStory.consortium.utf8))
    heading(
      "They found a ledger.",
      """
      consortium.json says who they are. The Data Bureau signs; the ledger id and the policy are published, here as the \
      file policy.
      """)
    try run("cat consortium.json")
    try run("zheng init ledger --consortium consortium.json --key keys/data-bureau.pem")
    try run("cp ledger/policy policy")
  }

  private mutating func append() throws {
    heading(
      "The Notary Office records a file.",
      "Its statement is signed with its key; the receipt says entry 2, in block 1, and gives the statement's id."
    )
    try run(
      "zheng append ledger --key keys/notary.pem --type text/plain --subject case-17 \(materials.documentWord)"
    )
    if materials.hasSources {
      heading(
        "The Data Bureau records many at once.",
        "This project's own sources, each a record, all in one block.")
      try run(
        "zheng append ledger --key keys/data-bureau.pem --type text/plain --subject sources $(find files/Sources -name '*.swift')",
        shownLines: 4)
    } else {
      heading("The Data Bureau records a catalogue.", "Each line of it is a record, all in one block.")
      try run(
        "zheng append ledger --key keys/data-bureau.pem --type text/plain --subject catalogue --lines files/数据目录.csv"
      )
    }
    heading(
      "The Intermediate Court has a file too large for the ledger.",
      "It is refused, with what to do instead: the file stays where it is, and its digest is recorded.")
    let large = Printable.shellWord(materials.largeFile)
    try run("zheng append ledger --key keys/court.pem \(large)", expects: .refused)
    try run(
      "sha256sum \(large) | zheng append ledger --key keys/court.pem --type text/plain --subject program -")
    heading("A stranger is refused.", "The ledger takes statements of its members only.")
    try run("zheng key new keys/stranger.pem")
    try run("zheng append ledger --key keys/stranger.pem \(materials.documentWord)", expects: .refused)
  }

  private mutating func search() throws {
    heading("Who finds what?", "By the file itself, or by who, what and when.")
    try run("zheng find ledger \(materials.documentWord)")
    try run("zheng find ledger \(Printable.shellWord(materials.largeFile))")
    try run("zheng list ledger --issuer notary")
    try run("zheng show ledger 2", shownLines: 12)
    heading(
      "Is the ledger whole?",
      """
      Everything is checked again from the entries up: signatures, rules, blocks, roots, cosignatures. The policy ties the \
      result to what was published.
      """)
    try run("zheng verify ledger --policy policy")
  }

  private mutating func prove() throws {
    heading(
      "A judge checks a record without the ledger.",
      """
      In the folder judge there are only the proof, the published policy and the file. It says what is proven, and by whose \
      word.
      """)
    let name = Printable.shellWord(materials.documentName)
    try run("mkdir judge")
    try run("zheng prove ledger 2 --out judge/record-2.tlog-proof")
    try run("cp policy \(materials.documentWord) judge/")
    try run("cd judge && zheng check record-2.tlog-proof --policy policy --file \(name)", shownLines: 40)
    heading("A file that was changed is not the one that was recorded.", "One character more is enough.")
    try run("cd judge && echo . >> \(name)")
    try run(
      "cd judge && zheng check record-2.tlog-proof --policy policy --file \(name)", expects: .notVerified,
      shownLines: 2, fromEnd: true)
  }

  private mutating func tamper() throws {
    heading(
      "Somebody changes one byte of a copy.",
      "As whoever runs the machine could: in the middle of the notary's record.")
    try run("cp -r ledger tampered")
    let (position, old, new) = try byteToFlip()
    try run(
      "printf '\\\(String(new, radix: 8))' | dd of=tampered/entries/000000000000 bs=1 seek=\(position) conv=notrunc status=none"
    )
    say("  (byte \(position): 0x\(String(old, radix: 16)) became 0x\(String(new, radix: 16)))")
    try run("zheng verify tampered --policy policy", expects: .notVerified)
    heading("The ledger itself is as it was.", "")
    try run("zheng verify ledger --policy policy")
  }

  /// A byte of the recorded document as it lies in the ledger, and another in its place.
  private func byteToFlip() throws -> (position: Int, old: UInt8, new: UInt8) {
    let entries = try Data(contentsOf: URL(fileURLWithPath: folder + "/ledger/entries/000000000000"))
    let document = try Data(contentsOf: URL(fileURLWithPath: "\(folder)/\(materials.document)"))
    guard let found = entries.range(of: document), !document.isEmpty else {
      throw CommandError(.inputOutput, "io", "\(folder)/ledger: the recorded file is not in the entries")
    }
    let position = found.lowerBound + document.count / 2
    return (position, entries[position], entries[position] ^ 1)
  }

  // MARK: Telling

  private mutating func heading(_ title: String, _ text: String) {
    number += 1
    let title = "\(number). \(title)"
    say("\n" + (isStyled ? "\u{1b}[1m\(title)\u{1b}[0m" : title))
    if !text.isEmpty { say(text) }
  }

  /// Shows a command, runs it, and shows what it gave.
  private func run(
    _ command: String, expects status: ExitStatus = .good, shownLines: Int = 24, fromEnd: Bool = false
  ) throws {
    say(isStyled ? "\u{1b}[36m$ \(command)\u{1b}[0m" : "$ \(command)")
    let outcome = try shell.run(command, in: folder)
    let left = outcome.lines.count - shownLines
    if left > 0, fromEnd { say("  … \(left) lines") }
    for line in fromEnd ? outcome.lines.suffix(shownLines) : outcome.lines.prefix(shownLines) {
      say("  \(line)")
    }
    if left > 0, !fromEnd { say("  … \(left) more lines") }
    if outcome.status != 0 { say("  (exit status \(outcome.status))") }
    guard outcome.status == status.rawValue else {
      throw CommandError(
        .notVerified, "demo",
        "the demo expected exit status \(status.rawValue) of this command, and it was \(outcome.status); what it made is in \(folder)"
      )
    }
  }

  private static let consortium = """
    {
      "origin": "zhengzhou.example/demo",
      "name": { "zh": "郑州数据共享与电子存证示范链", "en": "Zhengzhou demonstration ledger" },
      "members": [
        { "id": "data-bureau", "name": { "zh": "市大数据局", "en": "Data Bureau" },
          "roles": ["authority"], "keys": ["keys/data-bureau.pub.pem"] },
        { "id": "notary", "name": { "zh": "公证处", "en": "Notary Office" },
          "roles": ["collector", "custodian", "notary"], "keys": ["keys/notary.pub.pem"] },
        { "id": "court", "name": { "zh": "中级人民法院", "en": "Intermediate Court" },
          "roles": ["court"], "keys": ["keys/court.pub.pem"] }
      ],
      "administrators": { "members": ["data-bureau", "notary"], "threshold": 1 }
    }

    """
}

extension DemoMaterials {
  /// The document's file name.
  var documentName: String { String(document.dropFirst("files/".count)) }

  /// The document's path as a shell's word.
  var documentWord: String { Printable.shellWord(document) }
}
