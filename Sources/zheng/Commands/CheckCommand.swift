import ArgumentParser
import Certificates
import Ledger
import LedgerCrypto
import Scenarios
import Workflows

/// `zheng check`.
struct CheckCommand: ResultCommand {
  static let configuration = CommandConfiguration(
    commandName: "check", abstract: "Check a proof or a certificate offline, with only the policy.",
    discussion: """
      Reads the proof, the policy and, if given, the original file; no ledger and no network.

        zheng check record-12.tlog-proof --policy policy --file contract.pdf
        zheng check certificate.html --policy policy --file contract.pdf

      To check one file of a deposited directory, give the directory's manifest, or an extract of it (`zheng \
      evidence extract`).

        zheng check certificate.html --policy policy --manifest photos.manifest --file 0017.jpg

      If the proof holds, --entry writes the record itself to standard output: the leaf, which other C2SP verifiers \
      need beside the proof file.

        zheng check record-12.tlog-proof --policy policy --entry > leaf

      A state proof (`zheng prove --file`, `--subject`, `--item` …) is checked in the same way. A valid proof may \
      show that something was recorded or that it was not; the text says which, and so does `recorded` in --json. A \
      directory of proofs (`--with-records`) shows that its records are complete as of its block.

        zheng check state.tlog-proof --policy policy --file contract.pdf
        zheng check E-2026-001.proofs --policy policy

      For a certificate (`zheng evidence certificate`), every proof is checked, and that the visible text is what \
      they prove, byte for byte; an altered part is named. Its custody rows are complete as of the block that it \
      names, and its present state is the ledger's as of that block: both are proven. It says nothing of later \
      records. Certificate and file get separate verdicts.

      A file about a validator's misconduct (`zheng consortium misconduct`) is judged too. A policy names cosigner \
      keys only; whose the vote keys are, a copy of the ledger says:

        zheng check v2.misconduct --ledger ledger

      Exit status 1 if the proof fails, or the file is not the recorded one.
      """)

  @Argument(
    help: "The proof file, a directory of proofs, a certificate in HTML, or a file about misconduct.",
    completion: .file())
  var proof: String
  @Option(help: "The ledger's policy, from a source that you trust.", completion: .file())
  var policy: String?
  @Option(
    help: "For a file about misconduct: a copy of the ledger, whose rosters name the validators' keys.",
    completion: .directory)
  var ledger: String?
  @Option(
    help: "The file that the record should be of: its payload, or one whose SHA-256 it names.",
    completion: .file())
  var file: String?
  @Option(
    help: "For a deposited directory: its manifest or an extract of it, in which FILE is looked up.",
    completion: .file())
  var manifest: String?
  @Flag(help: "Write the entry that the proof is of, as the log has it, to standard output.") var entry =
    false
  @OptionGroup var options: OutputOptions

  func validate() throws {
    guard policy != nil || ledger != nil else {
      throw ValidationError(
        localized("--policy is missing: the policy file of the ledger, from a source that you trust"))
    }
    if let ledger { try LedgerName.use(ledger) }
    if entry, file != nil || options.json {
      throw ValidationError(
        localized("--entry writes bytes to standard output; it goes with neither --file nor --json"))
    }
    if manifest != nil, file == nil {
      throw ValidationError(localized("--manifest needs the --file to look up in it"))
    }
  }

  func run(_ output: Output) throws {
    let given = try policy.map { try PolicyFile.read($0, note: Diagnostics.note(told:)) }
    if Files.isFolder(proof) {
      let policy = try required(given)
      let check = try ProofFolder.check(Files.trimmed(proof)) {
        try StateCheck($0, $1, policy, note: Diagnostics.note(told:), records: $2)
      }
      return try report(check, output)
    }
    guard let bytes = try Files.contents(proof, limit: CertificatePage.maximumByteCount) else {
      throw CommandError(
        .notVerified, ProofError.Code.malformed.rawValue, localized("\(proof): too large for a proof"))
    }
    if MisconductCheck.isOne(bytes) {
      let copy = try ledger.map { try DirectoryArgument.opened($0) }
      return try report(MisconductCheck(bytes, proof, policy: given, ledger: copy), output)
    }
    let policy = try required(given)
    if CertificateFile.isHTML(bytes) {
      guard !entry else {
        throw CommandError.usage(
          localized("\(proof): a certificate holds several entries; --entry takes one out of a proof file"))
      }
      return try CertificateFinding(
        proof, bytes, policy, original: file, manifest: manifest, digest: { try Files.digest($0) }
      ).report(output)
    }
    guard manifest == nil else {
      throw CommandError.usage(localized("\(proof): --manifest goes with a certificate, not with a proof"))
    }
    if StateCheck.isStateProof(bytes) {
      return try report(StateCheck(bytes, proof, policy, note: Diagnostics.note(told:)), output)
    }
    let check = try ProofCheck(bytes, proof, policy, note: Diagnostics.note(told:))
    if entry { return try output.raw(check.proven.statement.entry) }
    let original = try file.map { path in
      let digest = try Files.digest(path).digest
      return OriginalFile(path: path, digest: digest, relation: check.relation(to: digest))
    }
    let findings = Findings(check: check, original: original)
    try output.result(findings.json, text: findings.text)
    if let original, original.relation == .other {
      if !output.isJSON {
        Diagnostics.note(
          localized(
            "\(original.path): not the file of this record; the payload is another and does not name its SHA-256"
          )
        )
      }
      throw ExitStatus.notVerified.asError
    }
  }
}

