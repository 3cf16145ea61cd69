import ArgumentParser
import Foundation
import Ledger
import LedgerCrypto
import Scenarios
import Workflows

/// `zheng evidence deposit`.
struct EvidenceDepositCommand: AsyncResultCommand {
  static let configuration = CommandConfiguration(
    commandName: "deposit", abstract: "Deposit a file or a directory: its fingerprint, never its content.",
    usage: """
      zheng evidence deposit LEDGER FILE --case CASE --method METHOD [--item ITEM] [OPTIONS]
      zheng evidence deposit LEDGER --from LIST.csv [--dry-run] [OPTIONS]
      """,
    discussion: """
        zheng evidence deposit ledger contract.pdf --item E-2026-17 \\
          --case '(2026)豫01民初17号' --method 当事人提交 --key notary.pem
        zheng evidence deposit ledger disk.img --item E-2026-18 --scope media \\
          --case '(2026)豫01民初17号' --method 'dd, write-blocker WB-7' \\
          --tool 'imager 4.2' --collected 2026-07-03T16:00:00+08:00 \\
          --collector 取证二组 --seal S-0001 --digest sm3 --key police.pem

      Without --item the deposit gets the member's next free number, such as notary-E-2026-0001, and prints it.

      A directory is one item and one statement, however many files it has. A manifest lists the digest, size and \
      path of each file. It stays with you; the ledger has its digest, the Merkle root over its lines, and the \
      number and total size of the files. Keep it as safe as the files: it is what proves each file alone.

        zheng evidence deposit ledger photos --item E-2026-19 \\
          --manifest photos.manifest --case '(2026)豫01民初17号' \\
          --method 现场拍摄 --key police.pem
        zheng evidence check ledger photos/0017.jpg --manifest photos.manifest

      File names may identify people, and everyone who checks a file sees the manifest. A name that contains an \
      identity or mobile number is replaced by a salted commitment; --salt-names does so for every name. The names \
      themselves are then in MANIFEST.names, mode 0600, for you alone.

      --from deposits many files at once, one item each. LIST.csv is CSV in UTF-8, as spreadsheets save it. Its first \
      line names the columns, in any order: \(DepositList.Column.names). Only path is required; relative paths begin in \
      the list's folder. An empty column takes the value of the option of that name, such as --case; a line without an \
      item gets a number. Separate several collectors or digests in a cell with semicolons.

        path,item,case,method,collector
        photos/0017.jpg,E-2026-20,(2026)豫01民初17号,现场拍摄,取证二组
        photos/0018.jpg,E-2026-21,(2026)豫01民初17号,现场拍摄,取证二组

        zheng evidence deposit ledger --from list.csv --dry-run --key police.pem
        zheng evidence deposit ledger --from list.csv --key police.pem

      Every line is checked and every file read before the first is recorded; if any line is wrong, all wrong lines \
      are named and nothing is recorded. After an interruption, run the same command again: files that this member \
      already deposited, under the same item or, without one, for the same case, are skipped and listed. The exit \
      status is that of the first wrong line.
      """)

  @OptionGroup var ledger: LedgerArgument
  @Argument(help: "The file or directory.", completion: .file()) var file: String?
  @Option(
    help:
      "A new id for the item: 1 to 128 bytes, no name of a person. Default: the next free number, MEMBER-E-YEAR-0001."
  )
  var item: String?
  @OptionGroup var claims: DepositClaims
  @OptionGroup(title: "Directories") var folder: FolderOptions
  @OptionGroup(title: "Lists") var many: ListOptions
  @OptionGroup var said: StatementOptions
  @OptionGroup var happened: OccurredOption
  @OptionGroup var options: OutputOptions

  func validate() throws {
    let isOfFolder = folder.manifest != nil || folder.saltNames || folder.leaveOut
    guard let file else {
      guard many.from != nil else {
        throw ValidationError(localized("FILE is missing: what is deposited; or --from LIST.csv for many"))
      }
      if item != nil {
        throw ValidationError(localized("--item is of one deposit; a list has a column item"))
      }
      if isOfFolder {
        throw ValidationError(
          localized("--manifest, --salt-names and --leave-out are for a directory, deposited by itself"))
      }
      return
    }
    if many.from != nil { throw ValidationError(localized("give FILE or --from, not both")) }
    if many.dryRun { throw ValidationError(localized("--dry-run goes with --from")) }
    if claims.caseReference == nil {
      throw ValidationError(localized("--case is missing: the case that it belongs to"))
    }
    if claims.method == nil { throw ValidationError(localized("--method is missing: how it was collected")) }
    if isOfFolder, !Files.isFolder(file), Files.exists(file) {
      throw ValidationError(
        localized("--manifest, --salt-names and --leave-out are for a directory; \(file) is a file"))
    }
  }

