import Dispatch
import Foundation
import Ledger
import LedgerCrypto
import LedgerStore
import Statements
import Synchronization

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
    let cores = min(ProcessInfo.processInfo.activeProcessorCount, (items.count + 15) / 16)
    guard cores > 1 else { return outcomes(items[...], keys: keys) }
    let share = (items.count + cores - 1) / cores
    let parts = Parts(count: cores)
    DispatchQueue.concurrentPerform(iterations: cores) { core in
      let start = min(core * share, items.count)
      parts.set(core, outcomes(items[start..<min(start + share, items.count)], keys: keys))
    }
    return parts.joined
  }

  private func outcomes(_ items: ArraySlice<RecordItem>, keys: [Digest: PublicKey]) -> [Outcome] {
    var checker = EntryChecker()
    var outcomes: [Outcome] = []
    outcomes.reserveCapacity(items.count)
    for item in items {
      do {
        let entry = try entry(of: item)
        let checked = checker.check(entry.span, keys: keys)
        var id: Digest?
        if case .decoded(let decoded) = checked.content { id = decoded.id }
        outcomes.append(.candidate(LedgerWriter.Candidate(entry: entry, checked: checked), id: id))
      } catch let refusal as Refusal {
        outcomes.append(.refused(refusal))
      } catch {
        outcomes.append(.failed(error))
      }
    }
    return outcomes
  }

  private func entry(of item: RecordItem) throws -> [UInt8] {
    switch item.content {
    case .signed(let entry): return entry
    case .tooLarge(let count): throw tooLarge(item.name, count)
    case .payload(let payload):
      guard let key else { preconditionFailure("payloads are signed, so there is a key") }
      do { return try signed(payload, by: key).entry } catch let error as StatementError {
        guard error.code == .tooLarge else { throw Refusal(.malformed, error.description) }
        throw tooLarge(item.name, UInt64(payload.count))
      }
    }
  }

  private func signed(_ payload: [UInt8], by key: PrivateKey) throws -> SignedStatement {
    let now = UInt64(max(0, Date().timeIntervalSince1970))
    let claims = Claims(
      issuer: issuer, subject: subject, audience: ledgerID, issuedAt: now, tokenID: try randomBytes(16))
    return try StatementDraft(contentType: type, claims: claims, payload: payload).signed(by: key)
  }

  private func tooLarge(_ name: String, _ count: UInt64?) -> Refusal {
    let size = count.map { "\(Printable.byteCount($0)) are" } ?? "it is"
    // A line has no name that a shell knows.
    let file = isOfFiles && name != "-" ? Printable.shellWord(name) : "FILE"
    return Refusal(
      .tooLarge,
      """
      \(size) too large for an entry, which has at most \(StatementDraft.maximumEntryByteCount) bytes; keep it in a file and record \
      the file's digest: sha256sum \(file) | \(advice)
      """)
  }
}

/// The results of each core.
private final class Parts: Sendable {
  private let parts: Mutex<[[StatementSigner.Outcome]]>

  init(count: Int) { parts = Mutex(Array(repeating: [], count: count)) }

  func set(_ index: Int, _ part: [StatementSigner.Outcome]) { parts.withLock { $0[index] = part } }

  var joined: [StatementSigner.Outcome] { parts.withLock { Array($0.joined()) } }
}
