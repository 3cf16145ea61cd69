import Foundation
import GRDB
import Ledger
import LedgerIndex
import LedgerCrypto
import Statements
import Testing
import TransparencyLog

@testable import LedgerStore

/// Lets each subject be said once: a judgement that goes wrong where its state is lost.
private struct Once: RuleSet {
  static let kind = Kind.prefix + "test.once+cbor"
  var name: String { "test" }
  /// What it keeps of a subject.
  var value: [UInt8] = [0xa0]

  func covers(_ contentType: Span<UInt8>, isReserved: Bool) -> Bool {
    isReserved && contentType.count == Once.kind.utf8.count
  }

  func judge(
    _ statement: JudgedStatement, entry: Span<UInt8>, reading state: StateReader
  ) throws(Refusal) -> [StateChange] {
    let key = StateKey("test", statement.subject(of: entry) ?? "")
    guard state.value(of: key) == nil else { throw Refusal(.init(rawValue: "said"), "it was said before") }
    return [StateChange(key, value)]
  }
}

@Suite("Nothing derived is believed")
struct StateTrustTests {
  private let ledger: TestLedger
  /// A statement of the first block.
  private let first: SignedStatement

  init() throws {
    ledger = try TestConsortium().found(rules: [Once(), PlainRecords()])
    first = try ledger.statement([1])
    let writer = try LedgerWriter(ledger.folder, .inTests)
    _ = try writer.appendBlock([ledger.candidate(first, writer)])
    _ = try writer.appendBlock([try said("a", writer)])
  }

  private func said(_ subject: String, _ writer: LedgerWriter) throws -> LedgerWriter.Candidate {
    ledger.candidate(try ledger.statement([0xa0], type: Once.kind, subject: subject), writer)
  }

  /// Sees that a writer refuses what was recorded before, records what was not, and that readers find what there is.
  private func requireRightVerdicts(_ folder: LedgerFolder, _ what: String) throws {
    do {
      let writer = try LedgerWriter(folder, .inTests)
      let verdicts = try writer.appendBlock([
        try said("a", writer), ledger.candidate(first, writer), try said("b", writer),
      ])
      guard case .refused(let refusal) = verdicts[0], refusal.code.rawValue == "said",
        case .duplicate(let receipt) = verdicts[1], receipt.index == 2, receipt.block == 1,
        case .accepted = verdicts[2]
      else {
        Issue.record("\(what): \(verdicts)")
        return
      }
    }
    let faults = try ledger.audit(folder).faults
    #expect(faults.allSatisfy { $0.code == .derivedMismatch }, "\(what): \(faults)")
    let reader = try LedgerReader(folder)
    #expect(try reader.ruleValue(StateKey("test", "a")) == [0xa0], "\(what)")
    #expect(try reader.ruleValue(StateKey("test", "b")) == [0xa0], "\(what)")
    #expect(try reader.ruleValue(StateKey("test", "c")) == nil, "\(what)")
    #expect(try reader.state().roster.root == foundingRoster(folder), "\(what)")
    _ = try folder.rebuild()
    #expect(try ledger.audit(folder).faults == [], "\(what)")
  }

  private func foundingRoster(_ folder: LedgerFolder) throws -> Digest {
    let entry = try EntryLog(in: Directory(folder.path), writing: false).entry(at: 0).entry
    return try Founding.state(of: SignedStatement(decoding: entry)).roster.root
  }

  @Test("any page of the index put back from a block before changes no verdict")
  func pagesPutBack() throws {
    let before = try Data(contentsOf: URL(filePath: ledger.folder.indexFile))
    do {
      let writer = try LedgerWriter(ledger.folder, .inTests)
      _ = try writer.appendBlock([try said("d", writer)])
    }
    let after = try Data(contentsOf: URL(filePath: ledger.folder.indexFile))
    var count = 0
    for start in stride(from: 0, to: before.count, by: 4096)
    where before[start..<start + 4096] != after[start..<start + 4096] {
      let copy = try ledger.copy("copy")
      var mixed = after
      mixed.replaceSubrange(start..<start + 4096, with: before[start..<start + 4096])
      try mixed.write(to: URL(filePath: copy.indexFile))
      try requireRightVerdicts(copy, "page \(start / 4096)")
      count += 1
    }
    #expect(count > 5)
  }

