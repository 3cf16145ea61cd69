import Ledger
import LedgerCrypto
import Scenarios
import Testing
import Workflows

@Suite("What a key of the state is about")
struct StateSubjectTests {
  @Test("is read back from every kind of key")
  func known() {
    let digest = SHA256.digest(of: [1])
    #expect(StateCheck.Subject(.digest(digest)) == .digest(digest))
    #expect(StateCheck.Subject(.statement(digest)) == .statement(digest))
    #expect(StateCheck.Subject(.proposal(digest)) == .proposal(digest))
    #expect(StateCheck.Subject(.roster) == .roster)
    for owner in StateQuery.owners {
      #expect(StateCheck.Subject(.subject("案件/17", of: owner)) == .subject("案件/17", owner: owner))
    }
    let item = StateCheck.Subject(StateKey("evidence", "item", "E/1%"))
    #expect(item == .record(["evidence", "item", "E/1%"]) && item?.name == "evidence/item/E%2F1%25")
    for query in [StateQuery.item("a"), .request("b"), .subject("c"), .digest(digest)] {
      #expect(query.keys.allSatisfy { StateCheck.Subject($0) != nil })
    }
  }

  @Test("a key that only looks like one is about nothing, so its absence says nothing")
  func lookAlikes() {
    let hex = SHA256.digest(of: [1]).hex
    for key in [
      StateKey("evidence/item/E-1"), StateKey("digest", hex), StateKey("statement", hex), StateKey("digest"),
      StateKey("subject", "plain", "A", "B"), StateKey("subject", "nobody", "A"),
      StateKey("subject", "plain"),
      StateKey("roster", ""), StateKey("other", "item", "E-1"), StateKey("evidence"), StateKey(""),
      StateKey(bytes: Array("evidence".utf8) + [0, 0xff]),
      StateKey(bytes: Array("subject\0plain\0".utf8) + [0xff]),
      StateKey("subject", "x), as of block 9\nproven  the 11 records here are all (evidence", "E-1"),
    ] { #expect(StateCheck.Subject(key) == nil, "\(key.parts)") }
    // Of different parts, different names.
    let one = StateCheck.Subject(StateKey("evidence", "item/E-1"))
    #expect(one?.name == "evidence/item%2FE-1")
  }
}
