import Ledger
import LedgerCrypto
import Scenarios

/// The deposit of everything in a list. All of it is looked at before the first is recorded; what is on the ledger already is left out, so
/// that the same list goes on where it was stopped.
package final class DepositRun {
  /// What became of a line.
  package enum Outcome {
    /// Nothing yet: it was not come to.
    case open
    /// It can be deposited.
    case ready
    case deposited(id: String, index: UInt64, block: UInt64, time: UInt64?)
    /// This member has deposited the same before.
    case present(DepositRecord)
    /// It can't be, or was not.
    case wrong(WorkflowError)
  }

  /// A line, and what became of it.
  package struct Line {
    package let listed: DepositList.Line
    /// The item, once that is settled.
    package var item: String?
    package var fingerprint: Fingerprint?
    package var outcome = Outcome.open

    fileprivate mutating func refuse(_ code: Refusal.Code, _ reason: String) {
      outcome = .wrong(WorkflowError(describing: Refusal(code, reason)))
    }
  }

  package let list: DepositList
  package private(set) var lines: [Line]
  private let signer: Signer
  private let now: UInt64

  /// - Parameter now: when the deposits are made, in ms since the epoch.
  package init(_ list: DepositList, as signer: Signer, at now: UInt64) {
    (self.list, self.signer, self.now) = (list, signer, now)
    lines = list.lines.map { Line(listed: $0, item: $0.item) }
  }

  /// The lines that are wrong.
  package var wrong: [(line: Int, error: WorkflowError)] {
    lines.compactMap { line in
      if case .wrong(let error) = line.outcome { (line.listed.number, error) } else { nil }
    }
  }

  // MARK: Looking

  /// Looks at every line: first at what it says, then at the files, which are read whole; the files only where nothing was wrong.
  ///
  /// - Parameter read: told how many bytes of the files are done, and of how many.
  package func check(on ledger: any LedgerAccess, read: (_ done: UInt64, _ total: UInt64) -> Void)
    async throws
  {
    let state = try await ledger.state()
    let member = try signer.member(in: state.roster, of: ledger.place)
    if let member = state.roster.member(member) { try EvidenceKind.deposit.requireRole(of: member) }
    for place in lines.indices {
      do { try checkClaims(lines[place]) } catch {
        lines[place].outcome = .wrong(WorkflowError(describing: error))
        continue
      }
      guard let item = lines[place].item, let before = try await deposit(of: item, on: ledger),
        before.issuer != member
      else { continue }
      lines[place].refuse(
        .duplicateItem, "there is an item \(item.quoted) already, deposited by \(before.issuer)")
    }
    guard wrong.isEmpty else { return }
    let total = lines.reduce(0) { $0 + (Files.byteCount($1.listed.file) ?? 0) }
    var done: UInt64 = 0
    for place in lines.indices {
      do {
        let (file, wishes) = (lines[place].listed.file, lines[place].listed.wishes)
        let fingerprint = try Fingerprint(of: file, also: wishes.map(\.algorithm)) {
          done += $0
          read(done, total)
        }
        try fingerprint.require(wishes, of: file)
        lines[place].fingerprint = fingerprint
      } catch { lines[place].outcome = .wrong(WorkflowError(describing: error)) }
    }
    guard wrong.isEmpty else { return }
    try await findPresent(of: member, on: ledger)
  }

  /// What would be refused of the claims alone.
  private func checkClaims(_ line: Line) throws {
    if let complaint = line.listed.complaint { throw complaint }
    guard !Files.isFolder(line.listed.file) else {
      throw WorkflowError.usage(
        "\(line.listed.path): is a directory, which takes a manifest; deposit it by itself, outside of the list"
      )
    }
    try Files.requireReadable(line.listed.file)
    let deposit = line.listed.deposit
    for (what, time) in [("collected", deposit.collected), ("occurred", deposit.occurred)] {
      if let time, time > now / 1000 { throw Refusal(.afterBlockTime, "\(what) lies in the future") }
    }
    _ = try draft(line, Fingerprint(of: []), as: line.item ?? "E")
  }

  private func deposit(of item: String, on ledger: any LedgerAccess) async throws -> DepositRecord? {
    guard let value = try await ledger.value(Evidence.Item.key(item)) else { return nil }
    return try await DepositRecord(of: Evidence.Item(decoding: value), on: ledger)
  }

  /// Finds what `member` has deposited before: under the same name the same bytes; without a name the same bytes for the same case.
  private func findPresent(of member: String, on ledger: any LedgerAccess) async throws {
    var taken = Set(list.lines.compactMap(\.item))
    for place in lines.indices {
      guard let digest = lines[place].fingerprint?.digest else { continue }
      let listed = lines[place].listed
      lines[place].outcome = .ready
      if let item = listed.item {
        if let before = try await deposit(of: item, on: ledger) {
          guard before.issuer == member, before.deposit.digests.sha256 == digest else {
            let other = before.deposit.digests.sha256?.hex ?? "none"
            lines[place].refuse(
              .duplicateItem,
              "there is an item \(item.quoted) already, with another content: its SHA-256 is \(other), that of \(listed.path) \(digest)"
            )
            continue
          }
          lines[place].outcome = .present(before)
        }
      } else {
        let before = try await DepositRecord.all(naming: digest, on: ledger).first {
          $0.issuer == member && $0.deposit.digests.sha256 == digest && !taken.contains($0.item)
            && $0.deposit.caseReference.isSameReference(as: listed.deposit.caseReference)
        }
        if let before {
          (lines[place].item, lines[place].outcome) = (before.item, .present(before))
          taken.insert(before.item)
        }
      }
      guard case .ready = lines[place].outcome, let seal = listed.deposit.seal,
        try await ledger.value(Evidence.SealUse.key(seal)) != nil
      else { continue }
      lines[place].refuse(
        .sealReused, "the seal \(seal.quoted) was used on another item; a number is used once")
    }
  }

  private func draft(_ line: Line, _ fingerprint: Fingerprint, as item: String) throws -> Draft {
    var deposit = line.listed.deposit
    (deposit.size, deposit.digests) = (fingerprint.byteCount, fingerprint.digests)
    let draft = try Draft.evidence(deposit, about: item)
    // A name that is too long for a statement.
    _ = try signer.sign(draft, as: "a", for: .zero, at: now)
    return draft
  }

  // MARK: Recording

  /// Records what is ready. A number that somebody else takes meanwhile is replaced by the next one.
  ///
  /// - Parameter each: told how many lines are done.
  /// - Throws: what the machine or a node fails with; what was recorded before is among the lines.
  package func record(on ledger: any LedgerAccess, each: (_ done: Int) -> Void) async throws {
    let series = try await ledger.numbers(.item, of: signer, at: now)
    let member = try await signer.member(in: ledger.state().roster, of: ledger.place)
    var (last, done): (UInt64, Int) = (0, 0)
    for _ in 0..<16 {
      var (entries, places): ([(name: String, entry: [UInt8])], [Int]) = ([], [])
      for place in lines.indices {
        guard case .ready = lines[place].outcome, let fingerprint = lines[place].fingerprint else { continue }
        if lines[place].listed.item == nil {
          last = try await ledger.freeNumber(in: series, after: last)
          lines[place].item = series.name(last)
        }
        let draft = try draft(lines[place], fingerprint, as: lines[place].item ?? "")
        let statement = try signer.sign(draft, as: member, for: ledger.ledgerID, at: now)
        entries.append(("\(list.path):\(lines[place].listed.number)", statement.entry))
        places.append(place)
      }
      if entries.isEmpty { return }
      var told = 0
      let recorder = StatementSigner(
        issuer: "", key: nil, type: "", subject: nil, ledgerID: ledger.ledgerID, wallClock: { 0 },
        isOfFiles: true,
        advice: "")
      try await ledger.submit(RecordSource(signed: entries), signer: recorder) { outcomes in
        for outcome in outcomes {
          take(outcome.result, for: places[told], series)
          told += 1
        }
        done += outcomes.count
        each(done)
      }
    }
    throw WorkflowError(
      .busy, "busy",
      "\(ledger.place): the numbers up to \(series.name(last)) were taken one after the other; try again")
  }

  private func take(_ result: RecordOutcome.Result, for place: Int, _ series: NumberSeries) {
    switch result {
    case .recorded(let id, let index, let block, let time, _):
      lines[place].outcome = .deposited(id: id, index: index, block: block, time: time)
    case .unproven(_, let error): lines[place].outcome = .wrong(WorkflowError(describing: error))
    case .refused(let refusal):
      let mayGoOn = lines[place].listed.item == nil && refusal.code == series.taken
      lines[place].outcome = mayGoOn ? .ready : .wrong(WorkflowError(describing: refusal))
    }
  }
}
