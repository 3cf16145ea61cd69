import Certificates
import LedgerClient

/// *验证者*: how far each validator is, who is behind, and whose clock disagrees, as far as this node has heard.
extension Page {
  static let validators = PageRoute(
    "validators", of: "overview", "How the ledger's validators are doing, for people", shows: .nothing
  ) { page in .content(try page.validatorsPage()) }

  /// Whoever was not heard of for so long, in ms, is silent: each is asked every five seconds.
  private static let silence: UInt64 = 20_000
  /// Two heights are what a validator may be behind while it works.
  private static let leastLag: UInt64 = 3
  /// Cosignatures of one block that are further apart, in s, are the clocks'.
  private static let clockTolerance = 10

  private func validatorsPage() throws -> PageContent {
    guard let consensus else { throw NodeProblem.notFound("this node is not one of several validators") }
    let rows = try consensus.validators.map { validator in
      let (tone, words) = try condition(of: validator, consensus)
      let name = try shown(validator.name)
      return (
        style: tone == .good ? "" : "late",
        cells: [
          validator.name == consensus.validator
            ? try "\(name) <span class=\"soft\">\(text("validators.this"))</span>" : name,
          chip(tone, words), try validator.height.map { number($0) } ?? text("none"),
          try validator.round.map { "\(String($0))" } ?? text("none"), try clock(of: validator),
          try validator.lastSeen.map { try time($0) } ?? text("validators.never"),
        ] as [HTML]
      )
    }
    return PageContent(
      title: try text("validators.title"),
      body: try """
      <h1>\(both("validators.title"))</h1>
      <p class="lead">\(both(
          "validators.lead",
          ["quorum": "\(consensus.quorum)", "all": "\(consensus.validators.count)"]))</p>
      \(verdict(consensus))
      \(table(
          text("validators.title"),
          [
            text("validators.name"), text("validators.state"), text("validators.height"),
            text("validators.round"), text("validators.clock"), text("validators.seen"),
          ], rows))
      \(when(
          consensus.misconduct > 0,
          try "<p>\(both("validators.misconduct", ["count": "\(consensus.misconduct)"]))</p>"))
      <p class="soft">\(text("validators.by-word"))</p>
      """, refresh: 10)
  }

  /// What this node does, where that is not its work.
  private func verdict(_ consensus: NodeConsensus) throws -> HTML {
    guard consensus.state != .working else { return "" }
    let tone = consensus.state == .halted ? "bad" : "warn"
    let reason: HTML = try consensus.reason.map { "<p lang=\"en\">\(try shown($0))</p>" } ?? ""
    return try """
    <div class="verdict \(tone)" role="status"><b>△ \(text("validators.\(consensus.state.rawValue)"))</b>\(reason)</div>
    """
  }

  private func condition(
    of validator: NodeConsensus.Validator, _ consensus: NodeConsensus
  ) throws -> (Tone, HTML) {
    guard let seen = validator.lastSeen, let behind = validator.behind else {
      return (.bad, try text("validators.never"))
    }
    if seen + Page.silence < now { return (.bad, try text("validators.silent")) }
    if behind >= Page.leastLag {
      return (.warn, try text("validators.behind", ["count": "\(behind)"]))
    }
    if isOff(validator) { return (.warn, try text("validators.clock-off")) }
    return (.good, try text("validators.in-step"))
  }

  private func isOff(_ validator: NodeConsensus.Validator) -> Bool {
    abs(validator.clockOffsetSeconds ?? 0) > Page.clockTolerance
  }

  private func clock(of validator: NodeConsensus.Validator) throws -> HTML {
    guard let offset = validator.clockOffsetSeconds else { return try text("none") }
    guard isOff(validator) else { return try text("validators.clock-right") }
    return try text(
      offset > 0 ? "validators.clock-ahead" : "validators.clock-slow", ["seconds": "\(abs(offset))"])
  }
}