  func run(_ output: Output) async throws {
    if let list = many.from { return try await deposit(list: list, output) }
    guard let file else { return }
    try await requireSense()
    if Files.isFolder(file) { return try await depositFolder(file, output) }
    let progress = Progress(localized("hashing \(Printable.text(file))"), unit: "MiB")
    let total = Files.byteCount(file).map { $0 >> 20 }
    var done: UInt64 = 0
    let fingerprint = try Fingerprint(of: file, also: claims.algorithms) { count in
      done += count
      progress.update(done >> 20, of: total)
    }
    progress.finish()
    try fingerprint.require(claims.digest, of: file)
    let deposit = claims.deposit(fingerprint, scope: .file, manifest: nil, occurred: happened.seconds)
    let (item, recorded) = try await record(deposit)
    try await output.evidence(
      recorded, "deposit", item, ledger,
      notes: [("file", "\(Printable.text(file)), \(sized(fingerprint.byteCount))")]
        + digestNotes(fingerprint),
      adding: [
        "path": .text(file), "size": .number(fingerprint.byteCount), "digests": fingerprint.digests.json,
      ])
  }

  /// Records `deposit` of the item that is named, or under the member's next free number.
  private func record(_ deposit: Evidence.Deposit) async throws -> (item: String, recorded: Recorded) {
    if let item {
      let recorded = try await said.record(evidenceOn: ledger, about: item) { _, _ in
        try .evidence(deposit, about: item)
      }
      return (item, recorded)
    }
    try ledger.require()
    let signer = try said.signer
    let opened = try await said.opened(ledger)
    let series = try await opened.numbers(.item, of: signer, at: CommandContext.now)
    let (name, recorded) = try await opened.numbered(series) { name in
      try await opened.record(as: signer, at: CommandContext.now) { _, _ in
        try .evidence(deposit, about: name)
      }
    }
    return (name, recorded)
  }

  /// The ledger, opened for reading: at a node by the key that signs.
  func reading() async throws -> any LedgerAccess {
    ledger.isAtNode ? try await said.opened(ledger) : try await ledger.opened()
  }

  /// What is sure to be refused is refused before hours are spent on reading.
  private func requireSense() async throws {
    let opened = try await reading()
    _ = try KeyFiles.privateKey(said.key.path)
    let nothing = try Fingerprint(of: [])
    let deposit = claims.deposit(nothing, scope: .file, manifest: nil, occurred: happened.seconds)
    _ = try Draft.evidence(deposit, about: item ?? "E")
    guard let item else { return }
    do { try await opened.requireNoItem(item) } catch let refusal as Refusal {
      let command = ShellText.zheng("evidence status", [ledger.path, item])
      throw Refusal(refusal.code, localized("\(refusal.reason). `\(command)` shows it"))
    }
  }

  private func digestNotes(_ fingerprint: Fingerprint) -> [(label: String, text: String)] {
    fingerprint.digests.elements.map { ($0.algorithm.rawValue, Hex.encode($0.bytes)) }
  }

  // MARK: Directories

  private func depositFolder(_ file: String, _ output: Output) async throws {
    let path = Files.trimmed(file)
    let manifestPath = folder.manifest ?? "\(path).manifest"
    try FolderDeposit.requirePlaces(path, manifestPath, ledger: ledger.path)
    let progress = Progress(localized("hashing \(Printable.text(path))"), unit: "MiB")
    defer { progress.finish() }
    let deposited = try FolderDeposit(
      path, manifestPath: manifestPath, salting: folder.saltNames ? .all : .whereNeeded,
      mayLeaveOut: folder.leaveOut, also: claims.algorithms
    ) { progress.update($0 >> 20, of: $1 >> 20) }
    progress.finish()
    for left in deposited.leftOut where !output.isJSON {
      Diagnostics.note(localized("\(left.path): left out, \(left.reason)"))
    }
    let item: String
    let recorded: Recorded
    do {
      try deposited.fingerprint.require(claims.digest, of: manifestPath)
      let deposit = claims.deposit(
        deposited.fingerprint, scope: .container, manifest: deposited.manifest.summary,
        occurred: happened.seconds)
      (item, recorded) = try await record(deposit)
    } catch {
      // What became of it when a line or a disk failed, nobody knows yet.
      if deposited.isOfNoUse(after: error) {
        for (left, reason) in deposited.remove() {
          Diagnostics.note(localized("\(left): is left behind (\(reason)), and of no use; delete it"))
        }
      } else {
        Diagnostics.note(
          localized(
            "\(manifestPath): kept; `zheng evidence \(self.item == nil ? "list" : "status")` says whether \(self.item ?? "it") was deposited, if not delete it"
          )
        )
      }
      throw error
    }
    try await output.evidence(
      recorded, "deposit", item, ledger, notes: notes(path, deposited),
      adding: [
        "path": .text(path), "size": .number(deposited.fingerprint.byteCount),
        "digests": deposited.fingerprint.digests.json, "manifest": .text(manifestPath),
        "names": JSON(deposited.namesPath), "root": .text(deposited.manifest.root.hex),
        "files": .number(UInt64(deposited.manifest.lines.count)),
        "bytes": .number(deposited.manifest.byteCount), "salted": .number(UInt64(deposited.saltedCount)),
        "leftOut": .array(
          deposited.leftOut.map { ["path": .text($0.path), "reason": .text($0.reason)] }),
      ])
  }

