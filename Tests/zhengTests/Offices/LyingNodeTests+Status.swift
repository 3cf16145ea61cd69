import Foundation
import LedgerClient
import Synchronization
import Testing

extension LyingNodeTests {
  @Test("the status of an item is one request, and each lie in its answer is refused by name")
  func status() async throws {
    let (host, node) = try await host()
    let clerk = try Office("notary", of: host, at: node.url)
    let auditor = try Office("auditor", of: host, at: node.url)
    let asked = Mutex<[(target: String, body: [UInt8])]>([])
    let counting = try LyingNode(before: node.url) { target, body in
      asked.withLock { $0.append((target, body)) }
      return nil
    }
    /// Expects that what the auditor sees is what the ledger itself says, and gives the one answer of the node.
    func look(_ state: String) async throws -> [UInt8] {
      asked.withLock { $0 = [] }
      auditor.turn(to: counting.url)
      var seen = try await auditor.json("evidence", "status", "@", "E-1")
      var there = try await host.zheng("evidence", "status", "ledger", "E-1", "--json").json
      // Commands name the ledger as it was named.
      for name in ["next", "pending"] {
        let (here, elsewhere) = (seen.removeValue(forKey: name), there.removeValue(forKey: name))
        #expect((here is NSNull) == (elsewhere is NSNull))
      }
      #expect(NSDictionary(dictionary: seen).isEqual(to: there) && seen["state"] as? String == state)
      let requests = asked.withLock { $0 }
      #expect(requests.count == 1 && requests[0].target.hasPrefix("/status?item=E-1&since="))
      return try #require(requests.first).body
    }
    // Sealed; received with another seal; with a countersignature that is waited for.
    let old = try await look("sealed")
    try await clerk.zheng(
      "evidence", "offer", "@", "E-1", "--to", "laboratory", "--seal", "S-1", "--purpose", "鉴定")
    let laboratory = try Office("laboratory", of: host, at: node.url)
    try laboratory.box.write("contract.txt", "房屋租赁合同\n")
    try await laboratory.zheng(
      "evidence", "accept", "@", "E-1", "contract.txt", "--seal", "S-2", "--location", "3",
      "--record-mismatch")
    _ = try await look("disputed")
    try await clerk.zheng(
      "evidence", "resolve", "@", "E-1", "--reason", "误寄", "--outcome", "sealed", "--seal", "S-3")
    _ = try await look("disputed")

    // The ledger goes on behind what the auditor has seen.
    try await clerk.zheng("append", "@", "policy")
    let lies: [(code: String, lie: @Sendable (NodeStatus) -> NodeStatus)] = [
      ("forked", { $0.with(consistency: []) }),
      ("forked", { $0.with(consistency: [String(repeating: "0", count: 64)]) }),
      ("state", { $0.with(state: $0.state.proof(saying: "health", for: "notary")) }),
      ("inclusion", { $0.with(records: $0.records.map { $0.proof(saying: "当面送达", for: "当面提交") }) }),
      ("roster", { $0.with(roster: $0.roster?.base64(saying: "Office Court", for: "Office court")) }),
    ]
    for (code, lie) in lies {
      let liar = try LyingNode(before: node.url) { target, body in
        guard target.hasPrefix("/status?") else { return nil }
        do {
          return Array(try JSONEncoder().encode(lie(JSONDecoder().decode(NodeStatus.self, from: Data(body)))))
        } catch { return nil }
      }
      auditor.turn(to: liar.url)
      try await expect(auditor, ["evidence", "status", "@", "E-1"], is: code)
    }
    let late = try LyingNode(before: node.url) { target, _ in target.hasPrefix("/status?") ? old : nil }
    auditor.turn(to: late.url)
    try await expect(auditor, ["evidence", "status", "@", "E-1"], is: "behind")
    try await node.stop()
  }
}

extension NodeStatus {
  fileprivate func with(
    state: String? = nil, consistency: [String]? = nil, records: [String]? = nil, roster: String? = nil
  ) -> NodeStatus {
    NodeStatus(
      state: state ?? self.state, consistency: consistency ?? self.consistency,
      records: records ?? self.records, roster: roster ?? self.roster)
  }
}

extension String {
  /// A C2SP tlog-proof in whose extra data another text stands, of as many bytes.
  func proof(saying new: String, for old: String) -> String {
    components(separatedBy: "\n").map { line in
      line.hasPrefix("extra ") ? "extra " + String(line.dropFirst(6)).base64(saying: new, for: old) : line
    }.joined(separator: "\n")
  }

  /// Base64 in which another text stands.
  fileprivate func base64(saying new: String, for old: String) -> String {
    guard var data = Data(base64Encoded: self), let range = data.range(of: Data(old.utf8)) else {
      return self
    }
    data.replaceSubrange(range, with: Data(new.utf8))
    return data.base64EncodedString()
  }
}
