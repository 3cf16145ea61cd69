import Foundation
import Ledger
import LedgerCrypto

/// What an operator should know of a ledger's directory and of the machine around it, short of an audit; nothing is written.
public struct Examination: Sendable {
  /// How something is.
  public enum Verdict: String, Sendable {
    case good
    /// Worth knowing; all goes on.
    case note
    /// Somebody must see to it.
    case wrong
  }

  /// One thing that was looked at.
  public struct Finding: Sendable {
    /// The stable name of what was looked at.
    public let code: String
    /// How it is.
    public let verdict: Verdict
    /// How it is, and what to do.
    public let detail: String
  }

  /// Everything, in the order in which it was looked at: `ledger`, `owner`, `modes`, `policy`, `writer`, `index`, `clock`, `times`,
  /// `space`, `state`, `keys`, `last-signed`, `leftovers`.
  public let findings: [Finding]
  /// Whether nobody must see to anything.
  public var isGood: Bool { findings.allSatisfy { $0.verdict != .wrong } }

  /// Looks at the ledger in `folder`.
  ///
  /// - Parameters:
  ///   - state: the folder STATE; nil for the standard one.
  ///   - now: the wall clock, in ms since the epoch.
  /// - Throws: `Failure` where the directory can't be opened at all.
  public init(_ folder: LedgerFolder, state: String? = nil, now: UInt64) throws {
    try folder.requireLedger()
    let examiner = Examiner(folder, try Directory(folder.path))
    examiner.examine(state, now)
    findings = examiner.findings
  }
}

/// Looks at one thing after the other.
private final class Examiner {
  private(set) var findings: [Examination.Finding] = []
  private let folder: LedgerFolder
  private let directory: Directory

  init(_ folder: LedgerFolder, _ directory: Directory) { (self.folder, self.directory) = (folder, directory) }

  func examine(_ state: String?, _ now: UInt64) {
    let reader = attempt("ledger") { try LedgerReader(folder) }
    examineOwner()
    examineModes()
    examineWriter()
    if let reader { examineContent(reader, now) }
    examineSpace()
    examineState(state)
    if reader != nil { examineSigning(state) }
    examineLeftovers()
  }

  private func add(_ code: String, _ verdict: Examination.Verdict, _ detail: String) {
    findings.append(Examination.Finding(code: code, verdict: verdict, detail: detail))
  }

  /// What `body` gives; where it fails that is the finding.
  private func attempt<Value>(_ code: String, _ body: () throws -> Value) -> Value? {
    do { return try body() } catch {
      add(code, .wrong, "\(error)")
      return nil
    }
  }

  // MARK: The directory

  private func examineOwner() {
    var strangers: [String] = []
    for name in ["entries", "checkpoints", "tiles", "offsets", "policy", "keys"] where directory.exists(name)
    {
      if let owner = directory.owner(of: name), owner != geteuid() {
        strangers.append("\(name) (user \(owner))")
      }
    }
    if strangers.isEmpty {
      add("owner", .good, "all of it belongs to this user, \(geteuid())")
    } else {
      add(
        "owner", .note,
        "this is user \(geteuid()), and not the owner of \(strangers.joined(separator: ", ")): the ledger can be read here, not written"
      )
    }
  }

  private func examineModes() {
    var open: [String] = []
    for name in ["entries", "checkpoints"] {
      if let mode = directory.mode(of: name), mode & 0o022 != 0 { open.append("others may write to \(name)") }
    }
    if directory.exists("keys") {
      if let mode = directory.mode(of: "keys"), mode & 0o077 != 0 {
        open.append("others may look into keys/")
      }
      if let keys = attempt("modes", { try directory.folder("keys") }),
        let names = attempt("modes", { try keys.names() })
      {
        for name in names where keys.mode(of: name).map({ $0 & 0o077 != 0 }) ?? false {
          open.append("others may read keys/\(name)")
        }
      }
    }
    if open.isEmpty {
      add("modes", .good, "nobody else may write to it, or read the private keys")
    } else {
      add(
        "modes", .wrong, "\(open.joined(separator: "; ")): `chmod go-w` the ledger, `chmod -R go-rwx` keys/")
    }
  }

  private func examineWriter() {
    if WriterLock.isHeld(in: directory) {
      add("writer", .note, "a process writes to it now; what is said here may be older than what it does")
    } else {
      add("writer", .good, "nobody writes to it now")
    }
  }

  // MARK: What it says

