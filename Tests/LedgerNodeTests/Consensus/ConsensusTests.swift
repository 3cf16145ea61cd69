import Consortium
import Foundation
import Ledger
import LedgerClient
import LedgerCrypto
import LedgerStore
import Statements
import TestKit
import Testing
import TransparencyLog

@testable import LedgerNode

@Suite("Four validators, each with a node of its own", .timeLimit(.minutes(30)))
struct ConsensusTests {
  @Test("Statements through different nodes become records of one ledger, each proven by three cosignatures")
  func agreement() async throws {
    try await withFourNodes { four in
      try await four.start(0..<4)
      let urls = (0..<4).map { four.url($0) }
      let entries = try (0..<12).map { try four.ledger.entry(Array("record \($0)".utf8)) }
      // Four at a time, and then one after the other.
      let receipts = try await withThrowingTaskGroup(of: NodeReceipt.self) { group in
        for (number, entry) in entries.enumerated() {
          group.addTask {
            guard case .recorded(let receipt) = try await NodeClient.patient(urls[number % 4]).append(entry)
            else { throw CancellationError() }
            return receipt
          }
        }
        return try await group.reduce(into: []) { $0.append($1) }
      }
      let last = try await four.append("the last", through: 3)
      #expect(Set(receipts.map(\.index)).count == 12)

      let policy = try Policy(
        parsing: Array(Data(contentsOf: URL(filePath: four.ledger.folder.policy))).span)
      for number in 0..<4 {
        let reader = try await four[number].reach(last.block)
        let record = try reader.proof(of: receipts[0].index)
        let cosigned = try StoredCheckpoint(parsing: record.proof.checkpoint.bytes.span)
          .check(reader.state().roster, height: receipts[0].block)
        #expect(cosigned.faults.isEmpty && cosigned.cosigned.count >= 3)
        // T is the third smallest of the times.
        let proven = try record.check(policy)
        #expect(proven.verdict.time == cosigned.cosigned.map(\.seconds).sorted()[2])
        _ = try reader.proof(of: last.index).check(policy)
      }
      let checkpoints = try (0..<4).map { try four[$0].checkpoint() }
      #expect(checkpoints.allSatisfy { $0 == checkpoints[0] })

      let status = try await NodeClient.patient(four.url(0)).consensus()
      #expect(status.state == .working && status.quorum == 3 && status.misconduct == 0)
      #expect(status.validators.map(\.name) == (0..<4).map(FourNodes.name))
      #expect(status.validators.allSatisfy { abs($0.clockOffsetSeconds ?? 0) < 60 })
    }
  }

  @Test("Three go on without the fourth, also where it leads, and it catches up when it is started again")
  func catchingUp() async throws {
    try await withFourNodes { four in
      try await four.start(0..<4)
      let first = try await four.append("with all", through: 0)
      for number in 0..<4 { _ = try await four[number].reach(first.block) }
      try await four.stop(3)
      // Among four heights in a row it leads one.
      var last = first
      for number in 0..<5 { last = try await four.append("without it \(number)", through: number % 3) }
      try await four.start(3)
      _ = try await four[3].reach(last.block)
      let newest = try await four.append("with all again", through: 3)
      for number in 0..<4 { _ = try await four[number].reach(newest.block) }
      let checkpoints = try (0..<4).map { try four[$0].checkpoint() }
      #expect(checkpoints.allSatisfy { $0 == checkpoints[0] })
    }
  }

