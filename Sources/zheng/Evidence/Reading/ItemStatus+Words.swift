import LedgerCrypto
import Scenarios
import Workflows

extension ItemStatus {
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

  private func command(_ name: String, _ options: String = "", files: [String] = []) -> String {
    ShellText.zheng(
      "evidence \(name)", [ledger, id] + files,
      options: options.isEmpty ? "--key KEY.pem" : "\(options) --key KEY.pem")
  }

  /// What is run for `act`, but for what only its signer knows, which stands in capitals.
  private func command(_ act: Step.Act) -> String {
    let seal = item.seal.map { ShellText.option("--seal", $0) } ?? "--seal NUMBER"
    switch act {
    case .countersign: return command("countersign")
    case .seal: return command("seal", seal)
    case .offer: return command("offer", "--to MEMBER \(seal) --purpose PURPOSE")
    case .examine: return command("examine", "--method METHOD")
    case .release: return command("release", "--order ORDER --outcome released")
    case .accept:
      let (what, manifest) = item.manifest == nil ? ("FILE", "") : ("DIRECTORY", "--manifest MANIFEST ")
      return command("accept", "\(manifest)--seal NUMBER --location PLACE", files: [what])
    case .decline: return command("decline", "--reason REASON")
    case .reseal: return command("reseal", "--seal NUMBER")
    case .resolve: return command("resolve", "--reason REASON --outcome sealed")
    case .lift: return command("lift", "--order ORDER")
    }
  }

  /// Rows that say what comes next.
  var waiting: [(String, String)] {
    steps.enumerated().map { number, step in
      let who = step.who.isEmpty ? "nobody in the roster may" : step.who.joined(separator: " or ")
      return (number == 0 ? "next" : "", "\(step.what): \(who)\n\(command(step.act))")
    }
  }

  /// The same for programs.
  var nextJSON: JSON {
    .array(
      steps.map {
        [
          "what": .text($0.what), "who": .array($0.who.map(JSON.text)), "command": .text(command($0.act)),
        ]
      })
  }

  /// What waits for a countersignature, and who may give it.
  var pendingJSON: JSON {
    guard let pending, let id = item.pending else { return .null }
    return [
      "statement": .text(id.hex), "kind": .text(pending.kind.rawValue), "issuer": .text(pending.issuer),
      "outcome": .text(pending.outcome.rawValue), "waits": .text(pending.waits.rawValue),
      "members": .array(countersigners.map(JSON.text)), "command": .text(command(.countersign)),
    ]
  }
}
