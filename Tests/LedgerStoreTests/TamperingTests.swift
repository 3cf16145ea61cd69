import Foundation
import Ledger
import LedgerCrypto
import Statements
import TestKit
import Testing
import TransparencyLog

@testable import LedgerStore

/// Breaks a ledger in every place and sees that the audit names it.
@Suite("Tampering", .timeLimit(.minutes(30)))
struct TamperingTests {
  /// How large the ledger is that is broken byte by byte.
  enum Extent {
    /// The founding and one record, by the only member, under one validator.
    case smallest
    /// Several members, several validators, four blocks, an entry of two length bytes.
    case varied

    /// Those of this run; each byte takes an audit.
    static let ofThisRun = Soak.isOn ? [smallest, varied] : [smallest]
  }

  /// A ledger, and where everything lies in it.
  struct Subject {
    let ledger: TestLedger
    /// The place of each byte of `entries`: its entry and its block.
    var entryOfByte: [(entry: UInt64, block: UInt64)] = []
    /// The block of each byte of `checkpoints`.
    var blockOfByte: [UInt64] = []
    var blockOfEntry: [UInt64] = []
    var entriesFile: String { ledger.folder.path + "/entries/000000000000" }

    init(_ extent: Extent = .varied) throws {
      switch extent {
      case .smallest:
        ledger = try TestConsortium(members: 1).found()
        try ledger.appendBlock(1, LedgerWriter(ledger.folder, .inTests))
      case .varied:
        ledger = try TestConsortium(members: 3, validators: 2, quorum: 2).found()
        let writer = try LedgerWriter(ledger.folder, .inTests)
        try ledger.appendBlock(2, writer)
        try ledger.appendBlock(1, writer, payload: String(repeating: "长 ", count: 60))
        try ledger.appendBlock(2, writer)
      }
      let bytes = try [UInt8](Data(contentsOf: URL(filePath: entriesFile)))
      var block: UInt64 = 0
      for (number, range) in EntryFrames.split(bytes.span).ranges.enumerated() {
        entryOfByte += Array(repeating: (UInt64(number), block), count: range.count + 2)
        blockOfEntry.append(block)
        if BlockHeader.isHeader(
          try EntryView(decoding: Array(bytes[range]).span), of: Array(bytes[range]).span)
        {
          block += 1
        }
      }
      let log = try CheckpointLog(in: Directory(ledger.folder.path), writing: false)
      var offset: UInt64 = 0
      while let frame = try log.frame(at: offset) {
        blockOfByte += Array(
          repeating: UInt64(blockOfByte.isEmpty ? 0 : blockOfByte.last! + 1), count: frame.note.count + 8)
        offset = frame.next
      }
      #expect(blockOfByte.last == (extent == .smallest ? 1 : 3))
    }
  }

  /// Runs `body` on `count` numbers, each thread with a copy of the ledger of its own.
  private func spread(
    _ subject: Subject, over count: Int, _ body: @escaping @Sendable (Int, LedgerFolder) throws -> Void
  ) async throws {
    let lanes = max(1, ProcessInfo.processInfo.activeProcessorCount)
    let name = UUID().uuidString
    try await withThrowingTaskGroup(of: Void.self) { group in
      for lane in 0..<lanes {
        let copy = try subject.ledger.copy("\(name)-\(lane)")
        group.addTask {
          try await OwnThread.run {
            for number in stride(from: lane, to: count, by: lanes) { try body(number, copy) }
          }
        }
      }
      try await group.waitForAll()
    }
  }

  private static let audit: @Sendable (LedgerFolder) throws -> LedgerAudit.Report = { folder in
    var options = LedgerAudit.Options()
    options.threads = 1
    return try LedgerAudit.run(folder, options)
  }

  private static func change(_ path: String, _ body: (inout [UInt8]) -> Void, _ check: () throws -> Void)
    throws
  {
    let url = URL(filePath: path)
    let before = try Data(contentsOf: url)
    var bytes = [UInt8](before)
    body(&bytes)
    try Data(bytes).write(to: url)
    defer { try? before.write(to: url) }
    try check()
  }

