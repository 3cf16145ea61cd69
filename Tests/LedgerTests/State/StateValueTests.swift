import Ledger
import LedgerCrypto
import Statements
import TestKit
import Testing

@Suite("Values of the state")
struct StateValueTests {
  private func isRefused<Value: StateValue>(_ cbor: CBOR, as type: Value.Type) -> Bool {
    do throws(Refusal) {
      _ = try Value(decoding: cbor.encoded)
      return false
    } catch { return error.code == .malformed }
  }

  @Test("the keys of the core are their parts joined by a zero byte, a digest as its 32 bytes")
  func keys() {
    let digest = SHA256.digest(of: [1])
    #expect(StateKey.subject("E-1", of: "evidence").bytes == Array("subject\0evidence\0E-1".utf8))
    #expect(StateKey.digest(digest).bytes == Array("digest\0".utf8) + digest.bytes)
    #expect(StateKey.statement(digest).bytes == Array("statement\0".utf8) + digest.bytes)
    #expect(StateKey.proposal(digest).bytes == Array("proposal\0".utf8) + digest.bytes)
    #expect(StateKey.roster.bytes == Array("roster".utf8))
    #expect(StateKey.coreOwners == ["subject", "digest", "statement", "roster", "proposal"])
  }

  @Test("a record list grows by its records and is the same as the list of all of them")
  func lists() throws {
    var hasher = StateHasher()
    let records = (1...20).map { (id: SHA256.digest(of: [UInt8($0)]), index: UInt64($0 * $0)) }
    var list = RecordList(records[0].id, at: 1, using: &hasher)
    for record in records.dropFirst() { list.add(record.id, at: record.index, using: &hasher) }
    #expect(RecordList(records, using: &hasher) == list)
    #expect(try RecordList(decoding: list.encoded) == list)
    #expect((list.count, list.first, list.last) == (20, 1, 400))
    for missing in records.indices {
      var some = records
      some.remove(at: missing)
      #expect(RecordList(some, using: &hasher)?.chain != list.chain)
      var exchanged = records
      exchanged[missing].id = SHA256.digest(of: [0])
      #expect(RecordList(exchanged, using: &hasher)?.chain != list.chain)
    }
    #expect(RecordList([], using: &hasher) == nil)
    #expect(RecordList(records + [records[0]], using: &hasher) == nil)
  }

  @Test("a record list that cannot be is refused")
  func impossibleLists() {
    let chain = CBOR.bytes([UInt8](repeating: 7, count: 32))
    func list(_ count: UInt64, _ first: UInt64, _ last: UInt64) -> CBOR {
      .map([
        "count": .unsigned(count), "first": .unsigned(first), "last": .unsigned(last), "chain": chain,
      ])
    }
    for good in [list(1, 0, 0), list(2, 0, 1), list(2, 5, 9), list(1, .max, .max)] {
      #expect(!isRefused(good, as: RecordList.self))
    }
    for bad in [
      list(0, 0, 0), list(1, 0, 1), list(2, 3, 3), list(3, 4, 5), list(2, 9, 5), list(.max, 0, 1),
      ["count": 1], [],
    ] { #expect(isRefused(bad, as: RecordList.self)) }
  }

  @Test("places, rosters and proposals are read as they were written, and nothing else is")
  func others() throws {
    let digest = SHA256.digest(of: [3])
    let place = StatementPlace(index: 1 << 40)
    #expect(try StatementPlace(decoding: place.encoded) == place)
    #expect(isRefused(["index": 1, "more": 1], as: StatementPlace.self))
    #expect(isRefused(["index": "1"], as: StatementPlace.self))
    let one: CBOR = .bytes(SHA256.digest(of: [4]).bytes)
    let roster = RosterInForce(root: digest, open: [.zero, digest])
    #expect(try RosterInForce(decoding: roster.encoded) == roster)
    #expect(isRefused(["root": .bytes([1]), "open": []], as: RosterInForce.self))
    #expect(isRefused(["root": one], as: RosterInForce.self))
    for open: CBOR in [[one, one], [.bytes(digest.bytes), .bytes(Digest.zero.bytes)], [1], 1] {
      #expect(isRefused(["root": one, "open": open], as: RosterInForce.self))
    }
    let change = RosterChange(of: digest, .removeMember("notary"))
    let proposal = OpenProposal(change, proposed: 1_800_000_000_000, approvals: ["bureau", "notary"])
    #expect(try OpenProposal(decoding: proposal.encoded) == proposal)
    let parts: CBOR = [.text(change.contentType), .bytes(change.payload), 1]
    #expect(!isRefused(["change": parts, "approvals": ["a"]], as: OpenProposal.self))
    #expect(isRefused(["change": parts, "approvals": ["a", "a"]], as: OpenProposal.self))
    #expect(isRefused(["change": parts, "approvals": ["A b"]], as: OpenProposal.self))
    #expect(
      isRefused(
        ["change": ["text/plain", .bytes(change.payload), 1], "approvals": []], as: OpenProposal.self))
    #expect(
      isRefused(
        ["change": [.text(change.contentType), .bytes([0xa0]), 1], "approvals": []], as: OpenProposal.self))
  }
}