  @Test(
    "What was signed is sent again byte for byte after a start, and a statement that two can't decide is answered undecided"
  )
  func restart() async throws {
    try await withFourNodes { four in
      four.decisionLimit = .seconds(4)
      try await four.start(0..<2)
      let entry = try four.ledger.entry(Array("undecided".utf8))
      let code = try await OwnThread.run { [connect = four.connecting(to: 0)] in
        try connect().post(entry).json(ProblemDetails.self).code
      }
      #expect(code == "undecided")
      let committee = try four.committee()
      func signed() async throws -> Set<[UInt8]> {
        let messages = await four[0].consensus.messages(height: 1)
        return try Set(
          messages.filter { try UnverifiedMessage(decoding: $0).verified(by: committee).sender == 0 })
      }
      var before = try await signed()
      // The submitter was answered by the clock, whether a round had begun or not.
      while before.isEmpty {
        try await Task.sleep(for: .milliseconds(20))
        before = try await signed()
      }
      try await four.stop(0)
      try await four.start(0)
      let after = try await signed()
      #expect(before.isSubset(of: after))
      // With a third all goes on; the client sends it again.
      try await four.start(2)
      if case .refused(let refusal) = try await NodeClient.patient(four.url(0)).append(entry) {
        Issue.record("\(refusal)")
      }
    }
  }

  @Test("A validator without its journal signs nothing before the others have shown how far they are")
  func amnesia() async throws {
    try await withFourNodes { four in
      try await four.start(0..<4)
      let first = try await four.append("before", through: 0)
      for number in 0..<4 { _ = try await four[number].reach(first.block) }
      try await four.stop(3)
      try FileManager.default.removeItem(atPath: "\(four.place(3))/votes")
      // With one other alone it can't learn it.
      try await four.stop(2)
      try await four.stop(1)
      try await four.start(3)
      await four[3].consensus.lookAtAll()
      #expect(four[3].consensus.standing.newest.state == .amnesic)
      #expect(await four[3].consensus.messages(height: first.block + 1).isEmpty)
      try await four.start(1)
      try await four.start(2)
      await four[3].consensus.lookAtAll()
      #expect(four[3].consensus.standing.newest.state == .working)
      // From two heights above on it signs: then three are enough again.
      for number in 0..<3 { _ = try await four.append("after \(number)", through: 0) }
      let newest = try await four.append("and last", through: 1)
      try await four.stop(2)
      _ = try await four[3].reach(newest.block)
      let last = try await four.append("with it", through: 3)
      _ = try await four[1].reach(last.block)
    }
  }

  @Test("What is not a validator's is refused, and a message that its signer never signed is nobody's")
  func forgery() async throws {
    try await withFourNodes { four in
      try await four.start(0)
      let (connect, committee) = (four.connecting(to: 0), try four.committee())
      func get(_ path: String, _ authorization: String?) async throws -> Int {
        try await OwnThread.run {
          try connect().request(
            "GET", path, [authorization.map { "Authorization: \($0)" }].compactMap(\.self)
          )
          .status
        }
      }
      let own = try four.authorization(of: 1, for: 0)
      #expect(try await get("/final/newest", own) == 200)
      #expect(try await get("/consensus/1", own) == 200)
      #expect(try await get("/final/0", own) == 200)
      #expect(try await get("/final/7", own) == 404)
      #expect(try await get("/block/\(Digest.zero.hex)?height=1", own) == 404)
      let now = UInt64(Date().timeIntervalSince1970)
      let refused: [(String?, Int)] = [
        (nil, 401),
        // For another node; of another key; of a member; of this node's own validator; of long ago.
        (try four.authorization(of: 1, for: 2), 401),
        (try four.authorization(of: 1, for: 0, by: four.keys(2).voteKey), 403),
        (try four.authorization(of: 1, for: 0, by: four.ledger.members[0].key), 403),
        (try four.authorization(of: 0, for: 0), 403),
        (try four.authorization(of: 1, for: 0, at: now - 10_000), 401),
      ]
      for (authorization, status) in refused {
        for path in ["/final/newest", "/consensus/1", "/final/0", "/block/\(Digest.zero.hex)?height=1"] {
          #expect(try await get(path, authorization) == status, "\(path)")
        }
      }

      let digest = SHA256.digest(of: Array("block".utf8))
      let ballot = Ballot.vote(digest, height: 1, round: 0)
      func vote(by key: PrivateKey) throws -> Message {
        Message(
          sender: 1, ballot: ballot, signature: try key.signature(over: ballot.subject.bytes(for: committee)))
      }
      let (forged, genuine) = (try vote(by: four.keys(2).voteKey), try vote(by: four.keys(1).voteKey))
      await four[0].consensus.receive(forged.bytes)
      #expect(await !four[0].consensus.messages(height: 1).contains(forged.bytes))
      await four[0].consensus.receive(genuine.bytes)
      #expect(await four[0].consensus.messages(height: 1) == [genuine.bytes])
    }
  }