  @Test(
    "each byte of the entries, flipped, is found where it lies, and rebuild refuses to hide it",
    arguments: Extent.ofThisRun)
  func entries(_ extent: Extent) async throws {
    let subject = try Subject(extent)
    let places = subject.entryOfByte
    #expect(try Self.audit(subject.ledger.folder).faults == [])
    try await spread(subject, over: places.count) { at, folder in
      try Self.change(folder.path + "/entries/000000000000") {
        $0[at] ^= UInt8(truncatingIfNeeded: 1 << (at % 8))
      } _: {
        let report = try Self.audit(folder)
        let place = places[at]
        #expect(
          report.faults.contains { $0.block == place.block && ($0.entry == nil || $0.entry == place.entry) },
          "byte \(at) of entry \(place.entry): \(report.faults)")
        if at % 16 == 0 { #expect(throws: (any Error).self) { try folder.rebuild() } }
      }
    }
  }

  @Test("each byte of the checkpoints, flipped, is found in its block", arguments: Extent.ofThisRun)
  func checkpoints(_ extent: Extent) async throws {
    let subject = try Subject(extent)
    let blocks = subject.blockOfByte
    try await spread(subject, over: blocks.count) { at, folder in
      try Self.change(folder.checkpoints) {
        $0[at] ^= UInt8(truncatingIfNeeded: 1 << (at % 8))
      } _: {
        let report = try Self.audit(folder)
        #expect(
          report.faults.contains { $0.block == blocks[at] },
          "byte \(at) of block \(blocks[at]): \(report.faults)")
        if at % 16 == 0 { #expect(throws: (any Error).self) { try folder.rebuild() } }
      }
    }
  }

