import ArgumentParser
import Foundation
import LedgerCrypto
import Scenarios
import Workflows

/// `zheng list`.
struct ListCommand: AsyncResultCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "List records, oldest first.",
    discussion: """
      Each line is a record: index, block, block time, issuer, type, payload size in bytes, subject.

        zheng list ledger
        zheng list ledger --issuer notary --subject case-17
        zheng list ledger --since 2026-07-01 --until 2026-07-03T18:00:00+08:00 --limit 20
      """)

  @OptionGroup var ledger: LedgerArgument
  @Option(help: "Only records of this member.") var issuer: String?
  @Option(help: "Only records about exactly this subject.") var subject: String?
  @Option(help: "Only records of exactly this media type.") var type: String?
  @Option(help: "Only blocks from then on: \(Moment.help).") var since: Moment?
  @Option(help: "Only blocks until then, that second or day included.") var until: Moment?
  @Option(help: "At most this many records.") var limit: Int?
  @OptionGroup var options: OutputOptions

  func validate() throws {
    if let limit, limit < 0 { throw ValidationError(localized("--limit is a number of records, 0 or more")) }
  }

  func run(_ output: Output) async throws {
    var query = RecordQuery()
    (query.issuer, query.subject, query.type) = (issuer, subject, type)
    let opened = try await ledger.opened()
    let offset = try await opened.utcOffset()
    query.since = since?.range(offset).lowerBound
    query.until = until?.range(offset).upperBound
    query.limit = limit
    if let issuer, try await opened.state().roster.member(issuer) == nil {
      Diagnostics.note(localized("no member is called \(issuer); `zheng members \(ledger.path)` shows them"))
    }
    try await opened.eachRecord(query) { try output.record($0) }
  }
}

/// `zheng find`.
struct FindCommand: AsyncResultCommand {
  static let configuration = CommandConfiguration(
    commandName: "find", abstract: "Find the records of a file.",
    discussion: """
      Lists the records whose payload is the file or that name its SHA-256, in the lines of `zheng list`.

        zheng find ledger contract.pdf
        zheng find ledger sha256:$(sha256sum < contract.pdf | cut -c1-64)
      """)

  @OptionGroup var ledger: LedgerArgument
  @Argument(help: "A file, or sha256: and 64 hex digits.", completion: .file()) var what: String
  @OptionGroup var options: OutputOptions

  func run(_ output: Output) async throws {
    try ledger.require()
    let digest = try FileDigest(what)
    let opened = try await ledger.opened()
    var query = RecordQuery()
    query.digest = digest.digest
    // A plain record that names the digest in its text is found by the index's word alone.
    var (listed, count) = ([(id: Digest, index: UInt64)](), 0)
    try await opened.eachRecord(query) {
      if $0.isListed(at: digest.digest) { listed.append(($0.id, $0.index)) }
      count += 1
      try output.record($0)
    }
    try await opened.requireAll(listed, of: .digest(digest.digest))
    if count == 0, !output.isJSON {
      let block = try await opened.newestBlock().height
      Diagnostics.note(
        localized(
          """
          \(what): never recorded as of block \(block): no record is this file, and none names its SHA-256, \(digest.digest). \
          `zheng prove \(ShellText.path(ledger.path)) --digest \(digest.digest)` writes the proof
          """))
    }
  }
}

/// What `find` looks for.
struct FileDigest {
  let digest: Digest

  init(_ what: String) throws {
    let prefix = "sha256:"
    guard what.lowercased().hasPrefix(prefix) else {
      digest = try Files.digest(what).digest
      return
    }
    guard let named = Digest(hex: what.dropFirst(prefix.count).lowercased()) else {
      throw CommandError.usage(
        localized("\(what): after sha256: come 64 hex digits; for a file of that name write ./\(what)"))
    }
    digest = named
  }
}

extension Output {
  /// Prints a record of a list.
  func record(_ record: RecordRow) throws {
    try result(
      [
        "index": .number(record.index), "block": .number(record.block), "id": .text(record.id.hex),
        "time": .text(Timestamp.text(milliseconds: record.time)), "issuer": .text(record.issuer),
        "subject": JSON(record.subject), "type": .text(record.type),
        "issuedAt": .text(Timestamp.text(seconds: record.issuedAt)), "bytes": .number(record.byteCount),
        "digest": .text(record.digest.hex),
      ],
      text: [
        String(record.index), String(record.block), Timestamp.text(milliseconds: record.time), record.issuer,
        record.type, String(record.byteCount), Printable.text(record.subject ?? "-"),
      ].joined(separator: "  "))
  }
}
