import ArgumentParser
import LedgerClient
import Scenarios
import Workflows

extension ConsortiumCommand {
  /// `zheng consortium status`.
  struct Status: AsyncResultCommand {
    static let configuration = CommandConfiguration(
      abstract: "Ask validators' nodes how they and the others are doing.",
      discussion: """
        Each node says at which block and round it is, and what it has heard of the others: who is behind, and whose clock \
        is off. It is that node's word; ask several.

          zheng consortium status https://v1.example.org https://v2.example.org

        Exit status 1 if a node does not answer, or does not take part in deciding blocks.
        """)

    @Argument(help: "The URL of a validator's node; several may be given.") var nodes: [String]
    @Option(
      help:
        "With https: a PEM file of the authorities that the node's certificate is checked against, instead of the system's.",
      completion: .file())
    var cacert: String?
    @Option(help: "How many seconds to wait for each node.") var timeout = 10
    @OptionGroup var options: OutputOptions

    func validate() throws {
      guard (1...86_400).contains(timeout) else {
        throw ValidationError(localized("--timeout is 1 to 86400 seconds"))
      }
      for node in nodes {
        do { _ = try NodeClient(node) } catch { throw ValidationError(error.description) }
      }
    }

    func run(_ output: Output) async throws {
      var areAllWorking = true
      for node in nodes {
        var client = try NodeClient(node, tls: NodeTLS(authorities: cacert))
        client.patience = .seconds(timeout)
        do {
          let consensus = try await client.consensus()
          let report = ConsensusReport(node: client.url, consensus: consensus)
          try output.result(report.json, text: report.text + "\n")
          if consensus.state != .working { areAllWorking = false }
        } catch let error as NodeClientError {
          areAllWorking = false
          let problem = Problem(error)
          try output.result(
            [
              "url": .text(client.url), "ok": false, "code": .text(problem.code),
              "detail": .text(problem.detail),
            ],
            text: labelled([("node", client.url), ("", problem.detail)]) + "\n")
        }
      }
      guard areAllWorking else { throw ExitStatus.notVerified.asError }
    }
  }
}

/// What a node says of the validators.
private struct ConsensusReport {
  let node: String
  let consensus: NodeConsensus

  var json: JSON {
    [
      "url": .text(node), "ok": .bool(consensus.state == .working), "validator": .text(consensus.validator),
      "state": .text(consensus.state.rawValue), "reason": JSON(consensus.reason),
      "block": .number(consensus.height), "round": .number(UInt64(max(0, consensus.round))),
      "behind": .number(consensus.behind), "quorum": .number(UInt64(max(0, consensus.quorum))),
      "validators": .array(
        consensus.validators.map {
          [
            "name": .text($0.name), "block": JSON($0.height), "round": $0.round.map(JSON.integer) ?? .null,
            "behind": JSON($0.behind), "clockOffsetSeconds": $0.clockOffsetSeconds.map(JSON.integer) ?? .null,
            "lastSeen": JSON($0.lastSeen.map { Timestamp.text(milliseconds: $0) }),
          ]
        }), "misconduct": .number(UInt64(max(0, consensus.misconduct))),
    ]
  }

  var text: String {
    let state = named("consensus", consensus.state.rawValue)
    var rows = [
      ("node", node), ("validator", "\(Printable.text(consensus.validator)): \(state)"),
      ("", consensus.reason.map { Printable.text($0) } ?? ""),
      ("works on", localized("block \(consensus.height), round \(consensus.round)")),
      ("quorum", localized("\(consensus.quorum) of \(consensus.validators.count) validators")),
    ].filter { !$0.1.isEmpty }
    if consensus.behind > 0 { rows.append(("behind", localized("by \(counted(consensus.behind, "block"))"))) }
    if consensus.misconduct > 0 {
      rows.append(
        (
          "misconduct",
          localized(
            "\(counted(consensus.misconduct, "validator")) caught; on the node's machine `zheng consortium misconduct` shows the evidence"
          )
        ))
    }
    var table = TextTable(["validator", "block", "round", "behind", "clock", "last heard of"])
    for validator in consensus.validators {
      table.add([
        validator.name, validator.height.map(String.init) ?? "-", validator.round.map(String.init) ?? "-",
        validator.behind.map(String.init) ?? "-",
        validator.clockOffsetSeconds.map { localized("\($0 > 0 ? "+\($0)" : "\($0)") s") } ?? "-",
        validator.lastSeen.map(ago) ?? "-",
      ])
    }
    return labelled(rows) + "\n" + table.text
  }

  private func ago(_ moment: UInt64) -> String {
    let now = CommandContext.now
    return localized("\(Printable.duration(seconds: now > moment ? (now - moment) / 1000 : 0)) ago")
  }
}
