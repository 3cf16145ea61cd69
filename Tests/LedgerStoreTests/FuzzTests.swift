import Foundation
import Ledger
import LedgerCrypto
import TestKit
import Testing

@testable import LedgerStore

@Suite("Founders' files of any content")
struct FuzzTests {
  @Test("are read or refused, and never trap")
  func consortiumFiles() throws {
    var draft = ConsortiumDraft([try Party("a").draft(roles: ["court"])], parameters: ["block-records": 16])
    draft.quorum = 1
    let sample = Array(try draft.json.utf8)
    #expect(try ConsortiumFile(parsing: sample, relativeTo: "", rules: []).roster.members.count == 1)
    var refused = 0
    // A mutation may name a file: what is not there is a failure, and no refusal.
    Fuzzing.run("consortium file", samples: [sample]) { bytes in
      do { _ = try ConsortiumFile(parsing: bytes, relativeTo: "/nonexistent", rules: []) } catch {
        refused += 1
      }
    }
    #expect(refused > Fuzzing.inputs / 2)
  }
}
