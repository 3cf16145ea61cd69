import ArgumentParser
import Foundation
import Ledger
import LedgerCrypto
import Scenarios
import Workflows

/// Which item a statement is about, and when it happened.
struct ItemStatementOptions: ParsableArguments {
  @Argument(help: "The item's id.") var item: String
  @OptionGroup var happened: OccurredOption
}

/// When something happened that is recorded later.
struct OccurredOption: ParsableArguments {
  @Option(
    help: "When it happened, if earlier than it is recorded: RFC 3339, 2026-07-03T16:00:00+08:00.")
  var occurred: Instant?

  /// In s since the epoch.
  var seconds: UInt64? { occurred?.seconds }
}

/// A moment on the command line, to the second: a day would say less than a claim has to.
struct Instant: ExpressibleByArgument {
  /// Since the epoch.
  let seconds: UInt64

  init?(argument: String) {
    guard let range = Timestamp.range(argument) else { return nil }
    seconds = range.lowerBound / 1000
  }
}

/// A command that makes one statement about an item that was deposited.
protocol ItemStatementCommand: AsyncResultCommand {
  associatedtype Payload: EvidencePayload

  var ledger: LedgerArgument { get }
  var about: ItemStatementOptions { get }
  var said: StatementOptions { get }
  /// What the statement says of the item as it stands.
  func payload(_ item: Evidence.Item, on ledger: any LedgerAccess) async throws -> Payload
}

extension ItemStatementCommand {
  func run(_ output: Output) async throws {
    let recorded = try await said.record(evidenceOn: ledger, about: about.item) { opened, _ in
      let item = try await opened.evidenceItem(about.item)
      return try .evidence(await payload(item, on: opened), about: about.item)
    }
    try await output.evidence(recorded, Payload.kind.rawValue, about.item, ledger)
  }
}

extension StatementOptions {
  /// Signs and records what `draft` says about `item`; a refusal says where to look for what can be done.
  func record(
    evidenceOn ledger: LedgerArgument, about item: String,
    _ draft: (any LedgerAccess, Member) async throws -> Draft
  ) async throws -> Recorded {
    do {
      return try await submit(on: ledger) { opened, issuer in
        try PersonalData.refuse(in: item, as: "the item's name")
        return try await draft(opened, issuer)
      }
    } catch let refusal as Refusal where Refusal.Code.ofItems.contains(refusal.code) {
      let command = ShellText.zheng("evidence status", [ledger.path, item])
      throw Refusal(
        refusal.code, localized("\(refusal.reason). `\(command)` shows how it stands and what comes next"))
    }
  }
}

extension Refusal.Code {
  /// Those that an item's status explains.
  fileprivate static let ofItems: Set<Refusal.Code> = [
    .duplicateItem, .notCustodian, .notReceiver, .pendingTransfer, .disputed, .wrongState, .sealMismatch,
    .legalHold, .proposalVoid, .unknownProposal,
  ]
}

extension Output {
  /// Prints what was recorded about `item`, how it stands now, and what comes next.
  func evidence(
    _ recorded: Recorded, _ what: String, _ item: String, _ ledger: LedgerArgument,
    notes: [(label: String, text: String)] = [], adding fields: KeyValuePairs<String, JSON> = [:]
  ) async throws {
    let name = named(kind: what, of: "evidence")
    let time = Timestamp.text(milliseconds: recorded.time)
    var rows =
      [
        ("recorded", localized("\(name): entry \(recorded.index), in block \(recorded.block) of \(time)")),
        ("id", recorded.id.hex),
      ] + notes.map { ($0.label, $0.text) }
    var json = recorded.json.adding(["what": .text(what), "item": .text(item)])
    if let opened = try await ledger.opened(holding: recorded) {
      let status = try await ItemStatus(item, on: opened)
      rows += [("item", status.summary)] + status.waiting
      if let other = status.other, !isJSON {
        Diagnostics.note(
          localized(
            "MISMATCH: \(retold(other.text)): that is recorded, \(item) is disputed, and \(status.item.custodian) keeps custody"
          )
        )
      }
      json = json.adding([
        "state": .text(status.item.state.rawValue), "custodian": .text(status.item.custodian),
        "receiver": JSON(status.item.receiver), "dispute": JSON(status.item.dispute),
        "mismatch": status.other?.json ?? .null,
        "pending": status.pendingJSON, "next": status.nextJSON,
      ])
    } else {
      Diagnostics.note(
        localized("it is recorded; the index will follow: `zheng evidence status` then shows how it stands"))
    }
    try result(json.adding(fields), text: labelled(rows))
  }
}

extension LedgerArgument {
  /// The ledger with the record; nil where its index has not followed, or nothing can be read.
  fileprivate func opened(holding recorded: Recorded) async throws -> (any LedgerAccess)? {
    do {
      let opened = try await opened()
      return try await opened.entryIndex(of: recorded.id) == nil ? nil : opened
    } catch {
      Diagnostics.note(localized("the ledger can't be read just now: \(Problem(error).detail)"))
      return nil
    }
  }
}