  @Test(
    "each byte of what is derived, flipped, is named as derived, and rebuild mends it",
    arguments: Extent.ofThisRun)
  func derived(_ extent: Extent) async throws {
    let subject = try Subject(extent)
    for (name, unit) in [("tiles/0", 32), ("offsets", 8)] {
      let size = try Data(contentsOf: URL(filePath: subject.ledger.folder.path + "/" + name)).count
      let path = name
      try await spread(subject, over: size) { at, folder in
        try Self.change(folder.path + "/" + path) {
          $0[at] ^= UInt8(truncatingIfNeeded: 1 << (at % 8))
        } _: {
          let report = try Self.audit(folder)
          let place = "bytes \(at / unit * unit) to \(at / unit * unit + unit - 1)"
          #expect(report.faults.allSatisfy { $0.code == .derivedMismatch })
          #expect(
            report.faults.contains { $0.detail.contains("/\(path)") && $0.detail.contains(place) },
            "\(at): \(report.faults)")
          if at % 16 == 0 {
            _ = try folder.rebuild()
            #expect(try Self.audit(folder).faults == [])
          }
        }
      }
    }
  }

  @Test("entries and checkpoints cut at each length are missed", arguments: Extent.ofThisRun)
  func truncated(_ extent: Extent) async throws {
    let subject = try Subject(extent)
    let places = subject.entryOfByte
    try await spread(subject, over: places.count) { length, folder in
      try Self.change(folder.path + "/entries/000000000000") {
        $0.removeSubrange(length...)
      } _: {
        let report = try Self.audit(folder)
        #expect(
          report.faults.contains { $0.block == places[length].block }, "cut at \(length): \(report.faults)")
        if length % 16 == 0 { #expect(throws: (any Error).self) { try folder.rebuild() } }
        if length % 16 == 1 { #expect(throws: (any Error).self) { try LedgerWriter(folder, .inTests) } }
      }
    }
    let blocks = subject.blockOfByte
    try await spread(subject, over: blocks.count) { length, folder in
      try Self.change(folder.checkpoints) {
        $0.removeSubrange(length...)
      } _: {
        let report = try Self.audit(folder)
        #expect(
          report.faults.contains {
            ($0.block ?? 0) <= blocks[length] && $0.code == .truncated || $0.code == .missing
              || $0.code == .malformedCheckpoint
          }, "cut at \(length): \(report.faults)")
        if length % 16 == 0 { #expect(throws: (any Error).self) { try folder.rebuild() } }
        if length % 16 == 1 { #expect(throws: (any Error).self) { try LedgerWriter(folder, .inTests) } }
      }
    }
  }

  @Test(
    "what is derived, cut within a unit, is named; cut at one, it is behind; grown, the ledger was longer",
    arguments: Extent.ofThisRun)
  func derivedLengths(_ extent: Extent) async throws {
    let subject = try Subject(extent)
    for (name, unit) in [("tiles/0", 32), ("offsets", 8)] {
      let path = name
      let size = try Data(contentsOf: URL(filePath: subject.ledger.folder.path + "/" + name)).count
      try await spread(subject, over: size) { length, folder in
        try Self.change(folder.path + "/" + path) {
          $0.removeSubrange(length...)
        } _: {
          let report = try Self.audit(folder)
          if length % unit == 0 {
            #expect(report.faults == [], "\(path) cut at \(length)")
            #expect(
              report.notes.contains { $0.hasPrefix("behind") && $0.contains(path) },
              "\(path) cut at \(length): \(report.notes)")
          } else {
            #expect(
              report.faults.contains { $0.code == .derivedMismatch && $0.detail.contains("/\(path)") },
              "\(path) cut at \(length): \(report.faults)")
          }
        }
      }
      let copy = try subject.ledger.copy("grown")
      try Self.change(copy.path + "/" + path) {
        $0 += [UInt8](repeating: 7, count: unit)
      } _: {
        let faults = try Self.audit(copy).faults
        #expect(faults.contains { $0.code == .truncated && $0.detail.contains("/\(path)") })
        #expect(throws: (any Error).self) { try copy.rebuild() }
        #expect(throws: (any Error).self) { try LedgerWriter(copy, .inTests) }
      }
    }
  }

  @Test("two entries swapped are both named")
  func swapped() throws {
    let subject = try Subject()
    let copy = try subject.ledger.copy("swapped")
    try Self.change(copy.path + "/entries/000000000000") { bytes in
      let ranges = EntryFrames.split(bytes.span).ranges
      let (first, second) = (ranges[2], ranges[3])
      let frames = [second, first].flatMap { Array(bytes[$0.lowerBound - 2..<$0.upperBound]) }
      bytes.replaceSubrange(first.lowerBound - 2..<second.upperBound, with: frames)
    } _: {
      let faults = try Self.audit(copy).faults
      #expect(faults.contains { $0.code == .rootMismatch && $0.entry == 2 })
      #expect(faults.contains { $0.code == .rootMismatch && $0.entry == 3 })
    }
  }

  @Test("a block dropped from entries and checkpoints is named")
  func dropped() throws {
    let subject = try Subject()
    let copy = try subject.ledger.copy("dropped")
    try Self.change(copy.checkpoints) { bytes in
      let kept = zip(bytes, subject.blockOfByte).filter { $0.1 != 2 }.map(\.0)
      bytes = kept
    } _: {
      let alone = try Self.audit(copy).faults
      #expect(alone.contains { $0.code == .missing && $0.block == 2 }, "\(alone)")
      try Self.change(copy.path + "/entries/000000000000") { bytes in
        let kept = zip(bytes, subject.entryOfByte).filter { $0.1.block != 2 }.map(\.0)
        bytes = kept
      } _: {
        let faults = try Self.audit(copy).faults
        #expect(faults.contains { $0.block == 2 }, "\(faults)")
      }
    }
  }

  @Test(
    "a huge length prefix in the middle of the checkpoints is named, and what lies behind it is still audited"
  )
  func hugePrefix() throws {
    let subject = try Subject()
    let copy = try subject.ledger.copy("huge")
    let start = try #require(subject.blockOfByte.firstIndex(of: 1))
    try Self.change(copy.checkpoints) { bytes in
      for offset in 0..<4 { bytes[start + offset] = 0xff }
      // Something wrong behind it, in the last block.
      bytes[bytes.count - 10] ^= 1
    } _: {
      let faults = try Self.audit(copy).faults
      #expect(faults.contains { $0.code == .malformedCheckpoint && $0.block == 1 }, "\(faults)")
      #expect(faults.contains { $0.block == 3 }, "\(faults)")
    }
  }

  @Test("a block re-signed by one member instead of the validators is named")
  func resigned() throws {
    let subject = try Subject()
    let copy = try subject.ledger.copy("resigned")
    let start = try #require(subject.blockOfByte.firstIndex(of: 2))
    let end = try #require(subject.blockOfByte.firstIndex(of: 3))
    let stored = try [UInt8](Data(contentsOf: URL(filePath: copy.checkpoints)))
    let text = try SignedNote(parsing: Array(stored[(start + 4)..<(end - 4)]).span).text
    let key = try PrivateKey(generating: .ed25519)
    let signer = try NoteSigner(name: TestConsortium.origin, type: .ed25519, key: key)
    let forged = CheckpointLog.frame(try SignedNote(text: text, signatures: [signer.sign(text)]).bytes)
    try Self.change(copy.checkpoints) { bytes in
      bytes.replaceSubrange(start..<end, with: forged)
    } _: {
      let faults = try Self.audit(copy).faults
      #expect(faults.contains { $0.code == .unknownSigner && $0.block == 2 }, "\(faults)")
      #expect(faults.contains { $0.code == .quorum && $0.block == 2 }, "\(faults)")
    }
  }

  @Test("yesterday's copy fails against today's checkpoint as truncated, and a forked one as fork")
  func rolledBackAndForked() throws {
    let ledger = try TestConsortium().found()
    func append(_ folder: LedgerFolder) throws -> SignedNote {
      let writer = try LedgerWriter(folder, .inTests)
      try ledger.appendBlock(2, writer)
      return writer.checkpoint
    }
    _ = try append(ledger.folder)
    let yesterday = try ledger.copy("yesterday")
    var options = LedgerAudit.Options()
    options.savedCheckpoint = try append(ledger.folder)
    #expect(try ledger.audit(nil, options).faults == [])
    let rolledBack = try ledger.audit(yesterday, options).faults
    #expect(rolledBack.map(\.code) == [.truncated])
    _ = try append(yesterday)
    _ = try append(yesterday)
    let forked = try ledger.audit(yesterday, options).faults
    #expect(forked.map(\.code) == [.fork])
  }

  @Test(
    "in a ledger of several tiles, flips at random places are found whatever the chunk, the threads and the kernel"
  )
  func larger() async throws {
    let ledger = try TestConsortium(members: 2, parameters: ["block-records": 150]).found()
    do {
      let writer = try LedgerWriter(ledger.folder, .inTests)
      for _ in 0..<4 { try ledger.appendBlock(150, writer, payload: String(repeating: "p", count: 300)) }
    }
    #expect(try ledger.audit().faults == [])
    var generator = SeededGenerator(seed: Fuzzing.seed)
    let kernels = [nil] + LaneKernel.all.filter { $0.state == .used || $0.state == .spare }
    print("larger: ZHENG_FUZZ_SEED=\(Fuzzing.seed)")
    for name in ["entries/000000000000", "checkpoints", "tiles/0", "tiles/1", "offsets"] {
      let path = ledger.folder.path + "/" + name
      let size = try Data(contentsOf: URL(filePath: path)).count
      for _ in 0..<(Soak.isOn ? 6 : 1) {
        let at = Int.random(in: 0..<size, using: &generator)
        try Self.change(path) {
          $0[at] ^= 0x40
        } _: {
          var results: [[Fault]] = []
          for (threads, chunk) in [(1, 0), (2, 0), (7, 0), (3, 300_000), (2, 4 << 20)] {
            var options = LedgerAudit.Options()
            (options.threads, options.chunkByteCount) = (threads, chunk)
            results.append(try ledger.audit(nil, options).faults)
          }
          for kernel in kernels {
            results.append(try LaneKernel.forcing(kernel) { try ledger.audit().faults })
          }
          #expect(!results[0].isEmpty, "\(name) at \(at)")
          #expect(results.allSatisfy { $0 == results[0] }, "\(name) at \(at): \(results)")
        }
      }
    }
    for cut in stride(from: 1, to: 64, by: 7) {
      try Self.change(ledger.folder.path + "/tiles/1") {
        $0.removeSubrange(cut...)
      } _: {
        let report = try ledger.audit()
        #expect(report.isGood == (cut % 32 == 0))
      }
    }
  }
}
