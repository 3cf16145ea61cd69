import Foundation
import Ledger
import LedgerCrypto
import Statements
import Testing
import TransparencyLog

@testable import LedgerStore

@Suite("Opening a ledger as one of several validators")
struct ValidatorOpeningTests {
  private func bytes(_ path: String) throws -> [UInt8] { try [UInt8](Data(contentsOf: URL(filePath: path))) }

  private func failure(
    _ folder: LedgerFolder, _ options: LedgerWriter.Options
  ) -> Failure? {
    #expect(throws: Failure.self) { _ = try LedgerWriter(folder, options) }
  }

  @Test("a block beyond the newest checkpoint is moved aside: its header is no decision")
  func tail() throws {
    let four = try FourValidators()
    let block = try four.draft(2, four.writer(0))
    let segment = four.folders[1].path + "/entries/000000000000"
    let before = try bytes(segment)
    try Data(before + block.bytes).write(to: URL(filePath: segment))
    // So much of a checkpoint as a crash may leave.
    let checkpoints = try bytes(four.folders[1].checkpoints)
    try Data(checkpoints + CheckpointLog.frame(four.note(block.checkpoint).bytes).prefix(50))
      .write(to: URL(filePath: four.folders[1].checkpoints))
    do {
      let writer = try four.writer(1)
      #expect(writer.state.height == 1)
      #expect(writer.notes.count == 1 && writer.notes[0].contains("not known to be final"))
      #expect(try bytes(segment) == before && bytes(four.folders[1].checkpoints) == checkpoints)
      let kept = try FileSystem.names(in: four.folders[1].aside).filter { $0.hasPrefix("entries") }
      #expect(try kept.map { try bytes("\(four.folders[1].aside)/\($0)") } == [block.bytes])
      // When it has been decided it is committed as any other.
      let judged = try writer.judge(block.bytes, by: EntryCheckers())
      _ = try writer.commit(judged, four.note(judged.checkpoint))
    }
    #expect(try LedgerAudit.run(four.folders[1]).faults == [])
  }

  @Test("behind what it has signed a validator catches up, and beside it nothing is opened or committed")
  func lastSigned() throws {
    let four = try FourValidators()
    var options = four.options(0)
    (options.keepsLastSigned, options.stateFolder) = (true, four.ledger.consortium.folder.path + "/state")
    let (folder, old) = (four.folders[0], four.folders[1])
    var blocks: [JudgedBlock] = []
    do {
      let writer = try LedgerWriter(folder, options)
      #expect(writer.signedHeight == nil, "nothing is kept of what was signed")
      for height in 1...3 {
        blocks.append(try four.draft(1, writer, "block \(height)"))
        _ = try writer.commit(blocks[height - 1], four.note(blocks[height - 1].checkpoint))
      }
    }
    func replace() throws {
      try FileManager.default.removeItem(atPath: folder.path)
      try FileManager.default.copyItem(atPath: old.path, toPath: folder.path)
      try FileManager.default.removeItem(atPath: folder.keys)
      try FileManager.default.copyItem(atPath: four.ledger.folder.keys, toPath: folder.keys)
    }
    try replace()
    // Twice: what is committed on the way does not make it forget the highest.
    for height in 1...2 {
      let writer = try LedgerWriter(folder, options)
      #expect(writer.signedHeight == 3 && writer.state.height == UInt64(height))
      let judged = try writer.judge(blocks[height - 1].bytes, by: EntryCheckers())
      _ = try writer.commit(judged, four.note(judged.checkpoint))
    }
    do {
      let writer = try LedgerWriter(folder, options)
      let other = try four.draft(1, writer, "another block 3")
      let refusal = #expect(throws: Refusal.self) { try writer.commit(other, four.note(other.checkpoint)) }
      #expect(refusal?.code == .besideLastSigned)
      #expect(writer.state.height == 3, "nothing has changed")
      let judged = try writer.judge(blocks[2].bytes, by: EntryCheckers())
      _ = try writer.commit(judged, four.note(judged.checkpoint))
    }
    do {
      let writer = try LedgerWriter(folder, options)
      #expect(writer.signedHeight == 3 && writer.state.height == 4)
    }
    // A directory in which the same heights have other blocks.
    try replace()
    do {
      var elsewhere = options
      elsewhere.keepsLastSigned = false
      let writer = try LedgerWriter(folder, elsewhere)
      for height in 1...3 {
        let block = try four.draft(2, writer, "other \(height)")
        _ = try writer.commit(block, four.note(block.checkpoint))
      }
    }
    let refusal = #expect(throws: Refusal.self) { try LedgerWriter(folder, options) }
    #expect(refusal?.code == .besideLastSigned)
  }