  @Test("A leader that proposes two blocks is caught, with evidence that anybody can judge")
  func equivocation() async throws {
    try await withFourNodes { four in
      try await four.start(0)
      let committee = try four.committee()
      let key = try four.keys(1).voteKey
      for name in ["one", "other"] {
        let proposal = Proposal(
          digest: SHA256.digest(of: Array(name.utf8)), size: 1000, justification: nil)
        let ballot = Ballot.propose(proposal, height: 1, round: 0)
        let message = Message(
          sender: 1, ballot: ballot, signature: try key.signature(over: ballot.subject.bytes(for: committee)))
        await four[0].consensus.receive(message.bytes)
      }
      #expect(four[0].consensus.standing.newest.misconduct == 1)
      let files = try FileManager.default.contentsOfDirectory(atPath: "\(four.place(0))/misconduct")
      #expect(files == ["00000000000000000001-validator-1.cbor"])
      let file = try MisconductFile(
        decoding: Array(Data(contentsOf: URL(filePath: "\(four.place(0))/misconduct/\(files[0])"))))
      #expect(file.concerns(committee) && file.seat.name == "validator-1")
      let metrics = try await OwnThread.run { [connect = four.connecting(to: 0)] in
        try connect().request("GET", "/metrics").text
      }
      #expect(metrics.contains("zheng_consensus_misconduct 1\n"))
      #expect(metrics.contains("zheng_consensus_height 1\n"))
    }
  }

  @Test("Thousands of statements through two nodes at once have one place each, the same everywhere")
  func load() async throws {
    try await withFourNodes { four in
      try await four.start(0..<4)
      let urls = [four.url(0), four.url(2)]
      let entries = try (0..<2000).map { try four.ledger.entry(Array("record \($0)".utf8)) }
      // Those in the middle go through both.
      let parts = [Array(entries[..<1200]), Array(entries[800...])]
      let verdicts = try await withThrowingTaskGroup(of: [NodeVerdict].self) { group in
        for (url, part) in zip(urls, parts) {
          group.addTask { try await NodeClient.patient(url).append(sequence: part).map(\.verdict) }
        }
        return try await group.reduce(into: [NodeVerdict]()) { $0 += $1 }
      }
      #expect(verdicts.allSatisfy { $0.problem == nil })
      let places = Dictionary(grouping: verdicts, by: \.id).mapValues { Set($0.map(\.index)) }
      #expect(places.count == 2000 && places.values.allSatisfy { $0.count == 1 })
      let last = try #require(verdicts.compactMap(\.block).max())
      for number in 0..<4 { _ = try await four[number].reach(last) }
      let checkpoints = try (0..<4).map { try four[$0].checkpoint() }
      #expect(checkpoints.allSatisfy { $0 == checkpoints[0] })
    }
  }