  @Test(
    "rows of the index that were altered, removed or put in change no verdict",
    arguments: [
      "DELETE FROM state", "DELETE FROM records", "DELETE FROM listed", "DELETE FROM rosters",
      "DELETE FROM blocks",
      "DELETE FROM meta", "UPDATE records SET id = zeroblob(32)", "UPDATE records SET entry = entry + 1000",
      "UPDATE blocks SET first = first + 1", "UPDATE blocks SET checkpoint = 0",
      "UPDATE blocks SET time = time + 10000", "UPDATE rosters SET items = x'80'",
      "UPDATE listed SET entry = entry + 1", "INSERT INTO state VALUES (x'746573740062')",
      "UPDATE blocks SET size = 0 WHERE height = 1", "UPDATE blocks SET size = size - 1 WHERE height = 1",
      "UPDATE blocks SET size = size + 9 WHERE height = 1", "DELETE FROM blocks WHERE height = 1",
      "DELETE FROM blocks WHERE height = (SELECT max(height) FROM blocks)",
    ])
  func rows(_ sql: String) throws {
    try DatabaseQueue(path: ledger.folder.indexFile).write { try $0.execute(sql: sql) }
    try requireRightVerdicts(ledger.folder, sql)
  }

  @Test("a foreign key put into the stored roster is in nobody's roster")
  func foreignKey() throws {
    let stranger = try PrivateKey(generating: .es256)
    try DatabaseQueue(path: ledger.folder.indexFile).write { db in
      let items = try #require(try Data.fetchOne(db, sql: "SELECT items FROM rosters"))
      let roster = try #require(try Roster(indexed: Array(items), inForceFrom: 1))
      var forged = roster.members.map(\.cbor)
      let member = try Member(
        id: "member-0", name: roster.members[0].name, roles: roster.members[0].roles,
        keys: [MemberKey(stranger.publicKey, from: 0)])
      forged[0] = member.cbor
      let encoded = CBOR.array(([roster.terms.cbor] + forged).map { .bytes($0.encoded) }).encoded
      try db.execute(sql: "UPDATE rosters SET items = ?", arguments: [Data(encoded)])
    }
    let reader = try LedgerReader(ledger.folder)
    #expect(try reader.state().roster.keys[stranger.publicKey.thumbprint] == nil)
    let writer = try LedgerWriter(ledger.folder, .inTests)
    #expect(writer.state.roster.keys[stranger.publicKey.thumbprint] == nil)
    #expect(try writer.state.roster.root == foundingRoster(ledger.folder))
  }

  @Test(
    "bytes of the stored leaves and values that are flipped change no verdict, and the state is made anew where it was needed"
  )
  func stateFlipped() throws {
    let folder = ledger.folder.path + "/state"
    for name in try FileManager.default.contentsOfDirectory(atPath: folder).sorted() {
      let count = try Data(contentsOf: URL(filePath: "\(folder)/\(name)")).count
      let step = max(1, count / 24)
      for place in stride(from: 0, to: count, by: step) {
        let copy = try ledger.copy("copy")
        let path = URL(filePath: "\(copy.path)/state/\(name)")
        var bytes = try Data(contentsOf: path)
        bytes[place] ^= 0x10
        try bytes.write(to: path)
        try requireRightVerdicts(copy, "\(name), byte \(place)")
      }
    }
  }

  @Test("where the state lags and a value of it is damaged, it is made anew, and no good record is blamed")
  func behindAndDamaged() throws {
    let leaves = URL(filePath: "\(ledger.folder.path)/state/leaves-0")
    let before = try Data(contentsOf: leaves)
    do {
      let writer = try LedgerWriter(ledger.folder, .inTests)
      _ = try writer.appendBlock([try said("d", writer)])
    }
    // As after a power cut: the last frame is not there, and the values are not what they were.
    try before.write(to: leaves)
    let path = URL(filePath: "\(ledger.folder.path)/state/values")
    var values = try Data(contentsOf: path)
    for place in values.indices { values[place] ^= 0x40 }
    try values.write(to: path)
    try requireRightVerdicts(ledger.folder, "a state that lags, with other values")
  }

  @Test("a stored value that was altered, and values that are gone, are told by verify and mended by rebuild")
  func verified() throws {
    let path = URL(filePath: "\(ledger.folder.path)/state/values")
    let values = try Data(contentsOf: path)
    for damage in [values.dropLast(1), values.dropLast(1) + [values[values.count - 1] ^ 1], nil] {
      if let damage { try damage.write(to: path) } else { try FileManager.default.removeItem(at: path) }
      #expect(try ledger.audit().faults.map(\.code) == [.derivedMismatch])
      _ = try ledger.folder.rebuild()
      #expect(try ledger.audit().faults == [])
    }
  }

