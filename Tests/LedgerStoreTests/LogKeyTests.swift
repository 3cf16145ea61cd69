import Foundation
import Ledger
import LedgerCrypto
import Testing
import TransparencyLog

@testable import LedgerStore

@Suite("A ledger on the disk whose log key changes")
struct LogKeyTests {
  private func put(_ content: String, as name: String, in folder: LedgerFolder, mode: Int = 0o600) {
    #expect(
      FileManager.default.createFile(
        atPath: "\(folder.keys)/\(name)", contents: Data(content.utf8),
        attributes: [.posixPermissions: mode]))
  }

  /// Adopts a change to `key`, in a block of its own.
  private func adopt(_ key: PrivateKey, _ ledger: TestLedger, _ writer: LedgerWriter) throws {
    let state = writer.state
    let subject = RosterChange.possession(ofLogKey: key.publicKey, on: ledger.id)
    let change = RosterChange(
      of: state.roster.root,
      .setLogKey(
        try NoteVerifierKey(name: TestConsortium.origin, type: .ed25519, publicKey: key.publicKey),
        possession: try key.signature(over: subject)))
    let statement = try ledger.statement(change.payload, type: change.contentType)
    _ = try writer.appendBlock([ledger.candidate(statement, writer)])
    #expect(writer.state.roster.terms.logKey.publicKey == key.publicKey)
  }

  private func policy(_ ledger: TestLedger) throws -> Policy {
    let text = try LedgerReader(ledger.folder).state().roster.policyText(ledger: ledger.id)
    return try Policy(parsing: Array(text.utf8).span)
  }

  @Test(
    "the writer goes over to the new key, and all of it verifies: by its id, by the new policy, against checkpoints under either key"
  )
  func change() throws {
    let ledger = try TestConsortium().found()
    let key = try PrivateKey(generating: .ed25519)
    put(try key.pem(), as: "log-2.pem", in: ledger.folder)
    let old = try policy(ledger)
    var notes: [SignedNote] = []
    do {
      let writer = try LedgerWriter(ledger.folder, .inTests)
      try ledger.appendBlock(3, writer)
      try adopt(key, ledger, writer)
      notes.append(writer.checkpoint)
      try ledger.appendBlock(3, writer, payload: "after")
      notes.append(writer.checkpoint)
    }
    let new = try policy(ledger)
    #expect(notes[0].signatures[0].names(old.logs[0].key) && notes[1].signatures[0].names(new.logs[0].key))
    for note in notes {
      var options = LedgerAudit.Options()
      (options.savedCheckpoint, options.anchor) = (note, .policy(new))
      let report = try ledger.audit(nil, options)
      #expect(report.faults == [] && report.isAnchored)
    }
    var options = LedgerAudit.Options()
    options.anchor = .policy(old)
    #expect(try ledger.audit(nil, options).faults.map(\.code) == [.unknownSigner])
    // A checkpoint by a key that the ledger never had.
    let stranger = try NoteSigner(
      name: TestConsortium.origin, type: .ed25519, key: PrivateKey(generating: .ed25519))
    options.anchor = .ledgerID(ledger.id)
    options.savedCheckpoint = try SignedNote(
      text: notes[1].text, signatures: [stranger.sign(notes[1].text)])
    #expect(try ledger.audit(nil, options).faults.map(\.code) == [.wrongLedger])

    let history = try ledger.folder.policyHistory()
    #expect(history.tenures.map(\.since) == [0, 3] && history.tenures.map(\.last) == [2, nil])
    #expect(history.tenures.map(\.terms.logKey) == [old, new].map { $0.logs[0].key })
    let reader = try LedgerReader(ledger.folder)
    _ = try reader.proof(of: 2).check(old)
    _ = try reader.proof(of: reader.size - 2).check(new)
    #expect(throws: ProofError.self) { try reader.proof(of: reader.size - 2).check(old) }
  }

  @Test(
    "a key that is missing where it comes into force ends appending, by name; the old one is not needed any more"
  )
  func missing() throws {
    let ledger = try TestConsortium().found()
    let key = try PrivateKey(generating: .ed25519)
    func open() throws { try ledger.appendBlock(1, LedgerWriter(ledger.folder, .inTests)) }
    do {
      let writer = try LedgerWriter(ledger.folder, .inTests)
      try adopt(key, ledger, writer)
      let failure = #expect(throws: Failure.self) { try ledger.appendBlock(1, writer) }
      let verifier = writer.state.roster.terms.logKey.description
      #expect(failure?.path.hasSuffix("/keys") == true)
      #expect(failure?.reason.contains(verifier) == true && failure?.reason.contains("log-NAME.pem") == true)
    }
    #expect(throws: Failure.self) { try open() }
    // Others may read it; a validator's key is no log key.
    put(try key.pem(), as: "log-2.pem", in: ledger.folder, mode: 0o644)
    let exposed = #expect(throws: Failure.self) { try open() }
    #expect(exposed?.errorNumber == EPERM)
    let path = "\(ledger.folder.keys)/log-2"
    try FileManager.default.moveItem(atPath: "\(path).pem", toPath: "\(path).block.pem")
    let misnamed = #expect(throws: Failure.self) { try open() }
    #expect(misnamed?.reason.contains("log-NAME.pem") == true)
    try FileManager.default.removeItem(atPath: "\(path).block.pem")
    put(try key.pem(), as: "log-2.pem", in: ledger.folder)
    // What else lies there is not in the way.
    put("no key", as: "log-1.pem", in: ledger.folder)
    try open()
    try FileManager.default.removeItem(atPath: "\(ledger.folder.keys)/log.pem")
    try open()
    #expect(try ledger.audit().faults == [])
  }
}
