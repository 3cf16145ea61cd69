import Ledger
import Scenarios
import Workflows

extension StatementOptions {
  /// Signs the payload that `make` gives, and returns when it is a record.
  func record<Payload: SharingPayload>(
    sharing ledger: LedgerArgument, _ make: (SharingState, Member) async throws -> Payload
  ) async throws -> (recorded: Recorded, payload: Payload) {
    try ledger.require()
    let signer = try signer
    return try await opened(ledger).record(sharingAs: signer, at: CommandContext.now, make)
  }

  /// The work of the member that signs with its vault.
  func vaultWork(on ledger: LedgerArgument) async throws -> VaultWork {
    let reading = try await ledger.opened()
    return VaultWork(reading, try signer, CommandContext.current.work) {
      ledger.isAtNode ? reading : try await opened(ledger)
    }
  }
}

/// What a command of `zheng share` says after its statement was recorded.
struct SharingReceiptText {
  let recorded: Recorded
  let ledger: LedgerArgument
  private(set) var rows: [(String, String)]
  private(set) var fields: [(String, JSON)] = []
  private(set) var next: [String] = []

  init(_ recorded: Recorded, _ kind: String, _ ledger: LedgerArgument) {
    (self.recorded, self.ledger) = (recorded, ledger)
    rows = [
      (
        "recorded",
        localized(
          "\(named(kind: kind, of: "sharing")), entry \(recorded.index) in block \(recorded.block) of \(SharingTime(recorded.utcOffset).text(recorded.time))"
        )
      ),
      ("id", recorded.id.hex),
    ]
    fields = [("kind", .text(kind))]
  }

  /// Adds a row, and a field of the same meaning.
  mutating func add(_ label: String, _ text: String, _ field: String, _ json: JSON) {
    rows.append((label, Printable.text(text)))
    fields.append((field, json))
  }

  /// Adds a row for people only.
  mutating func say(_ label: String, _ text: String) { rows.append((label, Printable.text(text))) }

  /// Adds a field for programs only.
  mutating func field(_ name: String, _ json: JSON) { fields.append((name, json)) }

  /// Adds what to do next: who, and the command.
  mutating func then(_ who: String, _ command: String) { next.append("\(who)\n\(command)") }

  /// `zheng share COMMAND LEDGER`, `words` and `options`, as a shell reads it.
  func command(_ name: String, _ words: String..., options: String = "") -> String {
    ShellText.zheng("share \(name)", [ledger.path] + words, options: options)
  }

  func print(to output: Output) throws {
    var object = recorded.json
    if case .object(let own) = object { object = .object(own + fields.map { (key: $0.0, value: $0.1) }) }
    let steps = next.map { ("next", $0) }
    try output.result(object, text: labelled(rows + steps))
  }

  /// What the rules know now, or nil where that does not reach as far as the record yet, as behind a node.
  func state() async -> SharingState? {
    do {
      let opened = try await ledger.opened()
      guard try await opened.entryIndex(of: recorded.id) == nil else { return SharingState(opened) }
      Diagnostics.note(localized("it is recorded; the index will follow"))
    } catch {
      Diagnostics.note(
        localized("it is recorded, and the ledger can't be read just now: \(Problem(error).detail)"))
    }
    return nil
  }
}