  @Test("a stored state that is gone, cut, or of another time changes no verdict")
  func stateGone() throws {
    let earlier = try ledger.copy("earlier")
    do {
      let writer = try LedgerWriter(ledger.folder, .inTests)
      _ = try writer.appendBlock([try said("d", writer)])
    }
    for name in ["all", "values", "leaves-0", "cut", "earlier"] {
      let copy = try ledger.copy("copy")
      let state = "\(copy.path)/state"
      switch name {
      case "all": try FileManager.default.removeItem(atPath: state)
      case "cut":
        let path = URL(filePath: "\(state)/leaves-0")
        let bytes = try Data(contentsOf: path)
        try bytes.prefix(bytes.count - 7).write(to: path)
      case "earlier":
        try FileManager.default.removeItem(atPath: state)
        try FileManager.default.copyItem(atPath: "\(earlier.path)/state", toPath: state)
      default: try FileManager.default.removeItem(atPath: "\(state)/\(name)")
      }
      try requireRightVerdicts(copy, name)
    }
  }

  @Test(
    "a header whose state the statements do not give is a fault at its block, for verify, rebuild and the next start"
  )
  func otherState() throws {
    // The same ledger, kept by a proposer whose rules accept the same and remember something else.
    let patched = LedgerFolder(
      ledger.folder.path, rules: [Once(value: [0xa1, 0x61, 0x78, 1]), PlainRecords()])
    do {
      let writer = try LedgerWriter(patched, .inTests)
      _ = try writer.appendBlock([try said("b", writer)])
      _ = try writer.appendBlock([try said("c", writer)])
    }
    let faults = try ledger.audit().faults
    #expect(faults.map(\.code) == [.stateMismatch], "\(faults)")
    #expect(faults.first?.block == 3 && faults.first?.entry == 7)
    #expect(throws: Fault.self) { try ledger.folder.rebuild() }
    try FileManager.default.removeItem(atPath: ledger.folder.path + "/state")
    #expect(throws: Fault.self) { try LedgerWriter(ledger.folder, .inTests) }
  }

  @Test("the records about something are all of them, or none are given")
  func lists() throws {
    let reader = try LedgerReader(ledger.folder)
    let list = StateKey.digest(SHA256.digest(of: [1]))
    #expect(try reader.records(listedAt: list) == [2])
    #expect(try reader.records(listedAt: .digest(SHA256.digest(of: [2]))) == [])
    #expect(try reader.records(listedAt: .subject("a", of: "test")) == [4])
    try DatabaseQueue(path: ledger.folder.indexFile).write { try $0.execute(sql: "DELETE FROM listed") }
    #expect(throws: Fault.self) { try LedgerReader(ledger.folder).records(listedAt: list) }
  }

  @Test(
    "what a reader of a ledger at work misses in the index, the next start makes anew, and the one after that does not"
  )
  func mendedByNextStart() throws {
    let list = StateKey.digest(SHA256.digest(of: [1]))
    try DatabaseQueue(path: ledger.folder.indexFile).write { try $0.execute(sql: "DELETE FROM listed") }
    do {
      let writer = try LedgerWriter(ledger.folder, .inTests)
      #expect(!writer.notes.contains { $0.contains("made anew") }, "nobody has noticed yet")
      for _ in 1...2 {
        #expect(throws: Fault.self) { try writer.reader().records(listedAt: list) }
      }
    }
    for isMended in [true, false] {
      let writer = try LedgerWriter(ledger.folder, .inTests)
      #expect(writer.notes.contains { $0.contains("made anew") } == isMended)
      #expect(try writer.reader().records(listedAt: list) == [2])
    }
    #expect(try ledger.audit(ledger.folder).faults == [])
  }

  @Test("a state proof of a ledger at work, and of one at rest, is of its newest block")
  func proofs() throws {
    let keys = [StateKey.digest(SHA256.digest(of: [1])), .digest(SHA256.digest(of: [2]))]
    let text = try String(contentsOfFile: ledger.folder.policy, encoding: .utf8)
    let policy = try Policy(parsing: Array(text.utf8).span)
    let writer = try LedgerWriter(ledger.folder, .inTests)
    for reader in [try LedgerReader(ledger.folder), try writer.reader()] {
      let proven = try #require(try reader.stateProofs(keys)).check(policy)
      #expect(proven.header.height == 2 && proven.values.map { $0.value != nil } == [true, false])
    }
    _ = try writer.appendBlock([try said("b", writer)])
    let proven = try #require(try writer.reader().stateProofs(keys)).check(policy)
    #expect(proven.header.height == 3)
  }
}
