import LedgerCrypto
import Scenarios
import Workflows

extension ItemStatus {
  /// `E-1: sealed, held by notary`, and what else matters at once.
  var summary: String {
    var text = "\(Printable.text(id)): \(named("state", item.state.rawValue))"
    if item.state.isTerminal {
      text += localized(", last held by \(item.custodian)")
    } else {
      text += localized(", held by \(item.custodian)")
    }
    if let receiver = item.receiver { text += localized(", offered to \(receiver)") }
    if let other {
      text += " (\(Printable.text(retold(other.text))))"
    } else if let dispute = item.dispute {
      text += " (\(dispute))"
    }
    if let seal = item.seal { text += localized(", seal \(Printable.text(seal))") }
    if !item.orders.isEmpty { text += localized(", HELD by \(counted(item.orders.count, "order"))") }
    return text
  }

  // MARK: What comes next

  private func command(_ name: String, _ options: String = "", files: [String] = []) -> String {
    ShellText.zheng(
      "evidence \(name)", [ledger, id] + files,
      options: options.isEmpty ? "--key KEY.pem" : "\(options) --key KEY.pem")
  }

  /// What a step is called, and what is run for it, but for what only its signer knows, which stands in capitals.
  private func words(_ step: Evidence.Step) -> (what: String, command: String) {
    let kind = step.kind.rawValue
    let name = named("kind.evidence", kind)
    if step.isCountersignature {
      let blocked = waitsForOrder ? localized(", once the order is lifted") : ""
      return (localized("countersign the \(name)\(blocked)"), command("countersign"))
    }
    let seal = item.seal.map { ShellText.option("--seal", $0) } ?? "--seal NUMBER"
    switch step.kind {
    case .seal: return (name, command(kind, seal))
    case .offer: return (localized("hand over"), command(kind, "--to MEMBER \(seal) --purpose PURPOSE"))
    case .examine: return (name, command(kind, "--method METHOD"))
    case .release: return (name, command(kind, "--order ORDER --outcome released"))
    case .accept:
      let (what, manifest) = item.manifest == nil ? ("FILE", "") : ("DIRECTORY", "--manifest MANIFEST ")
      return (name, command(kind, "\(manifest)--seal NUMBER --location PLACE", files: [what]))
    case .decline: return (name, command(kind, "--reason REASON"))
    case .reseal: return (name, command(kind, "--seal NUMBER"))
    case .resolve: return (name, command(kind, "--reason REASON --outcome sealed"))
    case .lift: return (localized("lift the order"), command(kind, "--order ORDER"))
    case .deposit, .present, .hold, .renew, .correct: return (name, command(kind))
    }
  }

  /// Rows that say what comes next.
  var waiting: [(String, String)] {
    steps.enumerated().map { number, step in
      let who =
        step.who.isEmpty
        ? localized("nobody in the roster may") : step.who.joined(separator: localized(" or "))
      let words = words(step)
      return (number == 0 ? "next" : "", "\(words.what): \(who)\n\(words.command)")
    }
  }

  /// Rows that say what `member` can do next.
  func rows(of member: String) -> [(String, String)] {
    steps.filter { $0.who.contains(member) }.map { step in
      let words = words(step)
      return ("next", "\(words.what)\n\(words.command)")
    }
  }

  /// What comes next, for programs.
  var nextJSON: JSON { json(steps) }

  /// What `member` can do next, for programs.
  func stepsJSON(of member: String) -> JSON { json(steps.filter { $0.who.contains(member) }) }

  private func json(_ steps: [Evidence.Step]) -> JSON {
    .array(
      steps.map { step in
        let words = words(step)
        return [
          "what": .text(words.what), "who": .array(step.who.map(JSON.text)), "command": .text(words.command),
        ]
      })
  }

  /// What waits for a countersignature, and who may give it.
  var pendingJSON: JSON {
    guard let pending, let id = item.pending else { return .null }
    return [
      "statement": .text(id.hex), "kind": .text(pending.kind.rawValue), "issuer": .text(pending.issuer),
      "outcome": .text(pending.outcome.rawValue), "waits": .text(pending.waits.rawValue),
      "members": .array(countersigners.map(JSON.text)), "command": .text(command("countersign")),
    ]
  }
}
