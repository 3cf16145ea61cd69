import Ledger
import LedgerCrypto
import Testing
import TransparencyLog

@Suite("A proof file has one spelling")
struct ProofSpellingTests {
  private func code(_ bytes: [UInt8], _ policy: Policy) -> ProofError.Code? {
    do throws(ProofError) { _ = try RecordProof(parsing: bytes.span).check(policy) } catch {
      return error.code
    }
    return nil
  }

  @Test("every other size of the issuer's path is refused, for every member of rosters of 1 to 9")
  func issuerSize() throws {
    for members in 1...9 {
      var chain = try Chain(Consortium(members: members))
      for member in 0..<members { try chain.add([chain.statement(by: member).entry]) }
      let policy = try chain.policy
      for index in 0..<chain.size where index != chain.blocks[chain.block(of: index)].headerIndex {
        let good = try chain.parts(of: index)
        #expect(try code(good.bytes, policy) == nil, "\(members) \(index)")
        #expect(try good.bytes == chain.proof(of: index).bytes, "\(members) \(index)")
        for size in 0...UInt64(40) where size != good.issuerPath.size {
          var bad = good
          bad.issuerPath.size = size
          #expect(try code(bad.bytes, policy) != nil, "\(members) \(index) \(size)")
        }
      }
    }
  }

  @Test("a signature line that stands twice is refused, whosever it is")
  func doubledLine() throws {
    var chain = try Chain(Consortium(members: 2, validators: 2, quorum: 2))
    try chain.add([chain.statement(by: 0).entry])
    let policy = try chain.policy
    let good = try chain.parts(of: 2)
    #expect(try code(good.bytes, policy) == nil)
    for line in good.checkpoint.signatures {
      var bad = good
      try bad.checkpoint.append(line)
      #expect(try code(bad.bytes, policy) == .malformed)
    }
  }

  @Test("a policy proves nothing of blocks in which its validators did not hold office, and names them")
  func otherBlocks() throws {
    var chain = try Chain(Consortium(members: 2))
    try chain.add([chain.statement(by: 0).entry])
    try chain.add([chain.statement(by: 0).entry])
    let policy = try chain.policy
    #expect(policy.blocks == Policy.Blocks(0, nil))
    let bytes = try chain.proof(of: chain.blocks[1].first).bytes
    for (first, last, isGood) in [
      (0, nil, true), (1, 1, true), (0, 1, true), (1, nil, true), (0, 0, false), (2, nil, false),
      (2, 9, false),
    ] as [(UInt64, UInt64?, Bool)] {
      let bound = policy.bound(to: Policy.Blocks(first, last))
      do throws(ProofError) {
        _ = try RecordProof(parsing: bytes.span).check(bound)
        #expect(isGood)
      } catch {
        #expect(!isGood && error.code == .policy)
        #expect(error.description.contains("the policy is for blocks \(first)-"))
        #expect(error.description.hasSuffix("this is block 1"))
      }
    }
  }

  @Test("a record of another ledger than the policy's is named as that, though the same keys signed it")
  func otherLedger() throws {
    var chain = try Chain(Consortium(members: 2))
    try chain.add([chain.statement(by: 0).entry])
    let other = SHA256.digest(of: [7])
    let text = chain.consortium.roster.policyText(ledger: other)
    let policy = try Policy(parsing: Array(text.utf8).span)
    #expect(policy.ledger == other && policy.judging.ledger == nil)
    for index: UInt64 in [0, 2] {
      let bytes = try chain.proof(of: index).bytes
      do throws(ProofError) {
        _ = try RecordProof(parsing: bytes.span).check(policy)
        Issue.record("entry \(index) passes")
      } catch {
        #expect(error.code == .wrongLedger)
        #expect(error.description == "another ledger: asked for \(other), this is \(chain.ledgerID)")
      }
      #expect(code(bytes, policy.judging) == nil)
    }
  }
}