  @Test("a validator needs the log key and its own block key; what is missing, or another's, is named")
  func keys() throws {
    let four = try FourValidators()
    let folder = four.folders[0]
    func remove(_ name: String) throws {
      try FileManager.default.removeItem(atPath: "\(folder.keys)/\(name)")
    }
    func copy(_ name: String, from number: Int, _ other: String) throws {
      try FileManager.default.copyItem(
        atPath: "\(four.folders[number].keys)/\(other)", toPath: "\(folder.keys)/\(name)")
    }
    try remove("validator-0.vote.pem")
    try remove("validator-0.cosigner.pem")
    do { _ = try LedgerWriter(folder, four.options(0)) }
    // Who votes and cosigns needs those too.
    let terms = try LedgerReader(folder).state().roster.terms
    let vote = #expect(throws: Failure.self) {
      try ValidatorKeyFiles(in: folder, validator: "validator-0", terms: terms)
    }
    #expect(vote?.path.hasSuffix("keys/validator-0.vote.pem") == true && vote?.errorNumber == ENOENT)
    try copy("validator-0.vote.pem", from: 1, "validator-1.vote.pem")
    #expect(throws: Failure.self, "it is another's") {
      try ValidatorKeyFiles(in: folder, validator: "validator-0", terms: terms)
    }
    #expect(throws: Failure.self) {
      try ValidatorKeyFiles(in: folder, validator: "validator-7", terms: terms)
    }

    let unknown = failure(folder, four.options(7))
    #expect(unknown?.reason.contains("validator-0, validator-1, validator-2, validator-3") == true)
    try remove("validator-0.block.pem")
    let missing = failure(folder, four.options(0))
    #expect(missing?.path.hasSuffix("keys/validator-0.block.pem") == true)
    try copy("validator-0.block.pem", from: 1, "validator-1.block.pem")
    #expect(failure(folder, four.options(0))?.reason.contains("another key") == true)
    try remove("validator-0.block.pem")
    try copy("validator-0.block.pem", from: 1, "validator-1.block.pem")
    let log = four.folders[1]
    try FileManager.default.removeItem(atPath: "\(log.keys)/log.pem")
    #expect(failure(log, four.options(1))?.reason.contains("log.pem") == true)
  }

  @Test("who holds no office yet, or none any more, follows the others and proposes nothing")
  func follower() throws {
    let four = try FourValidators()
    let folder = four.folders[3]
    try FileManager.default.copyItem(
      atPath: "\(folder.keys)/validator-3.block.pem", toPath: "\(folder.keys)/newcomer.block.pem")
    var options = four.options(3)
    options.validator = "newcomer"
    let writer = try LedgerWriter(folder, options)
    let failure = #expect(throws: Failure.self) { try four.draft(1, writer) }
    #expect(failure?.path == "newcomer")
    let block = try four.draft(1, four.writer(0))
    let judged = try writer.judge(block.bytes, by: EntryCheckers())
    _ = try writer.commit(judged, four.note(judged.checkpoint))
    #expect(writer.state.height == 2)
  }

  @Test(
    "one of several validators writes nothing alone, and is told how; a single validator decides with nobody")
  func alone() throws {
    let four = try FourValidators()
    let failure = failure(four.folders[0], .inTests)
    #expect(failure?.reason.contains("4 validators decide together") == true)
    #expect(failure?.reason.contains("Options.validator") == true)
    let single = try TestConsortium().found()
    var options = LedgerWriter.Options.inTests
    options.validator = "local"
    #expect(self.failure(single.folder, options)?.reason.contains("one validator") == true)
  }

  @Test("what stands between a validator's machine and its signing is told of its own keys")
  func outlook() throws {
    let four = try FourValidators()
    let state = four.ledger.consortium.folder.path + "/state"
    #expect(try four.folders[0].signingOutlook(state: state).isReady)
    try FileManager.default.removeItem(atPath: "\(four.folders[0].keys)/log.pem")
    #expect(try four.folders[0].signingOutlook(state: state).keys?.reason.contains("log.pem") == true)
  }
}
