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
    let key = try PrivateKey(generating: .es256).publicKey.pem()
    let object: [String: Any] = [
      "origin": "zhengzhou.example/fuzz", "name": ["zh": "测试", "en": "Fuzz"], "quorum": 1,
      "members": [["id": "a", "name": ["en": "A"], "roles": ["court"], "keys": [key]]],
      "administrators": ["members": ["a"], "threshold": 1], "parameters": ["block-records": 16],
    ]
    let sample = [UInt8](try JSONSerialization.data(withJSONObject: object, options: .sortedKeys))
    #expect(try ConsortiumFile(parsing: sample, relativeTo: "").roster.members.count == 1)
    var refused = 0
    // A mutation may name a file: what is not there is a failure, and no refusal.
    Fuzzing.run("consortium file", samples: [sample]) { bytes in
      do { _ = try ConsortiumFile(parsing: bytes, relativeTo: "/nonexistent") } catch { refused += 1 }
    }
    #expect(refused > Fuzzing.inputs / 2)
  }
}