  @Test(
    "An invalid block is not voted for, a body that is not the block's is not taken for it, and the core's refusal of what a quorum has cosigned halts"
  )
  func invalidBlocks() async throws {
    try await withFourNodes { four in
      try await four.start(0)
      let consensus = four[0].consensus
      // A header of validator 1 that names another state than the core's.
      let reader = consensus.committer.reader
      let state = try reader.state()
      let entry = try four.ledger.entry(Array("a record".utf8))
      var hasher = TreeHasher()
      let (header, digest, tree) = try four.header(over: entry, state, using: &hasher)
      let other = try four.ledger.entry(Array("another".utf8))
      #expect(try await consensus.verdict(on: FourNodes.body([other, header]), digest) == nil)
      #expect(try await consensus.verdict(on: FourNodes.body([entry, header]), digest) == .invalid)

      // The three others cosign it all the same.
      let checkpoint = try Checkpoint(
        origin: four.terms.origin, size: tree.size, root: tree.root(using: &hasher))
      var note = try SignedNote(
        text: checkpoint.text, signatures: [four.keys(0).log.sign(checkpoint.text)])
      for number in 1...3 { try note.append(four.keys(number).cosigner.cosign(checkpoint.text, time: 1)) }
      let document = FinalDocument(height: 1, block: digest, checkpoint: note)
      // What a liar shows beside that checkpoint is not what they have cosigned, however bad it is.
      let untrue = try four.header(over: other, state, using: &hasher).entry
      #expect(try await !consensus.takeFinal(document, FourNodes.body([other, untrue])))
      #expect(try await NodeClient.patient(four.url(0)).health().status == .ok)
      #expect(try await consensus.takeFinal(document, FourNodes.body([entry, header])))
      let health = try await NodeClient.patient(four.url(0)).health()
      #expect(health.status == .consensus && health.reasons.map(\.code) == ["halted"])
      #expect(try four[0].checkpoint().size == state.frontier.size)
    }
  }

  @Test("A validator that leaves decides nothing more, takes in what the others decide, and says so")
  func leaving() async throws {
    try await withFourNodes { four in
      try await four.start(0..<4)
      let change = RosterChange(
        of: try four[0].consensus.committer.reader.state().roster.root,
        .setValidators(
          Array(four.terms.validators.prefix(3)), quorum: 2, isCrashFaultsOnly: false, joins: []))
      let entry = try four.ledger.entry(change.payload, type: change.contentType, subject: nil)
      guard case .recorded = try await NodeClient.patient(four.url(0)).append(entry) else {
        Issue.record("it is no record")
        return
      }
      let after = try await four.append("after", through: 1)
      let reader = try await four[3].reach(after.block)
      #expect(try reader.state().roster.terms.validators.count == 3)
      let status = four[3].consensus.standing.newest
      #expect(status.state == .following && status.reason?.contains("validator-3") == true)
      let health = try await NodeClient.patient(four.url(3)).health()
      #expect(!health.ready && health.live && health.status == .consensus)
      #expect(health.reasons.map(\.code) == ["no-validator"])
      #expect(four[0].consensus.standing.newest.validators.map(\.name) == (0..<3).map(FourNodes.name))
      let checkpoints = try (0..<4).map { try four[$0].checkpoint() }
      #expect(checkpoints[3] == checkpoints[1])
    }
  }

  @Test("The page of validators names them in both languages, and says which were never heard from")
  func page() async throws {
    try await withFourNodes { four in
      try await four.start(0)
      let connect = four.connecting(to: 0)
      for (language, never) in [("zh", "从未收到消息"), ("en", "never heard from")] {
        let page = try await OwnThread.run {
          try connect().request("GET", "/validators?lang=\(language)")
        }
        #expect(page.status == 200 && page.text.contains(never))
        for number in 0..<4 { #expect(page.text.contains(FourNodes.name(number))) }
        let overview = try await OwnThread.run {
          try connect().request("GET", "/overview?lang=\(language)")
        }
        #expect(overview.text.contains("href=\"validators"))
      }
    }
    // A node that is not one of several has none of it.
    try await withNode(TestLedger()) { node in
      for path in ["/validators", "/consensus/status", "/final/newest"] {
        let answer = try await node.connected { try $0.request("GET", path) }
        #expect(answer.status == 404, "\(path)")
      }
    }
  }
}
