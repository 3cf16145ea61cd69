import Ledger
import Testing

@Suite("A chain that its builder made")
struct ChainTests {
  @Test("an audit of an honest chain is without fault and ends in the builder's state")
  func honestChain() throws {
    var chain = try Chain(Consortium(members: 3, validators: 4, quorum: 3))
    for _ in 0..<4 {
      try chain.add([
        chain.statement(by: 1).entry, chain.statement(by: 2, type: "text/plain", subject: "a").entry,
      ])
    }
    try chain.add([])
    for depth in [BlockAudit.Depth.everything, .hashes] {
      let report = chain.audit(depth: depth)
      #expect(report.places == [])
      #expect(report.state?.dump == chain.state.dump)
      #expect(report.state?.frontier == chain.state.frontier)
      #expect(report.outcomes.map(\.lag) == Array(repeating: 1, count: 6))
      #expect(report.outcomes.allSatisfy { $0.isSigned && $0.canGoOn })
    }
  }
}
