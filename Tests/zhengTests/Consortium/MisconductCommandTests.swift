import Consortium
import Foundation
import Ledger
import LedgerCrypto
import LedgerStore
import Scenarios
import TestKit
import Testing
import TransparencyLog

@testable import zheng

@Suite("Evidence against validators", .timeLimit(.minutes(30)))
struct MisconductCommandTests {
  /// A ledger of four validators, all of whose keys are in its directory: only its founding is there.
  private struct Four {
    let box: Sandbox
    let folder: LedgerFolder
    let committee: Committee
    let terms: Terms

    init(_ name: String = "ledger") async throws {
      box = try Sandbox()
      try await box.makeKey("notary")
      var draft = ConsortiumDraft([.init("notary", roles: ["notary"])])
      draft.validators = try (1...4).map { number in
        let keys = try ["block", "vote", "cosigner"].map {
          ($0, try PrivateKey(generating: .ed25519).pem())
        }
        return .init("v\(number)", keys: Dictionary(uniqueKeysWithValues: keys))
      }
      draft.quorum = 3
      try await box.found(draft)
      folder = LedgerFolder("\(box.path)/ledger", rules: Scenarios.rules)
      let reader = try LedgerReader(folder)
      terms = try reader.state().roster.terms
      committee = try Committee(rosterInForce: reader.state().roster, of: reader.ledgerID)
    }

    func keys(_ place: Int) throws -> ValidatorKeys {
      let files = try ValidatorKeyFiles(in: folder, validator: "v\(place + 1)", terms: terms)
      return ValidatorKeys(voteKey: files.voteKey, cosigner: files.cosigner)
    }

    func message(_ place: Int, _ ballot: Ballot) throws -> Message {
      Message(
        sender: place, ballot: ballot,
        signature: try keys(place).signature(over: ballot.subject, for: committee))
    }

    /// The file that says that the validator at `place` has voted for two blocks of height 1.
    func twoVotes(_ place: Int) throws -> [UInt8] {
      let votes = try [1, 2].map { (byte: UInt8) in
        try message(place, .vote(Digest([UInt8](repeating: byte, count: 32))!, height: 1, round: 0))
      }
      return try MisconductFile(#require(Misconduct(votes[0], votes[1])), in: committee).bytes
    }

    /// The same about height 1, by a key that is not the validator's.
    func forged(_ place: Int) throws -> [UInt8] {
      let (seat, key) = (committee.seats[place], try PrivateKey(generating: .ed25519))
      let other = try Committee(
        ledger: committee.ledger, roster: committee.roster, origin: committee.origin,
        seats: [.init(name: seat.name, voteKey: key.publicKey, cosignerKey: seat.cosignerKey)], quorum: 1)
      return try accusation(1, other) { try key.signature(over: $0.bytes(for: other)) }
    }

    /// The file that says that the first of `committee` has voted for two blocks of `height`.
    func accusation(
      _ height: UInt64, _ committee: Committee, _ sign: (SignedSubject) throws -> [UInt8]
    ) throws -> [UInt8] {
      let votes = try [1, 2].map { (byte: UInt8) in
        let ballot = Ballot.vote(Digest([UInt8](repeating: byte, count: 32))!, height: height, round: 0)
        return Message(sender: 0, ballot: ballot, signature: try sign(ballot.subject))
      }
      return try MisconductFile(#require(Misconduct(votes[0], votes[1])), in: committee).bytes
    }

    /// A checkpoint of `size` leaves, cosigned by the validators at `places`.
    func checkpoint(size: UInt64, root: Digest, by places: [Int]) throws -> Data {
      let checkpoint = try committee.checkpoint(size: size, root: root)
      let lines = try places.map { place in
        let key = committee.seats[place].cosignerKey
        return try NoteSignature(
          name: key.name, keyID: key.keyID,
          signature: keys(place).cosignature(size: size, root: root, time: 9, for: committee))
      }
      return Data(try SignedNote(text: checkpoint.text, signatures: lines).bytes)
    }
  }

  @Test("two votes of one round: a copy of the ledger says whose they are, a policy alone does not")
  func votes() async throws {
    let four = try await Four()
    let (box, bytes) = (four.box, try four.twoVotes(1))
    try box.write("v2.misconduct", Data(bytes))
    let good = try await box.must(zheng: "check", "v2.misconduct", "--ledger", "ledger", "--json").json
    #expect(good["ok"] as? Bool == true && good["validator"] as? String == "v2")
    #expect(good["keysBy"] as? String == "roster" && good["block"] as? Int == 1)
    let text = try await box.must(
      zheng: "check", "v2.misconduct", "--ledger", "ledger", "--policy", "policy"
    ).text
    #expect(text.contains("block 1, round 0: vote of 0101") && text.contains("of 0202"), "\(text)")
    let open = try await box.zheng("check", "v2.misconduct", "--policy", "policy")
    #expect(open.status == 1 && open.errors.contains("--ledger"))
    #expect(
      try await box.zheng("check", "v2.misconduct", "--policy", "policy", "--json").json["ok"] as? Bool
        == false)
    #expect(
      try await box.zheng("check", "v2.misconduct", "--ledger", "ledger", "--file", "policy").status == 64)
    #expect(try await box.zheng("check", "v2.misconduct").status == 64)
    #expect(try await box.zheng("check", "policy", "--ledger", "ledger").status == 64)
  }

