import Ledger
import LedgerCrypto
import Statements
import TransparencyLog

/// One audit under way: pairs blocks with their checkpoints and hands them to the validation core.
final class AuditRun {
  private let folder: LedgerFolder
  private let options: LedgerAudit.Options
  private let log: EntryLog
  private var frames: CheckpointFrames
  private var derived: DerivedAudit
  private var report = LedgerAudit.Report()
  private var hasher = TreeHasher()
  /// Made from the founding on, and from nothing that is stored.
  private let ruleState = RuleState()
  /// The state after the last block, as the entries give it; nil once it can't be followed.
  private var state: StateAudit? = StateAudit()
  /// The state root that each header names.
  private var stateRoots: [Digest] = []
  private var lastNote: SignedNote?
  /// The roots at block ends that the saved checkpoint asks for.
  private var rootAtSaved: Digest?
  private let saved: Checkpoint?
  /// The log keys that the ledger has had, in their order.
  private var logKeys: [NoteVerifierKey] = []
  private var largestLag: (seconds: Int64, block: UInt64)?
  /// Runs of blocks whose time is their parent's, ahead of their cosignatures: the newest, and how many there are.
  private var standing: (first: UInt64, last: UInt64, ahead: Int64)?
  private var standingNotes: [String] = []
  private var moreFaults = 0
  private var ahead = AheadOfClock()

  init(_ folder: LedgerFolder, _ options: LedgerAudit.Options) throws {
    self.folder = folder
    self.options = options
    // What is derived is looked at first: a writer at work only makes the truth longer than it.
    let directory = try Directory(folder.path)
    derived = DerivedAudit(folder, in: directory)
    log = try EntryLog(in: directory, writing: false, offsets: derived.offsets)
    report.notes = log.ignored.map { "ignored: \($0)" }
    frames = CheckpointFrames(try CheckpointLog(in: directory, writing: false))
    saved = try options.savedCheckpoint.map { try Checkpoint(parsing: $0.text) }
  }

  private func add(_ fault: Fault) {
    if report.faults.count < LedgerAudit.mostFaults { report.faults.append(fault) } else { moreFaults += 1 }
  }

  private func add(_ faults: [Fault]) {
    for fault in faults { add(fault) }
  }

  // MARK: The whole

  func finish() throws -> LedgerAudit.Report {
    let founding: LedgerState
    do { founding = try LedgerState.founding(of: log) } catch {
      guard let fault = error as? Fault else { throw error }
      add(Fault(fault.code, block: 0, entry: 0, fault.detail))
      return report
    }
    do { try folder.rules.requireKnown(founding.roster.terms.parameters) } catch {
      add(Fault(error, block: 0, entry: 0))
      return report
    }
    report.ledger = founding.ledgerID
    frames.origin = founding.roster.terms.origin
    logKeys = [founding.roster.terms.logKey]
    var audit = BlockAudit(
      from: founding, depth: options.depth, rules: folder.rules, ruleState: ruleState)
    let window = founding.roster.terms.parameters[Parameters.statementWindow]
    var earlier = FingerprintRegistry(log, folder, window: window)
    var feed = EntryFeed(log, derived.tiles, derived.offsets, options, keys: founding.roster.keys)
    var canGoOn = true
    while canGoOn, try frames.load() {
      canGoOn = try auditBlock(&audit, &feed, &earlier)
      if let failure = earlier.failure { throw failure }
    }
    add(frames.takeFaults(block: audit.state.height))
    report.entries = audit.state.frontier.size
    report.blocks = audit.state.height
    report.records = report.entries - min(report.entries, report.blocks)
    report.root = audit.state.frontier.root(using: &hasher)
    report.signatures = feed.knownKeys.counts
    if canGoOn { try finishBehind(audit.state, feed.position(of: feed.index)) }
    if report.blocks == 0, report.isGood {
      add(
        Fault(
          .missing, block: 0, "\(folder.checkpoints) holds no checkpoint: nothing of the ledger is signed"))
    }
    judgeAnchor(founding)
    judgeSaved()
    if let lag = largestLag, lag.seconds > BlockAudit.clockTolerance {
      report.notes.append("lag: block \(lag.block) was cosigned \(lag.seconds) s after its time")
    }
    endStanding()
    report.notes += standingNotes.prefix(AuditRun.mostStandingNotes)
    if standingNotes.count > AuditRun.mostStandingNotes {
      let rest = standingNotes.count - AuditRun.mostStandingNotes
      report.notes.append("standing: time stands still in \(rest) more places")
    }
    report.notes += ahead.notes
    if moreFaults > 0 { report.notes.append("more-faults: \(moreFaults) faults are not listed") }
    return report
  }

