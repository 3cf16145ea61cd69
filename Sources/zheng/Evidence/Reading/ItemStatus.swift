import Ledger
import LedgerCrypto
import LedgerStore
import Scenarios

/// An item as it stands, and what can come next.
struct ItemStatus {
  /// Something that somebody may do now.
  struct Step {
    /// What it is, in a word or two.
    let what: String
    /// Who may do it.
    let who: [String]
    /// What they run, but for what only they know, which stands in capitals.
    let command: String
  }

  let id: String
  let item: Evidence.Item
  /// What waits for a countersignature.
  let pending: Evidence.Pending?
  /// What was received in its place, where it is disputed because of that.
  let other: ReceivedOther?
  let roster: Roster
  /// The height that a next statement would have.
  private let height: UInt64
  private let ledger: String

  /// The item called `id`.
  ///
  /// - Throws: the refusal `unknown-item`.
  init(_ id: String, in reader: LedgerReader) throws {
    self.id = id
    item = try reader.evidenceItem(id)
    pending = try item.pending.flatMap { try reader.ruleValue(Evidence.Pending.key($0)) }
      .map { value throws in try Evidence.Pending(decoding: value) }
    other = try reader.receivedOther(item)
    let state = try reader.state()
    (roster, height, ledger) = (state.roster, state.height, reader.folder.path)
  }

  /// `E-1: sealed, held by notary`, and what else matters at once.
  var summary: String {
    var text = "\(Printable.text(id)): \(item.state.rawValue)"
    if item.state.isTerminal {
      text += ", last held by \(item.custodian)"
    } else {
      text += ", held by \(item.custodian)"
    }
    if let receiver = item.receiver { text += ", offered to \(receiver)" }
    if let other {
      text += " (\(Printable.text(other.text)))"
    } else if let dispute = item.dispute {
      text += " (\(dispute))"
    }
    if let seal = item.seal { text += ", seal \(Printable.text(seal))" }
    if !item.orders.isEmpty { text += ", HELD by \(Printable.count(item.orders.count, "order"))" }
    return text
  }

  // MARK: What comes next

  /// The members in force with `role`, `but` left out.
  private func members(_ role: EvidenceRole, but: String? = nil) -> [String] {
    roster.members
      .filter { $0.roles.contains(role.rawValue) && $0.id != but && $0.isInForce(at: height) }.map(\.id)
  }

  private func command(_ name: String, _ options: String = "", files: [String] = []) -> String {
    ShellText.zheng(
      "evidence \(name)", [ledger, id] + files,
      options: options.isEmpty ? "--key KEY.pem" : "\(options) --key KEY.pem")
  }

  /// What the members may do next about custody.
  var steps: [Step] {
    var steps: [Step] = []
    if let pending {
      let isBlocked = pending.outcome.isTerminal && !item.orders.isEmpty
      steps.append(
        Step(
          what: "countersign the \(pending.kind.rawValue)\(isBlocked ? ", once the order is lifted" : "")",
          who: members(pending.waits, but: pending.issuer), command: command("countersign")))
    }
    let custodian = [item.custodian]
    let seal = item.seal.map { ShellText.option("--seal", $0) } ?? "--seal NUMBER"
    func add(_ what: String, _ who: [String], _ command: String) {
      steps.append(Step(what: what, who: who, command: command))
    }
    switch item.state {
    case .deposited: add("seal", custodian, command("seal", seal))
    case .sealed:
      add("hand over", custodian, command("offer", "--to MEMBER \(seal) --purpose PURPOSE"))
      if members(.examiner).contains(item.custodian) {
        add("examine", custodian, command("examine", "--method METHOD"))
      }
      if pending == nil, item.orders.isEmpty {
        add("release", custodian, command("release", "--order ORDER --outcome released"))
      }
    case .inTransit:
      let receiver = item.receiver.map { [$0] } ?? []
      let (what, manifest) = item.manifest == nil ? ("FILE", "") : ("DIRECTORY", "--manifest MANIFEST ")
      add(
        "accept", receiver, command("accept", "\(manifest)--seal NUMBER --location PLACE", files: [what]))
      add("decline", receiver, command("decline", "--reason REASON"))
    case .examining: add("reseal", custodian, command("reseal", "--seal NUMBER"))
    case .disputed:
      if pending == nil {
        add("resolve", custodian, command("resolve", "--reason REASON --outcome sealed"))
      }
    case .released, .disposed: break
    }
    if !item.orders.isEmpty {
      add("lift the order", members(.court), command("lift", "--order ORDER"))
    }
    return steps
  }

  /// Rows that say what comes next.
  var waiting: [(String, String)] {
    steps.enumerated().map { number, step in
      let who = step.who.isEmpty ? "nobody in the roster may" : step.who.joined(separator: " or ")
      return (number == 0 ? "next" : "", "\(step.what): \(who)\n\(step.command)")
    }
  }

  /// The same for programs.
  var nextJSON: JSON {
    .array(
      steps.map {
        [
          "what": .text($0.what), "who": .array($0.who.map(JSON.text)), "command": .text($0.command),
        ]
      })
  }

  /// What waits for a countersignature, and who may give it.
  var pendingJSON: JSON {
    guard let pending, let id = item.pending else { return .null }
    return [
      "statement": .text(id.hex), "kind": .text(pending.kind.rawValue), "issuer": .text(pending.issuer),
      "outcome": .text(pending.outcome.rawValue), "waits": .text(pending.waits.rawValue),
      "members": .array(members(pending.waits, but: pending.issuer).map(JSON.text)),
      "command": .text(command("countersign")),
    ]
  }
}