  @Test(
    "a file that was altered, of another ledger or by a stranger's keys, and one about a later block, are refused"
  )
  func refused() async throws {
    let four = try await Four()
    let box = four.box
    func code(_ bytes: [UInt8], _ arguments: [String] = ["--ledger", "ledger"]) async throws -> String? {
      try box.write("f", Data(bytes))
      let outcome = try await box.zheng(["check", "f"] + arguments + ["--json"])
      #expect(outcome.status == 1)
      return try outcome.json["code"] as? String
    }
    let file = try four.twoVotes(1)
    for place in stride(from: file.count - 1, to: file.count - 300, by: -29) {
      var altered = file
      altered[place] ^= 1
      try box.write("f", Data(altered))
      #expect(try await box.zheng("check", "f", "--ledger", "ledger").status != 0, "byte \(place)")
    }
    let other = try await Four()
    #expect(try await code(other.twoVotes(1)) == "wrong-ledger")
    #expect(try await code(other.twoVotes(1), ["--policy", "policy"]) == "wrong-ledger")
    // Whoever has a key of its own can accuse anybody, until somebody asks whose key it is.
    let accusation = try four.forged(1)
    #expect(try await code(accusation) == "unknown-validator")
    #expect(
      try await code(accusation, ["--policy", "policy"]) == nil, "and a policy says that it does not know")
    let keys = try four.keys(0)
    let later = try four.accusation(9, four.committee) { try keys.signature(over: $0, for: four.committee) }
    #expect(try await code(later) == "wrong-height")
    let greatest = try four.accusation(.max, four.committee) {
      try keys.signature(over: $0, for: four.committee)
    }
    #expect(try await code(greatest) == "wrong-height")
  }

  @Test(
    "two checkpoints of one size with different roots name everybody that cosigned both, by the policy alone too"
  )
  func forks() async throws {
    let four = try await Four()
    let box = four.box
    let root = Digest([UInt8](repeating: 7, count: 32))!
    try await box.zheng("checkpoint", "ledger", into: "ours")
    try box.write("theirs", four.checkpoint(size: 2, root: root, by: [1, 2]))
    let found = try await box.must(
      zheng: "consortium", "misconduct", "ledger", "--between", "ours", "theirs", "--out", "evidence",
      "--json"
    ).objects
    #expect(found.map { $0["validator"] as? String } == ["v2", "v3"])
    for object in found {
      let path = try #require(object["path"] as? String)
      #expect(try await box.zheng("check", path, "--ledger", "ledger").status == 0)
      let byPolicy = try await box.must(zheng: "check", path, "--policy", "policy", "--json").json
      #expect(byPolicy["keysBy"] as? String == "policy")
    }
    #expect(try box.names("evidence").count == 2)
    func code(_ first: String, _ second: String) async throws -> String? {
      let outcome = try await box.zheng(
        "consortium", "misconduct", "ledger", "--between", first, second, "--json")
      #expect(outcome.status == 1)
      return try outcome.json["code"] as? String
    }
    #expect(try await code("ours", "ours") == "no-misconduct")
    try box.write("longer", four.checkpoint(size: 9, root: root, by: [0, 1, 2]))
    #expect(try await code("ours", "longer") == "no-misconduct", "a ledger grows")
    #expect(try await code("ours", "policy") == "malformed-checkpoint")
    // A line under somebody's name that does not verify is no evidence.
    try box.edit(text: "theirs") { text in
      let line = text.split(separator: "\n").first { $0.contains("v3 ") || $0.contains("v3.") }
      guard let line else { return text }
      return text.replacing(line, with: line.dropLast(4) + "AAAA")
    }
    let left = try await box.zheng(
      "consortium", "misconduct", "ledger", "--between", "ours", "theirs", "--json"
    ).objects
    #expect(left.allSatisfy { $0["validator"] as? String == "v2" }, "\(left)")
    #expect(try await box.zheng("consortium", "misconduct", "ledger", "--between", "ours").status == 64)
  }

  @Test("what the node has kept is listed, judged and written out; what proves nothing is said to")
  func kept() async throws {
    let four = try await Four()
    let box = four.box
    let none = try await box.must(zheng: "consortium", "misconduct", "ledger").text
    #expect(none.contains("nothing is known"))
    let folder = "\(box.stateFolder)/\(four.committee.ledger.hex)/v1/misconduct"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    try Data(four.twoVotes(3)).write(to: URL(filePath: "\(folder)/1-v4.cbor"))
    try Data("x".utf8).write(to: URL(filePath: "\(folder)/2-v3.cbor"))
    let found = try await box.must(
      zheng: "consortium", "misconduct", "ledger", "--out", "evidence", "--json"
    ).objects
    #expect(found.map { $0["ok"] as? Bool } == [true, false])
    let name = try #require(box.names("evidence").first)
    #expect(try box.read("evidence/\(name)") == Data(four.twoVotes(3)) && name.hasSuffix(".misconduct"))
    #expect(try box.names("evidence").count == 1)
    box.environment["ZHENG_LANG"] = "zh"
    let missing = Catalogue.Missing()
    box.missing = missing
    let chinese = try await box.must(zheng: "consortium", "misconduct", "ledger").text
    #expect(chinese.contains("验证者") && chinese.contains("不能证明任何事项"))
    #expect(
      try await box.zheng("check", "evidence/\(name)", "--policy", "policy").errors.contains("--ledger"))
    #expect(missing.all.sorted() == [])
  }

  @Test(
    "evidence against a validator in office is recorded by any member; what proves nothing is refused by the rules"
  )
  func recorded() async throws {
    let four = try await Four()
    let box = four.box
    try box.write("v2.misconduct", Data(four.twoVotes(1)))
    let recorded = try await box.must(
      zheng: "consortium", "record", "ledger", "v2.misconduct", "--key", "notary.pem", "--json"
    ).json
    #expect(recorded["validator"] as? String == "v2")
    let index = try #require(recorded["index"] as? Int)
    #expect(
      try await box.must(zheng: "show", "ledger", "\(index)", "--payload").output == Data(four.twoVotes(1)))
    #expect(try await box.must(zheng: "list", "ledger", "--subject", "v2").lines.count >= 1)
    let text = try await box.must(
      zheng: "consortium", "record", "ledger", "v2.misconduct", "--key", "notary.pem"
    ).text
    #expect(text.contains("those of v2") && text.contains("in block 2"), "\(text)")
    // A client that does not look at what it sends.
    func code(_ bytes: [UInt8]) async throws -> String? {
      try box.write("f", Data(bytes))
      let outcome = try await box.zheng(
        "append", "ledger", "--key", "notary.pem", "--type", MisconductRules.kind, "f", "--json")
      #expect(outcome.status == 2)
      return try outcome.objects.last?["code"] as? String
    }
    #expect(try await code(four.forged(1)) == "unknown-member")
    #expect(try await code(Four().twoVotes(1)) == "wrong-ledger")
    #expect(try await code([0xa0]) == "malformed")
    var altered = try four.twoVotes(2)
    let place = try #require(
      altered.indices.first { altered[$0] == 2 && altered[$0...].prefix(32).allSatisfy { $0 == 2 } })
    altered[place] = 3
    #expect(try await code(altered) == "bad-signature")
    #expect(try await box.zheng("verify", "ledger", "--policy", "policy").status == 0)
  }
}
