import Foundation
import Ledger
import LedgerCrypto
import LedgerStore
import Statements

/// Turns items into signed candidates for a block, on all cores.
struct StatementSigner: Sendable {
  /// What became of an item.
  enum Outcome: Sendable {
    case candidate(LedgerWriter.Candidate, id: Digest?)
    case refused(Refusal)
    case failed(any Error)
  }

  let issuer: String
  /// Nil where everything is signed already.
  let key: PrivateKey?
  let type: String
  let subject: String?
  let ledgerID: Digest
  /// Whether each item is a file, and not a line of one.
  let isOfFiles: Bool
  /// What a person types to record a file's digest instead of the file, but for the file.
  let advice: String
  private let checkers = EntryCheckers()
  /// Of the command: what is signed on other threads does not see its context.
  private let wallClock = CommandContext.current.wallClock

  /// The standard type of a plain record.
  static let standardType = "application/octet-stream"

  /// Sees that type and subject can be signed.
  ///
  /// - Throws: usage.
  func requireSignable() throws {
    guard let key else { return }
    do { _ = try signed([], by: key) } catch let error as StatementError {
      throw CommandError.usage("--type or --subject will not do: \(error.description)")
    }
  }

  /// The outcome of each item, in order; signatures are made and checked with the public keys in `keys`.
  func outcomes(_ items: [RecordItem], keys: [Digest: PublicKey]) -> [Outcome] {
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
        var id: Digest?
        if case .decoded(let decoded) = checked[next].content { id = decoded.id }
        return .candidate(.init(bytes, at: ranges[next], checked: checked[next]), id: id)
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
      issuer: issuer, subject: subject, audience: ledgerID, issuedAt: now, tokenID: try randomBytes(16))
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
