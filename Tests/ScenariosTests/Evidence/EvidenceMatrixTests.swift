import Ledger
import LedgerCrypto
import Scenarios
import Testing

/// Every kind in every state by every member: `office` (collector, custodian) and `lab` (examiner) hold the item in turn, and
/// the others have the one role of their name.
@Suite("Evidence: the matrix")
struct EvidenceMatrixTests {
  /// Who gets what, by kind and state: members and a code, and a code for all others. An arrow tells the state of the item
  /// that comes of it.
  static let table: [EvidenceKind: [EvidenceLedger.Stage: String]] = [
    .deposit: [
      .none: "office collector custodian accepted → deposited, others role",
      .deposited: "office collector custodian duplicate-item, others role",
      .sealed: "office collector custodian duplicate-item, others role",
      .sealedAtLab: "office collector custodian duplicate-item, others role",
      .inTransit: "office collector custodian duplicate-item, others role",
      .examining: "office collector custodian duplicate-item, others role",
      .disputed: "office collector custodian duplicate-item, others role",
      .released: "office collector custodian duplicate-item, others role",
      .disposed: "office collector custodian duplicate-item, others role",
    ],
    .seal: [
      .none: "others unknown-item",
      .deposited: "office accepted → sealed, others not-custodian",
      .sealed: "office wrong-state, others not-custodian",
      .sealedAtLab: "lab wrong-state, others not-custodian",
      .inTransit: "office pending-transfer, others not-custodian",
      .examining: "lab wrong-state, others not-custodian",
      .disputed: "office disputed, others not-custodian",
      .released: "office wrong-state, others not-custodian",
      .disposed: "office wrong-state, others not-custodian",
    ],
    .offer: [
      .none: "others unknown-item",
      .deposited: "office wrong-state, others not-custodian",
      .sealed: "office accepted → in-transit, others not-custodian",
      .sealedAtLab: "lab accepted → in-transit, others not-custodian",
      .inTransit: "office pending-transfer, others not-custodian",
      .examining: "lab wrong-state, others not-custodian",
      .disputed: "office disputed, others not-custodian",
      .released: "office wrong-state, others not-custodian",
      .disposed: "office wrong-state, others not-custodian",
    ],
    .accept: [
      .none: "others unknown-item",
      .deposited: "others wrong-state",
      .sealed: "others wrong-state",
      .sealedAtLab: "others wrong-state",
      .inTransit: "lab accepted → sealed, others not-receiver",
      .examining: "others wrong-state",
      .disputed: "others disputed",
      .released: "others wrong-state",
      .disposed: "others wrong-state",
    ],
    .decline: [
      .none: "others unknown-item",
      .deposited: "others wrong-state",
      .sealed: "others wrong-state",
      .sealedAtLab: "others wrong-state",
      .inTransit: "lab accepted → disputed, others not-receiver",
      .examining: "others wrong-state",
      .disputed: "others disputed",
      .released: "others wrong-state",
      .disposed: "others wrong-state",
    ],
    .resolve: [
      .none: "others unknown-item",
      .deposited: "office wrong-state, others not-custodian",
      .sealed: "office wrong-state, others not-custodian",
      .sealedAtLab: "lab wrong-state, others not-custodian",
      .inTransit: "office pending-transfer, others not-custodian",
      .examining: "lab wrong-state, others not-custodian",
      .disputed: "office accepted → disputed, others not-custodian",
      .released: "office wrong-state, others not-custodian",
      .disposed: "office wrong-state, others not-custodian",
    ],
    .examine: [
      .none: "others unknown-item",
      .deposited: "office wrong-state, others not-custodian",
      .sealed: "office role, others not-custodian",
      .sealedAtLab: "lab accepted → examining, others not-custodian",
      .inTransit: "office pending-transfer, others not-custodian",
      .examining: "lab wrong-state, others not-custodian",
      .disputed: "office disputed, others not-custodian",
      .released: "office wrong-state, others not-custodian",
      .disposed: "office wrong-state, others not-custodian",
    ],
    .reseal: [
      .none: "others unknown-item",
      .deposited: "office wrong-state, others not-custodian",
      .sealed: "office wrong-state, others not-custodian",
      .sealedAtLab: "lab wrong-state, others not-custodian",
      .inTransit: "office pending-transfer, others not-custodian",
      .examining: "lab accepted → sealed, others not-custodian",
      .disputed: "office disputed, others not-custodian",
      .released: "office wrong-state, others not-custodian",
      .disposed: "office wrong-state, others not-custodian",
    ],
    .present: [
      .none: "others unknown-item",
      .deposited: "office court notary accepted → deposited, others role",
      .sealed: "office court notary accepted → sealed, others role",
      .sealedAtLab: "lab court notary accepted → sealed, others role",
      .inTransit: "office court notary accepted → in-transit, others role",
      .examining: "lab court notary accepted → examining, others role",
      .disputed: "office court notary accepted → disputed, others role",
      .released: "office court notary wrong-state, others role",
      .disposed: "office court notary wrong-state, others role",
    ],
    .hold: [
      .none: "court unknown-item, others role",
      .deposited: "court accepted → deposited, others role",
      .sealed: "court accepted → sealed, others role",
      .sealedAtLab: "court accepted → sealed, others role",
      .inTransit: "court accepted → in-transit, others role",
      .examining: "court accepted → examining, others role",
      .disputed: "court accepted → disputed, others role",
      .released: "court wrong-state, others role",
      .disposed: "court wrong-state, others role",
    ],
    // Where an item can be held, it is.
    .lift: [
      .none: "court unknown-item, others role",
      .deposited: "court accepted → deposited, others role",
      .sealed: "court accepted → sealed, others role",
      .sealedAtLab: "court accepted → sealed, others role",
      .inTransit: "court accepted → in-transit, others role",
      .examining: "court accepted → examining, others role",
      .disputed: "court accepted → disputed, others role",
      .released: "court wrong-state, others role",
      .disposed: "court wrong-state, others role",
    ],
    .release: [
      .none: "others unknown-item",
      .deposited: "office wrong-state, others not-custodian",
      .sealed: "office accepted → sealed, others not-custodian",
      .sealedAtLab: "lab accepted → sealed, others not-custodian",
      .inTransit: "office pending-transfer, others not-custodian",
      .examining: "lab wrong-state, others not-custodian",
      .disputed: "office disputed, others not-custodian",
      .released: "office wrong-state, others not-custodian",
      .disposed: "office wrong-state, others not-custodian",
    ],
    .renew: [
      .none: "others unknown-item",
      .deposited: "office accepted → deposited, others not-custodian",
      .sealed: "office accepted → sealed, others not-custodian",
      .sealedAtLab: "lab accepted → sealed, others not-custodian",
      .inTransit: "office accepted → in-transit, others not-custodian",
      .examining: "lab accepted → examining, others not-custodian",
      .disputed: "office accepted → disputed, others not-custodian",
      .released: "office wrong-state, others not-custodian",
      .disposed: "office wrong-state, others not-custodian",
    ],
    .correct: [
      .none: "others unknown-item",
      .deposited: "office accepted → deposited, others role",
      .sealed: "office accepted → sealed, others role",
      .sealedAtLab: "office accepted → sealed, others role",
      .inTransit: "office accepted → in-transit, others role",
      .examining: "office accepted → examining, others role",
      .disputed: "office accepted → disputed, others role",
      .released: "office accepted → released, others role",
      .disposed: "office accepted → disposed, others role",
    ],
  ]

