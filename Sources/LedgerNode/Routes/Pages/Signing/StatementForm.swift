import Ledger
import LedgerCrypto
import Scenarios
import Statements
import Workflows

/// A statement that a member can make on a page: what is given of it by the ledger as it stands, and what has to be filled in.
struct StatementForm {
  /// The kind without what all types share, such as `evidence.seal`; `countersign` for the core's.
  let kind: String
  /// What it is about; nil for the countersignature to a change of the roster.
  let subject: String?
  /// The fields that have to be filled in.
  let fields: [FieldDescription]
  /// Fields that the ledger gives, as a form spells them.
  let given: [String: String]
  /// What the ledger suggests for others.
  let suggested: [String: String]
  /// The statement that it answers or countersigns, and its place.
  let target: (id: Digest, index: UInt64)?
  private let payload: (any FieldList.Type)?

  static let countersign = "countersign"

  /// The kinds that pages have forms for: what is made of files or of a vault, which stay on the office's own machine, is made there.
  static let kinds =
    [countersign]
    + EvidenceKind.allCases.filter { ![.deposit, .renew].contains($0) }.map { "evidence.\($0.rawValue)" }
    + [SharingKind.grant, .refuse, .answer, .revoke].map { "sharing.\($0.rawValue)" }

  /// The form for `kind` about `subject`, as the ledger stands.
  ///
  /// - Parameter statement: what is countersigned or answered, where the kind is of that sort.
  /// - Throws: `unknown-item`, `unknown-request`, `unknown-proposal`.
  init(_ kind: String, about subject: String?, to statement: Digest?, on ledger: DirectoryLedger) async throws
  {
    (self.kind, self.subject) = (kind, subject)
    var (given, suggested): ([String: String], [String: String]) = ([:], [:])
    if let statement {
      guard let index = try await ledger.entryIndex(of: statement) else {
        throw Refusal(.unknownProposal, "no statement has the id \(statement)")
      }
      target = (statement, index)
    } else {
      target = nil
    }
    guard kind != StatementForm.countersign else {
      guard target != nil else {
        throw Refusal(.unknownProposal, "the statement to countersign is not named")
      }
      (payload, fields, self.given, self.suggested) = (nil, [], [:], [:])
      return
    }
    guard
      let scenario = Scenarios.all.first(where: { kind.hasPrefix("\($0.name).") }), let subject,
      let found = scenario.kinds.first(where: { "\(scenario.name).\($0.name)" == kind })
    else { throw Refusal(.unknownKind, "no form is for \(kind)") }
    if scenario.name == Evidence.scenario.name {
      let item = try await ledger.evidenceItem(subject)
      given["previous"] = item.last.hex
      if let target { given["statement"] = target.id.hex }
      if kind == "evidence.offer" {
        (given["digest"], suggested["seal"]) = (item.digests.sha256?.hex, item.seal)
      }
      if kind == "evidence.lift" { suggested["order"] = item.orders.first?.order }
    } else {
      given = try await StatementForm.sharing(subject, target?.id, &suggested, on: ledger)
    }
    let names = Set(found.fields.map(\.key))
    payload = found.payload
    self.given = given.filter { names.contains($0.key) }
    self.suggested = suggested
    // An answer is about what its objection is about.
    let known = Set(given.keys).union(kind == "sharing.answer" ? ["entry", "request"] : [])
    fields = found.fields.filter { !known.contains($0.key) }
  }

  /// What the state gives and suggests for a statement of data sharing about `subject`, a request or an entry.
  private static func sharing(
    _ subject: String, _ objection: Digest?, _ suggested: inout [String: String], on ledger: DirectoryLedger
  ) async throws -> [String: String] {
    let state = SharingState(ledger)
    if let objection {
      let found = try await state.knownObjection(objection)
      return ["objection": objection.hex].merging(found.about) { $1 }
    }
    let record = try await state.knownRequest(subject)
    let clocks = try await ledger.utcOffset()
    suggested["items"] = record.items.names.joined(separator: "\n")
    suggested["purpose"] = record.purpose
    suggested["from"] = civil(record.from ?? ledger.context.now, clocks)
    suggested["until"] = record.until.map { civil($0, clocks) }
    return ["request": subject]
  }

  /// A moment in ms since the epoch as a form spells it.
  private static func civil(_ milliseconds: UInt64, _ clocks: UTCOffset) -> String {
    let day = CivilDate(at: milliseconds, clocks)
    let second = (milliseconds - min(milliseconds, day.start(clocks))) / 1000 % 86_400
    let clock = [second / 3600, second / 60 % 60, second % 60].map { $0 < 10 ? "0\($0)" : String($0) }
    return "\(day)T\(clock.joined(separator: ":"))"
  }

  /// What is signed, of what was typed in `form`.
  ///
  /// - Throws: `FormFault`.
  func draft(_ form: [String: String], _ clocks: UTCOffset) throws(FormFault) -> Draft {
    guard let payload else {
      guard let target else { preconditionFailure("a countersignature has a target") }
      return .countersignature(of: target.id, about: subject)
    }
    let typed = form.merging(given) { $1 }
    return Draft(
      type: "\(Kind.prefix)\(kind)+cbor", subject: subject, payload: try payload.encoded(typed, clocks))
  }
}

extension ObjectionRecord {
  /// What it is about, by the names of an answer's fields.
  fileprivate var about: [String: String] {
    switch target {
    case .entry(let entry, _): ["entry": entry]
    case .delivery(let request, _): ["request": request]
    }
  }
}