extension CheckCommand {
  /// The policy, by which everything but a file about misconduct is judged, and by nothing else.
  private func required<Trust>(_ policy: Trust?) throws -> Trust {
    guard let policy, ledger == nil else {
      throw CommandError.usage(
        localized("\(proof): this is checked with --policy alone; --ledger goes with a file about misconduct")
      )
    }
    return policy
  }
}

/// A file that someone says a record is of.
private struct OriginalFile {
  let path: String
  let digest: Digest
  let relation: ProofCheck.Relation
}

/// What a proof has proven, in words that claim no more than that.
private struct Findings {
  let check: ProofCheck
  let original: OriginalFile?

  private var proven: ProvenRecord { check.proven }

  private var isFileGood: Bool { original.map { $0.relation != .other } ?? true }

  private var word: CosignatureSummary { check.word }

  var json: JSON {
    let statement = proven.statement
    let payload = statement.payload
    var fields: [(String, JSON)] = [
      ("ok", .bool(isFileGood)), ("index", .number(proven.index)), ("block", .number(proven.header.height)),
      ("id", .text(statement.id.hex)), ("origin", .text(proven.checkpoint.origin)),
      ("ledger", JSON(statement.claims?.audience?.hex)), ("issuer", .text(proven.issuer.id)),
      ("issuerName", proven.issuer.name.json), ("subject", JSON(statement.claims?.subject)),
      ("type", .text(statement.contentType)), ("bytes", .number(UInt64(payload.count))),
      ("digest", .text(SHA256.digest(of: payload).hex)),
      ("issuedAt", JSON(statement.claims.map { Timestamp.text(seconds: $0.issuedAt) })),
      ("time", .text(Timestamp.text(milliseconds: proven.header.time))),
      ("noLaterThan", JSON(proven.verdict.time.map { Timestamp.text(seconds: $0) })),
      ("byTheWordOf", .text(word.text)),
      (
        "witnesses",
        .array(
          proven.verdict.witnesses.map {
            ["name": .text($0.name.description), "time": .text(Timestamp.text(seconds: $0.timestamp))]
          })
      ), ("absent", .array(check.policy.absent.map { .text($0.name.description) })),
      ("kid", .text(statement.keyID.hex)), ("size", .number(proven.checkpoint.size)),
    ]
    if let original {
      fields.append(
        (
          "file",
          [
            "path": .text(original.path), "digest": .text(original.digest.hex),
            "relation": .text(original.relation.rawValue),
          ]
        ))
    }
    return .object(fields.map { ($0.0, $0.1) })
  }

  var text: String {
    let statement = proven.statement
    let payload = statement.payload
    var rows: [(String, String)] = [
      (
        "the proof",
        localized(
          "holds: this record is unchanged since it was put on the ledger \(proven.checkpoint.origin)")
      ),
      ("record", localized("entry \(proven.index), in block \(proven.header.height), id \(statement.id)")),
      ("who", "\(proven.issuer.id), \(Printable.text(proven.issuer.name.both))"),
    ]
    if let claims = statement.claims {
      if let ledger = claims.audience { rows.append(("ledger", ledger.hex)) }
      if let subject = claims.subject { rows.append(("about", Printable.text(subject))) }
      rows.append(("said at", localized("\(Timestamp.text(seconds: claims.issuedAt)), by its own word")))
    }
    rows += [
      (
        "what",
        "\(statement.contentType), \(sized(UInt64(payload.count))), SHA-256 \(SHA256.digest(of: payload))"
      ),
      ("", PayloadPreview(payload, type: statement.contentType, lines: 6, rest: localized("and more")).text),
      ("recorded", noLaterThan),
      ("", retold(word.text)),
      (
        "block time", localized("\(Timestamp.text(milliseconds: proven.header.time)), by its proposer's word")
      ),
      (
        "key",
        localized(
          "\(statement.keyID), a key of \(proven.issuer.id) in force at block \(proven.header.height), \(retold(word.validators))"
        )
      ),
    ]
    if let original {
      let relation =
        switch original.relation {
        case .payload: localized("is the payload of this record, byte for byte")
        case .named: localized("has the SHA-256 that this record names, \(original.digest)")
        case .other: localized("is NOT of this record: its SHA-256 is \(original.digest)")
        }
      rows.append(("file", "\(Printable.text(original.path)) \(relation)"))
    }
    rows += word.absent.map { ($0.0, retold($0.1)) }
    rows += AheadOfClock.rows(block: proven.header.time, cosigned: proven.verdict.witnesses.map(\.timestamp))
    return labelled(rows)
  }

  private var noLaterThan: String {
    proven.verdict.time.map { localized("no later than \(Timestamp.text(seconds: $0))") }
      ?? localized("at a time that is not proven")
  }
}