  @Test(
    "each kind is accepted exactly where the table says so, and refused with its code",
    arguments: EvidenceKind.allCases)
  func kind(_ kind: EvidenceKind) throws {
    let rows = try #require(EvidenceMatrixTests.table[kind])
    for stage in EvidenceLedger.Stage.allCases {
      let expected = EvidenceMatrixTests.cells(try #require(rows[stage]))
      var base = try EvidenceLedger()
      try base.bring(to: stage)
      if kind == .lift, let known = try base.item(), !known.state.isTerminal {
        try base.accept(base.payload(.hold), by: "court")
      }
      let dump = base.ledger.dump
      for member in EvidenceLedger.members.keys.sorted() {
        // A copy: what is not cut into a block is the copy's alone.
        var copy = base
        let payload = try copy.payload(kind)
        let verdict = try copy.submit(payload, by: member)
        let cell: Comment = "\(kind.rawValue) by \(member) where the item is \(stage.rawValue)"
        let (code, state) = try #require(expected[member] ?? expected["others"], cell)
        #expect(verdict.code == code, cell)
        if verdict.isAccepted {
          #expect(try copy.item()?.state.rawValue == state, cell)
          #expect(copy.ledger.dump != dump, cell)
        } else {
          #expect(copy.ledger.dump == dump, cell)
          #expect(copy.ledger.nextIndex == base.ledger.nextIndex, cell)
        }
      }
    }
  }

  /// The codes and states of a cell, by member.
  static func cells(_ text: String) -> [String: (code: String, state: String?)] {
    var cells: [String: (code: String, state: String?)] = [:]
    for part in text.split(separator: ", ") {
      let sides = part.split(separator: " → ")
      let words = sides[0].split(separator: " ").map(String.init)
      for member in words.dropLast() {
        cells[member] = (words.last!, sides.count > 1 ? String(sides[1]) : nil)
      }
    }
    return cells
  }

  @Test("a waiting statement is completed by the role that it waits for, and by nobody else")
  func countersignatures() throws {
    let rows: [(EvidenceLedger.Stage, EvidenceKind, String)] = [
      (.disputed, .resolve, "supervisor accepted → sealed, others role"),
      (.sealed, .release, "court accepted → released, others role"),
    ]
    for (stage, kind, row) in rows {
      let expected = EvidenceMatrixTests.cells(row)
      var base = try EvidenceLedger()
      try base.bring(to: stage)
      let waiting = try base.submit(base.payload(kind), by: "office")
      let dump = base.ledger.dump
      for member in EvidenceLedger.members.keys.sorted() {
        var copy = base
        let verdict = try copy.ledger.countersign(waiting.id, by: member)
        let (code, state) = try #require(expected[member] ?? expected["others"])
        #expect(verdict.code == code, "\(kind.rawValue) countersigned by \(member)")
        guard verdict.isAccepted else {
          #expect(copy.ledger.dump == dump)
          continue
        }
        #expect(try copy.item()?.state.rawValue == state)
        #expect(try copy.item()?.last == waiting.id)
        #expect(try copy.pending(waiting.id)?.state == .completed)
        #expect(try copy.ledger.countersign(waiting.id, by: member).code == "proposal-void")
      }
    }
    var ledger = try EvidenceLedger()
    #expect(
      try ledger.ledger.countersign(EvidenceLedger.digest("no statement"), by: "court").code
        == "unknown-proposal")
  }
}
