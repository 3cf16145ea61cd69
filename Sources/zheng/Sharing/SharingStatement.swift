import Ledger
import LedgerCrypto
import LedgerStore
import Scenarios
import Workflows

extension StatementOptions {
  /// Signs the payload that `make` gives, and returns when it is a record.
  ///
  /// - Parameter make: gets what the rules know, and the member that signs.
  /// - Throws: the refusal; then nothing was recorded. Personal data and what no validator could read are refused before
  ///   anything is signed.
  func record<Payload: SharingPayload>(
    sharing ledger: LedgerArgument, _ make: (SharingState, Member) throws -> Payload
  ) async throws -> (recorded: Recorded, payload: Payload) {
    var made: Payload?
    let recorded = try await record(on: ledger) { reader, issuer in
      let payload = try make(SharingState(reader), issuer)
      try payload.refusePersonalData()
      let encoded = payload.encoded
      _ = try Payload(decoding: encoded)
      made = payload
      return Draft(type: Payload.kind.contentType, subject: payload.subject, payload: encoded)
    }
    guard let made else { preconditionFailure("what is recorded was made") }
    return (recorded, made)
  }
}

extension StatementOptions {
  /// The vault at `path` of the member that signs, made where there is none, with data on their way into it.
  func vaultTransaction(_ path: String, _ ledger: LedgerArgument) throws -> VaultTransaction {
    let reader = try LedgerReader(ledger.folder)
    let signer = Signer(key: try KeyFiles.privateKey(key), path: key, issuer: issuer)
    let member = try signer.member(in: reader.state().roster, of: ledger.path)
    let vault = try Vault.creating(
      path, ledger: ledger.path, ledgerID: reader.ledgerID, member: member, CommandContext.current.work)
    try vault.settle(reader)
    return VaultTransaction(vault)
  }
}

extension Vault {
  /// Names what hand-overs have left that were stopped.
  func settle(_ reader: LedgerReader) throws {
    guard reader.unindexed == 0 else { return try settleHandovers(nil) }
    try settleHandovers { [member] commitment in
      try SharingState(reader).deliveries().first { $0.provider == member && $0.commitment == commitment }
        .map(VaultItem.init)
    }
  }
}

/// What a command of `zheng share` says after its statement was recorded.
struct SharingReceiptText {
  let recorded: StatementOptions.Recorded
  let ledger: LedgerArgument
  private(set) var rows: [(String, String)]
  private(set) var fields: [(String, JSON)] = []
  private(set) var next: [String] = []

  init(_ recorded: StatementOptions.Recorded, _ kind: String, _ ledger: LedgerArgument) {
    (self.recorded, self.ledger) = (recorded, ledger)
    rows = [
      (
        "recorded",
        "\(kind), entry \(recorded.index) in block \(recorded.block) of \(SharingTime.text(recorded.time))"
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
    try output.result(object, text: Printable.table(rows + steps))
  }

  /// What the rules know now, or nil where that does not reach as far as the record yet, as behind a node.
  func state() -> SharingState? {
    do {
      let reader = try LedgerReader(ledger.folder)
      guard try reader.entryIndex(of: recorded.id) == nil else { return SharingState(reader) }
      Diagnostics.note("it is recorded; the index will follow")
    } catch {
      Diagnostics.note("it is recorded, and the ledger can't be read just now: \(Problem(error).detail)")
    }
    return nil
  }
}
