import Foundation
import Ledger
import LedgerCrypto
import Statements
import Testing
import TransparencyLog

@testable import LedgerStore

/// A ledger of four validators, each with a directory of its own in which are its own keys alone; three of four decide.
struct FourValidators {
  /// The ledger as it was founded, with the keys of all.
  let ledger: TestLedger
  let folders: [LedgerFolder]
  private let keys: [ValidatorKeyFiles]

  /// - Parameter parameters: of the ledger, those that are not the ordinary ones.
  init(parameters: [String: Int] = [:]) throws {
    let ledger = try TestConsortium(validators: 4, quorum: 3, parameters: parameters).found("all")
    let terms = try LedgerReader(ledger.folder).state().roster.terms
    folders = try (0..<4).map { number in
      let folder = try ledger.copy("ledger-\(number)")
      for name in try FileSystem.names(in: folder.keys)
      where name != "log.pem" && !name.hasPrefix("\(Self.name(number)).") {
        try FileManager.default.removeItem(atPath: "\(folder.keys)/\(name)")
      }
      return folder
    }
    keys = try folders.enumerated().map {
      try ValidatorKeyFiles(in: $1, validator: Self.name($0), terms: terms)
    }
    self.ledger = ledger
  }

  static func name(_ number: Int) -> String { "validator-\(number)" }

  /// The options of validator `number`.
  func options(_ number: Int) -> LedgerWriter.Options {
    var options = LedgerWriter.Options.inTests
    options.validator = Self.name(number)
    return options
  }

  func writer(_ number: Int) throws -> LedgerWriter { try LedgerWriter(folders[number], options(number)) }

  func blockKey(_ number: Int) throws -> PrivateKey {
    try PrivateKey(
      pem: String(
        contentsOfFile: "\(folders[number].keys)/\(Self.name(number)).block.pem", encoding: .utf8))
  }

  /// A checkpoint under which the log key and validators have signed.
  func note(_ checkpoint: Checkpoint, by validators: [Int] = [0, 1, 3]) throws -> SignedNote {
    let time = UInt64(Date().timeIntervalSince1970)
    var note = try SignedNote(
      text: checkpoint.text, signatures: [keys[0].log.sign(checkpoint.text)])
    for number in validators { try note.append(keys[number].cosigner.cosign(checkpoint.text, time: time)) }
    return note
  }

  /// Statements that say different things, in an order that they tell.
  func candidates(
    _ count: Int, _ writer: LedgerWriter, _ payload: String = "record"
  ) throws -> [LedgerWriter.Candidate] {
    try (0..<count).map {
      ledger.candidate(try ledger.statement(Array("\(payload) \($0)".utf8), by: $0 % 2), writer)
    }
  }

  /// A block of `count` statements that `writer` drafts.
  func draft(_ count: Int, _ writer: LedgerWriter, _ payload: String = "record") throws -> JudgedBlock {
    try #require(try writer.draft(candidates(count, writer, payload)[...], byteCount: 1 << 20))
  }

  /// The entries of `block`, the header left out, and a header of validator `number` that names what `change` makes of its own.
  func altered(
    _ block: JudgedBlock, by number: Int = 0, entries: [[UInt8]]? = nil,
    _ change: (BlockHeader) throws -> BlockHeader = { $0 }
  ) throws -> [UInt8] {
    var bytes: [UInt8] = []
    for entry in entries ?? block.entries { EntryBundle.append(entry.span, to: &bytes) }
    let header = try change(block.header).signed(by: blockKey(number))
    EntryBundle.append(header.span, to: &bytes)
    return bytes
  }
}

extension JudgedBlock {
  /// The entries, the header left out.
  var entries: [[UInt8]] { run.ranges.dropLast().map { Array(bytes[$0]) } }
}

extension BlockHeader {
  /// This header with another root of the state, or another size.
  func with(state: Digest? = nil, size: UInt64? = nil, root: Digest? = nil) -> BlockHeader {
    BlockHeader(
      height: height, previous: previous, first: first, size: size ?? self.size, root: root ?? self.root,
      state: state ?? self.state, time: time, roster: roster)
  }
}