  // MARK: One block

  /// Audits the next block with the checkpoint that is loaded. False where nothing behind it can be judged.
  private func auditBlock(
    _ audit: inout BlockAudit, _ feed: inout EntryFeed, _ earlier: inout FingerprintRegistry
  ) throws -> Bool {
    let state = audit.state
    let height = state.height
    add(frames.takeFaults(block: height))
    let logKey = state.roster.terms.logKey
    if logKeys.last != logKey { logKeys.append(logKey) }
    let signatures = frames.current?.check(state.roster, height: height)
    let isSigned = signatures?.faults.isEmpty ?? false
    let promised = isSigned ? frames.current?.checkpoint.size : nil
    guard let count = try feed.blockLength(promised: promised) else {
      add(feed.end(block: height, promised: frames.current?.checkpoint.size))
      return false
    }
    let size = state.frontier.size + UInt64(count)
    var checkpoint = frames.current
    if let promised, promised > size {
      // The loaded checkpoint belongs to a later block: this one's is not there.
      if !frames.hasGap {
        add(
          Fault(
            .missing, block: height,
            "the checkpoint of this block is not there; the next one covers \(promised) entries"))
      }
      checkpoint = nil
    } else if let promised, promised < size {
      add(
        Fault(
          .malformedCheckpoint, block: height, "a checkpoint over \(promised) entries is out of its place"))
      frames.drop()
      return true
    } else {
      frames.drop()
    }
    add(feed.framing(count, block: height))
    let entries = try feed.block(count)
    let outcome = audit.audit(
      entries, checkpoint: checkpoint, signatures: signatures, earlier: &earlier)
    if let checkpoint { earlier.note(checkpoint.checkpoint) }
    add(outcome.faults)
    followState(outcome, height)
    if let lag = outcome.lag, lag > largestLag?.seconds ?? 0 { largestLag = (lag, height) }
    note(outcome, height)
    if let now = options.now {
      ahead.look(at: outcome.header, signatures?.cosigned.map(\.seconds) ?? [], height, now: now / 1000)
    }
    guard outcome.canGoOn else { return false }
    if let checkpoint {
      lastNote = checkpoint.note
      report.cosigned = (signatures?.cosigned.map(\.validator) ?? [], state.roster.terms.validators.count)
    }
    if let saved, saved.size == audit.state.frontier.size {
      rootAtSaved = audit.state.frontier.root(using: &hasher)
    }
    add(
      try derived.audit(
        feed, entries, gained: outcome.tiles, height: height, time: outcome.header?.time,
        checkpointOffset: checkpoint == nil ? nil : frames.offsetOfLast, changes: outcome.changes,
        isDeep: options.depth == .everything)
    )
    feed.keys = audit.state.roster.keys
    feed.drop(count)
    options.progress(audit.state.frontier.size, frames.total)
    return true
  }

  /// Compares the state that the block's statements give with the one that its header names, as long as no fault lies
  /// before: what was altered or refused has changed nothing.
  private func followState(_ outcome: BlockAudit.Outcome, _ height: UInt64) {
    guard options.depth == .everything, var audit = state else { return }
    state = nil
    guard outcome.canGoOn, let header = outcome.header, outcome.faults.isEmpty else { return }
    let root: Digest
    do { root = try audit.apply(outcome.changes) } catch {
      return add(Fault(.stateMismatch, block: height, error.reason))
    }
    if let fault = header.fault(state: root) { return add(fault) }
    stateRoots.append(root)
    state = audit
  }

  // MARK: Where time stands still

  /// So many runs are noted one by one.
  private static let mostStandingNotes = 10

  private func note(_ outcome: BlockAudit.Outcome, _ height: UInt64) {
    guard outcome.isTimeStanding else { return endStanding() }
    let ahead = max(standing?.ahead ?? 0, -(outcome.lag ?? 0))
    standing = (standing?.first ?? height, height, ahead)
  }

