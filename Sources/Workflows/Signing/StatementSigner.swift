import Foundation
import Ledger
import LedgerCrypto
import LedgerStore
import Statements

/// Turns items into signed candidates for a block, on all cores.
package struct StatementSigner: Sendable {
  /// What became of an item.
  package enum Outcome: Sendable {
    case signed(SignedEntry)
    case refused(Refusal)
    case failed(any Error)
  }

  private let issuer: String
  /// Nil where everything is signed already.
  private let key: PrivateKey?
  private let type: String
  private let subject: String?
  /// Until when what it signs may be recorded, in s since the epoch; nil where nothing limits it.
  private let expiresAt: UInt64?
  private let ledgerID: Digest
  private let wallClock: @Sendable () -> UInt64
  /// Whether each item is a file, and not a line of one.
  private let isOfFiles: Bool
  /// What a person types to record a file's digest instead of the file, but for the file.
  private let advice: String
  private let checkers = EntryCheckers()

  package init(
    issuer: String, key: PrivateKey?, type: String, subject: String?, expiresAt: UInt64? = nil,
    ledgerID: Digest,
    wallClock: @escaping @Sendable () -> UInt64, isOfFiles: Bool, advice: String
  ) {
    (self.issuer, self.key, self.type, self.subject) = (issuer, key, type, subject)
    self.expiresAt = expiresAt
    (self.ledgerID, self.wallClock, self.isOfFiles, self.advice) = (ledgerID, wallClock, isOfFiles, advice)
  }

  /// The standard type of a plain record.
  package static let standardType = "application/octet-stream"

  /// Sees that type and subject can be signed.
  ///
  /// - Throws: usage, with what is wrong with them.
  package func requireSignable() throws {
    guard let key else { return }
    do { _ = try signed([], by: key) } catch let error as StatementError {
      throw WorkflowError.usage(error.description)
    }
  }

  /// The outcome of each item, in order; signatures are made and checked with the public keys in `keys`.
  package func outcomes(_ items: [RecordItem], keys: [Digest: PublicKey]) -> [Outcome] {
    let entries: [Result<ArraySlice<UInt8>, any Error>] = Cores.make(items.count, share: 16) { part, places in
      for number in part {
        (places + number).initialize(to: Result { try entry(of: items[number]) })
      }
    }
    // One after the other, so that they can be checked together.
    var bytes: [UInt8] = []
    bytes.reserveCapacity(items.reduce(0) { $0 + $1.byteCount + 512 })
    var ranges: [Range<Int>] = []
    for case .success(let entry) in entries {
      ranges.append(bytes.count..<bytes.count + entry.count)
      bytes += entry
    }
    let checked = checkers.check(bytes, ranges[...], keys: keys)
    var next = 0
    return entries.map { entry in
      switch entry {
      case .failure(let refusal as Refusal): return .refused(refusal)
      case .failure(let error): return .failed(error)
      case .success:
        defer { next += 1 }
        return .signed(SignedEntry(bytes, at: ranges[next], checked[next]))
      }
    }
  }

  private func entry(of item: RecordItem) throws -> ArraySlice<UInt8> {
    switch item.content {
    case .signed(let bytes, let range): return bytes[range]
    case .tooLarge(let count): throw tooLarge(item.name, count)
    case .payload(let payload):
      guard let key else { preconditionFailure("payloads are signed, so there is a key") }
      do { return try signed(payload, by: key).entry[...] } catch let error as StatementError {
        guard error.code == .tooLarge else { throw Refusal(.malformed, error.description) }
        throw tooLarge(item.name, UInt64(payload.count))
      }
    }
  }

  private func signed(_ payload: [UInt8], by key: PrivateKey) throws -> SignedStatement {
    let now = wallClock() / 1000
    let claims = Claims(
      issuer: issuer, subject: subject, audience: ledgerID, expiresAt: expiresAt, issuedAt: now,
      tokenID: try randomBytes(16))
    return try StatementDraft(contentType: type, claims: claims, payload: payload).signed(by: key)
  }

  private func tooLarge(_ name: String, _ count: UInt64?) -> Refusal {
    let size = count.map { "\(Printable.byteCount($0)) are" } ?? "it is"
    // A line has no name that a shell knows.
    let file = isOfFiles && name != "-" ? ShellText.path(name) : "FILE"
    return Refusal(
      .tooLarge,
      """
      \(size) too large for an entry, which has at most \(StatementDraft.maximumEntryByteCount) bytes; keep it in a file and record \
      the file's digest: sha256sum \(file) | \(advice)
      """)
  }
}

/// A signed statement that may become a record.
package struct SignedEntry: Sendable {
  let candidate: LedgerWriter.Candidate

  init(_ bytes: [UInt8], at range: Range<Int>, _ checked: CheckedEntry) {
    candidate = LedgerWriter.Candidate(bytes, at: range, checked: checked)
  }

  /// The statement id; nil where it is none.
  package var id: Digest? {
    if case .decoded(let decoded) = candidate.checked.content { decoded.id } else { nil }
  }

  /// Why it is no statement at all.
  var malformed: StatementError? {
    if case .malformed(let error) = candidate.checked.content { error } else { nil }
  }

  /// The entry.
  package var bytes: [UInt8] { candidate.entry }
  /// The number of its bytes.
  package var byteCount: Int { candidate.byteCount }
}
