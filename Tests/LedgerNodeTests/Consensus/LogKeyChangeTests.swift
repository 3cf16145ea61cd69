import Foundation
import Ledger
import LedgerClient
import LedgerCrypto
import LedgerStore
import TestKit
import Testing
import TransparencyLog

@testable import LedgerNode

@Suite("Four validators whose log key changes", .timeLimit(.minutes(30)))
struct LogKeyChangeTests {
  @Test(
    "nodes go over to the new log key without a restart; one that lacks it stops, and takes part again when it has it"
  )
  func change() async throws {
    try await withFourNodes { four in
      let key = try PrivateKey(generating: .ed25519)
      func give(_ number: Int) throws {
        #expect(
          FileManager.default.createFile(
            atPath: "\(four.folders[number].keys)/log-2.pem", contents: Data(try key.pem().utf8),
            attributes: [.posixPermissions: 0o600]))
      }
      for number in 0..<3 { try give(number) }
      try await four.start(0..<4)
      let before = try await four.append("before", through: 0)
      let new = try NoteVerifierKey(name: four.terms.origin, type: .ed25519, publicKey: key.publicKey)
      let subject = RosterChange.possession(ofLogKey: key.publicKey, on: four.ledger.id)
      let change = RosterChange(
        of: try four[0].consensus.committer.reader.state().roster.root,
        .setLogKey(new, possession: try key.signature(over: subject)))
      let entry = try four.ledger.entry(change.payload, type: change.contentType, subject: nil)
      guard case .recorded(let adopted) = try await NodeClient.patient(four.url(0)).append(entry) else {
        Issue.record("it is no record")
        return
      }
      _ = try await four[3].reach(adopted.block)
      let failure = await #expect(throws: (any Error).self) { try await four.stop(3) }
      #expect(failure.map { "\($0)" }?.contains("log-NAME.pem") == true)

      let after = try await four.append("after", through: 1)
      try give(3)
      try await four.start(3)
      let last = try await four.append("with all", through: 3)
      let old = try Policy(
        parsing: Array(Data(contentsOf: URL(filePath: four.ledger.folder.policy))).span)
      for number in 0..<4 {
        let reader = try await four[number].reach(last.block)
        let text = try reader.state().roster.policyText(ledger: four.ledger.id)
        let policy = try Policy(parsing: Array(text.utf8).span)
        #expect(policy.logs.map(\.key) == [new])
        for index in [before.index, adopted.index] { _ = try reader.proof(of: index).check(old) }
        for index in [after.index, last.index] { _ = try reader.proof(of: index).check(policy) }
        #expect(throws: ProofError.self) { try reader.proof(of: after.index).check(old) }
        #expect(throws: ProofError.self) { try reader.proof(of: before.index).check(policy) }
      }
      try await four.stopAll()
      for folder in four.folders { #expect(try LedgerAudit.run(folder, .init()).faults == []) }
    }
  }
}
