import Foundation
import Ledger
import LedgerCrypto
import LedgerNode
import LedgerStore
import Statements
import Testing
import TransparencyLog

@Suite("POST /entries") struct SubmissionTests {
  @Test("a new record is 201 with index, block, id, time and a proof that holds under the policy")
  func created() async throws {
    let ledger = try TestLedger()
    try await withNode(ledger) { node in
      let entry = try ledger.entry("你好".utf8)
      let (response, policy) = try await node.connected { wire in
        (try wire.post(entry, ["Content-Type: application/cose; cose-type=\"cose-sign1\""]), try wire.request("GET", "/policy"))
      }
      #expect(response.status == 201)
      #expect(response["content-type"] == "application/json")
      #expect(response["cache-control"] == "no-store")
      #expect(response["location"] == "/entries/2")
      let receipt = try response.json(NodeReceipt.self)
      let statement = try SignedStatement(decoding: entry)
      #expect((receipt.index, receipt.block, receipt.id) == (2, 1, statement.id.hex))
      let proof = try RecordProof(parsing: Array(receipt.proof.utf8).span)
      let proven = try proof.check(Policy(parsing: policy.body.span))
      #expect(proven.statement == statement)
      #expect(proven.header.time == receipt.time)
      #expect(receipt.checkpoint == String(decoding: proof.proof.checkpoint.bytes, as: UTF8.self))
    }
  }
}