  private func examineContent(_ reader: LedgerReader, _ now: UInt64) {
    guard let newest = attempt("ledger", { try reader.newestBlock() }),
      let state = attempt("ledger", { try reader.state() })
    else { return }
    add(
      "ledger", .good,
      "\(reader.ledgerID), format \(Terms.format), \(reader.size) entries in \(newest.height + 1) blocks")
    let expected = Array(state.roster.policyText(ledger: reader.ledgerID).utf8)
    if let policy = attempt("policy", { try directory.read("policy", limit: 1 << 20) }) {
      if policy == expected {
        add("policy", .good, "it is the one that the roster gives")
      } else {
        add("policy", .wrong, "it is not the one that the roster gives; hand it to nobody")
      }
    }
    if reader.notes.isEmpty {
      add("index", .good, "what is derived reaches to the newest block")
    } else {
      for note in reader.notes { add("index", .note, note) }
    }
    let moment = ProposalClock.Moment.now(wall: now)
    add(
      "clock", moment.isSynchronised ? .good : .note,
      moment.isSynchronised
        ? "the system says that it is synchronised"
        : "the system does not say that it is synchronised; blocks are dated by it all the same")
    if newest.time > now + 60_000 {
      add(
        "times", .wrong,
        "the newest block is dated \((newest.time - now) / 1000) s ahead of this machine's clock: one of the two is wrong"
      )
    } else {
      add("times", .good, "the newest block is not dated ahead of this machine's clock")
    }
  }

  // MARK: The machine

  /// With less left somebody should make room; with less than a sixteenth of it nothing is good.
  private static let comfortable: UInt64 = 1 << 30

  private func examineSpace() {
    guard let left = FileSystem.freeByteCount(at: folder.path) else {
      return add("space", .note, "the system does not say what is left on its disk")
    }
    let least = Examiner.comfortable / 16
    add(
      "space", left < least ? .wrong : left < Examiner.comfortable ? .note : .good,
      "\(left >> 20) MiB are left on its disk\(left < Examiner.comfortable ? "; make room" : "")")
  }

  private func examineState(_ state: String?) {
    let place: String
    if let state {
      place = state
    } else {
      guard let standard = attempt("state", { try StateFolder.standard }) else { return }
      place = standard
    }
    guard FileSystem.exists(place) else {
      return add("state", .note, "\(place): not there yet; the first writer makes it")
    }
    guard FileSystem.isFolder(place), access(place, W_OK | X_OK) == 0 else {
      return add(
        "state", .wrong,
        "\(place): what this machine signed last can't be kept there; set ZHENG_STATE to a folder of this user's"
      )
    }
    if let root = realpath(folder.path, nil), let own = realpath(place, nil) {
      defer { for path in [root, own] { free(path) } }
      if "\(String(cString: own))/".hasPrefix("\(String(cString: root))/") {
        return add(
          "state", .wrong,
          "\(place): lies in the ledger's directory, and is copied with it; it must not be, so keep it elsewhere"
        )
      }
    }
    add("state", .good, "\(place): keeps what this machine signed last; never copy it to another machine")
  }

  private func examineSigning(_ state: String?) {
    guard let outlook = attempt("keys", { try folder.signingOutlook(state: state) }) else { return }
    if let failure = outlook.keys {
      // A directory that is only read has none.
      add("keys", directory.exists("keys") ? .wrong : .note, failure.description)
    } else {
      add("keys", .good, "they are the roster's, and enough for its quorum")
    }
    for validator in outlook.validators {
      if let refusal = validator.refusal {
        add("last-signed", outlook.keys == nil ? .wrong : .note, "\(validator.name): \(refusal.reason)")
      } else {
        let signed =
          validator.signed.map { "this machine signed block \($0) last" }
          ?? "nothing was signed but the founding"
        add("last-signed", .good, "\(validator.name): \(signed), and the ledger goes on from there")
      }
    }
  }

  private func examineLeftovers() {
    var left = ["aside", LedgerFolder.rebuilding].filter { directory.exists($0) }.map(directory.path(of:))
    let parent = FileSystem.parent(of: folder.path)
    let name = folder.path.split(separator: "/").last.map(String.init) ?? folder.path
    if let names = attempt("leftovers", { try FileSystem.names(in: parent.isEmpty ? "." : parent) }) {
      for found in names {
        for mark in ["founding", "backup", "restore"] where found.hasPrefix("\(name).\(mark)-") {
          left.append(parent.isEmpty ? found : "\(parent)/\(found)")
        }
      }
    }
    if left.isEmpty {
      add("leftovers", .good, "nothing was left by work that was stopped")
    } else {
      add(
        "leftovers", .note,
        "left by work that was stopped, and no part of the ledger: \(left.joined(separator: ", "))")
    }
  }
}

extension Directory {
  /// The permissions of what is called `name`; nil where nothing is.
  func mode(of name: String) -> mode_t? { status(name).map { $0.st_mode & 0o7777 } }

  /// The user to whom what is called `name` belongs; nil where nothing is.
  func owner(of name: String) -> uid_t? { status(name)?.st_uid }
}