  private func notes(_ path: String, _ deposited: FolderDeposit) -> [(label: String, text: String)] {
    let count = counted(deposited.manifest.lines.count, "file")
    var notes: [(label: String, text: String)] = [
      (
        "directory",
        "\(Printable.text(path)), \(count), \(sized(deposited.manifest.byteCount))"
      ),
      ("root", deposited.manifest.root.hex),
      (
        "manifest",
        localized(
          "\(Printable.text(deposited.manifestPath)): keep it as safe as the files; without it no file can be proven"
        )
      ),
    ]
    if let names = deposited.namesPath {
      notes.append(
        ("names", localized("\(Printable.text(names)): \(deposited.saltedCount) salted, give it to nobody")))
    }
    if !deposited.leftOut.isEmpty {
      notes.append(("left out", localized("\(deposited.leftOut.count), as told on standard error")))
    }
    return notes + digestNotes(deposited.fingerprint)
  }
}

/// How a directory is deposited.
struct FolderOptions: ParsableArguments {
  @Option(help: "The manifest to write. Default: DIRECTORY.manifest.", completion: .file())
  var manifest: String?
  @Flag(help: "Commit to every file name in the manifest instead of writing it.") var saltNames = false
  @Flag(help: "Skip links, devices and unreadable files, and deposit the rest.")
  var leaveOut = false
}

/// How a list is deposited.
struct ListOptions: ParsableArguments {
  @Option(help: "Deposit the files in this list: CSV, one per line.", completion: .file()) var from: String?
  @Flag(help: "Check the list and its files and show the outcome of each line; record nothing.")
  var dryRun = false
}

/// What a depositor claims of what is deposited.
struct DepositClaims: ParsableArguments {
  @Option(name: .customLong("case"), help: "The case that the item belongs to.") var caseReference: String?
  @Option(help: "How the item was collected.") var method: String?
  @Option(
    help: "\(Evidence.Deposit.Category.allCases.map(\.rawValue).joined(separator: ", ")).")
  var category = Evidence.Deposit.Category.file
  @Option(
    help:
      "What the file is: file; container, an archive; media, an image of a medium. Default: file, or container for a directory."
  )
  var scope: Evidence.Deposit.Scope?
  @Option(help: "The format: a media type, or in words.") var format: String?
  @Option(help: "When the item was collected: RFC 3339, 2026-07-03T16:00:00+08:00.") var collected: Instant?
  @Option(help: "Who collected it: a unit or a service number; may be repeated.") var collector: [String] =
    []
  @Option(help: "Where the item was collected.") var place: String?
  @Option(help: "What the item was collected with.") var tool: String?
  @Option(help: "Where the data came from.") var source: String?
  @Option(help: "The original medium.") var medium: String?
  @Option(help: "The seal on the medium when it was taken.") var seal: String?
  @Option(help: "From whom it was taken; avoid names of people.") var holder: String?
  @Option(
    help: ArgumentHelp(
      "A further digest to compute: \(RequestedDigest.names); or sm3:HEX, which it must equal. May be repeated."
    ))
  var digest: [RequestedDigest] = []

  var algorithms: [Evidence.DigestAlgorithm] { digest.map(\.algorithm) }

  /// The deposit of what has this fingerprint.
  func deposit(
    _ fingerprint: Fingerprint, scope standard: Evidence.Deposit.Scope,
    manifest: Evidence.Deposit.Manifest?, occurred: UInt64?
  ) -> Evidence.Deposit {
    Evidence.Deposit(
      caseReference: caseReference ?? "", category: category, scope: scope ?? standard,
      size: fingerprint.byteCount, digests: fingerprint.digests, method: method ?? "", manifest: manifest,
      format: format, collected: collected?.seconds, place: place, tool: tool, source: source,
      medium: medium, seal: seal, collectors: collector, holder: holder, occurred: occurred)
  }
}

extension Evidence.Deposit.Category: ExpressibleByArgument {}
extension Evidence.Deposit.Scope: ExpressibleByArgument {}
extension RequestedDigest: ExpressibleByArgument {}