  private func endStanding() {
    guard let (first, last, ahead) = standing else { return }
    standing = nil
    let blocks = first == last ? "block \(first) has" : "blocks \(first) to \(last) have"
    standingNotes.append(
      "standing: \(blocks) the time of block \(first - 1), which is up to \(ahead) s later than they were cosigned: the clock by which that block was dated was ahead"
    )
  }

  // MARK: Behind the last block

  /// What lies behind the last checkpoint, and how far what is derived reaches.
  private func finishBehind(_ state: LedgerState, _ position: UInt64) throws {
    let size = state.frontier.size
    let ahead = derived.faultsOfLength(size: size, block: state.height)
    add(ahead.faults)
    report.notes += ahead.notes
    do {
      let tail = try Tail.read(
        log, from: position, size: size, block: state.height, hasTornCheckpoint: frames.isTorn)
      switch tail {
      case .none: break
      case .block:
        report.notes.append(
          "unfinished: block \(state.height) has no checkpoint yet; the next start finishes it")
      case .incomplete(let bytes):
        report.notes.append(
          "unfinished: \(bytes.count) bytes of a block of which nobody was told; the next start moves them aside"
        )
      }
    } catch let fault as Fault {
      add(fault)
    }
    if options.depth == .everything {
      // What the whole index should be is known only where the truth is whole.
      let isTruthWhole = report.faults.allSatisfy { $0.code == .derivedMismatch }
      if isTruthWhole {
        add(try derived.finish(state, ruleState.recent))
        add(derived.faultsOfState(stateRoots))
      }
      let hasConsequences = report.faults.contains { $0.code == .refused }
      if !isTruthWhole, hasConsequences {
        report.notes.append(
          "judged-without: statements behind a fault are judged as if the faulty one were not there, so one fault may bring about others"
        )
      }
    }
    if let policy = derived.policyDiffers(from: state) { report.notes.append("policy-differs: \(policy)") }
  }

  // MARK: Against what is kept elsewhere

  private func judgeAnchor(_ founding: LedgerState) {
    switch options.anchor {
    case .none: break
    case .ledgerID(let id):
      report.isAnchored = id == founding.ledgerID
      if !report.isAnchored {
        add(AuditRun.anotherLedger(id, founding))
      }
    case .policy(let policy):
      if let id = policy.ledger, id != founding.ledgerID {
        return add(AuditRun.anotherLedger(id, founding))
      }
      guard let lastNote else {
        return add(Fault(.missing, "no checkpoint could be compared with the policy given"))
      }
      let newest = report.blocks - min(report.blocks, 1)
      if let other = policy.refusal(ofBlock: newest) {
        return add(Fault(.unknownSigner, block: newest, "under the policy given: \(other)"))
      }
      for witness in policy.absent {
        report.notes.append(
          "absent: the witness \(witness.name) counts as absent, since its key is of type \(witness.type), which can't be checked here"
        )
      }
      do {
        _ = try policy.evaluate(lastNote)
        report.isAnchored = true
      } catch {
        let code: Fault.Code =
          switch error.code {
          case .quorum: .quorum
          case .badSignature: .badSignature
          // It names this ledger, and another log key.
          case .unknownKey where policy.ledger != nil: .unknownSigner
          default: .wrongLedger
          }
        add(Fault(code, "under the policy given: \(error.description)"))
      }
    }
  }

  private static func anotherLedger(_ id: Digest, _ founding: LedgerState) -> Fault {
    Fault(.wrongLedger, "another ledger: asked for \(id), this is \(founding.ledgerID)")
  }

  private func judgeSaved() {
    guard let note = options.savedCheckpoint, let saved else { return }
    do { _ = try note.verified(by: logKeys) } catch {
      let code: Fault.Code = error.code == .badSignature ? .badSignature : .wrongLedger
      add(
        Fault(
          code, "the saved checkpoint is signed by no log key that this ledger has had: \(error.description)")
      )
      return
    }
    if saved.size > report.entries {
      add(
        Fault(
          .truncated,
          "the saved checkpoint covers \(saved.size) entries, and this ledger ends at \(report.entries)"))
    } else if rootAtSaved != saved.root {
      add(
        Fault(
          .fork, "the saved checkpoint over \(saved.size) entries has another root: two histories were signed"
        ))
    }
  }
}
