import Foundation
import Ledger
import LedgerCrypto
import TestKit
import Testing

@testable import LedgerStore

/// The files of the state against the tree in memory.
@Suite("The files of the state", .timeLimit(.minutes(30)))
struct StateFilesTests {
  /// A state in files, what it must be, and the root after each block: what a ledger's headers would say.
  private struct Fixture {
    let folder: TemporaryFolder
    let ledger: Directory
    var files: StateFiles
    var memory = StateMemory()
    var values: [StateKey: [UInt8]] = [:]
    var places: [StateKey: UInt64] = [:]
    var roots: [Digest] = []

    init() throws {
      folder = try TemporaryFolder()
      ledger = try Directory(folder.path)
      files = try StateFiles.make(in: ledger)
    }

    func key(_ number: Int) -> StateKey { .subject("E-\(number)", of: "plain") }

    /// Applies and keeps a block of random changes of keys below `range`.
    mutating func addBlock(
      _ count: Int, of range: Int, removing: Bool = false, _ generator: inout SeededGenerator,
      using hasher: inout StateHasher
    ) throws {
      var changes: [StateKey: [UInt8]?] = [:]
      for _ in 0..<count {
        let removes = removing && UInt8.random(in: 0..<2, using: &generator) == 0
        changes.updateValue(
          removes ? nil : generator.bytes(Int.random(in: 0...40, using: &generator)),
          forKey: key(Int.random(in: 0..<range, using: &generator)))
      }
      let list = changes.map { (key: $0.key, value: $0.value) }
      let batch = StateBatch(list, using: &hasher)
      let new = batch.changes.map { _ in generator.next() }
      let root = try files.apply(batch, places: new, height: UInt64(roots.count), using: &hasher)
      #expect(root == memory.apply(batch.changes, using: &hasher))
      files.keep()
      roots.append(root)
      for (key, value) in list {
        values[key] = value
        let path = hasher.path(of: key)
        places[key] = value == nil ? nil : batch.changes.firstIndex { $0.path == path }.map { new[$0] }
      }
    }

    /// Opens the files again, as a ledger of the first `blocks` blocks.
    func open(
      writing: Bool = false, blocks: Int? = nil, using hasher: inout StateHasher
    ) throws -> StateFiles? {
      let signed = roots.prefix(blocks ?? roots.count)
      return try StateFiles.open(in: ledger, writing: writing, using: &hasher) {
        $0 < UInt64(signed.count) ? signed[Int($0)] : nil
      }
    }

    /// Whether `files` says the truth of `key`; false where it says that it does not know.
    func isTrue(
      _ key: StateKey, in files: inout StateFiles, isDamaged: Bool = false, using hasher: inout StateHasher
    ) throws -> Bool {
      let found: StateFiles.Found
      do { found = try files.look(hasher.path(of: key), using: &hasher) } catch is StateMismatch {
        return false
      }
      let proof = StateProof(key, values[key], way: found.way) { _ in found.valueHash ?? .zero }
      let proven = try proof.check(key, root: roots[roots.count - 1], using: &hasher)
      #expect(proven.value == values[key])
      if let value = values[key] {
        #expect(found.valueHash == hasher.valueHash(value.span))
        // The place is no part of the tree: what is found there is compared with the value's hash.
        if !isDamaged { #expect(found.place == places[key]) }
      }
      return true
    }
  }

  @Test(
    "blocks of new, replaced and removed keys give the roots of the tree in memory, and every key is proven")
  func follows() throws {
    var hasher = StateHasher()
    var generator = SeededGenerator(seed: 7)
    var fixture = try Fixture()
    for block in 0..<60 {
      try fixture.addBlock(40, of: 20 * (block + 1), removing: block % 3 == 0, &generator, using: &hasher)
      try fixture.files.maintain(using: &hasher)
    }
    #expect(fixture.files.top.depth > StateFiles.minimumDepth)
    #expect(fixture.files.generation > 0)
    for writing in [false, true] {
      var opened = try #require(try fixture.open(writing: writing, using: &hasher))
      #expect(opened.root == fixture.roots.last && opened.count == fixture.values.count)
      for number in 0..<1300 {
        #expect(try fixture.isTrue(fixture.key(number), in: &opened, using: &hasher))
      }
    }
    // Down to a few, so that leaves rise out of their buckets.
    while fixture.values.count > 3 {
      let keys = fixture.values.keys.prefix(50).filter { $0 != fixture.values.keys.first }
      guard !keys.isEmpty else { break }
      let batch = StateBatch(keys.map { ($0, nil) }, using: &hasher)
      let root = try fixture.files.apply(
        batch, places: batch.changes.map { _ in 0 }, height: UInt64(fixture.roots.count), using: &hasher)
      #expect(root == fixture.memory.apply(batch.changes, using: &hasher))
      fixture.files.keep()
      for key in keys { fixture.values[key] = nil }
      fixture.roots.append(root)
    }
    for number in 0..<200 {
      #expect(try fixture.isTrue(fixture.key(number), in: &fixture.files, using: &hasher))
    }
  }

  @Test(
    "cut anywhere, opening gives the state after the last whole block, and the next writer goes on from there"
  )
  func cut() throws {
    var hasher = StateHasher()
    var generator = SeededGenerator(seed: 9)
    var fixture = try Fixture()
    for block in 0..<8 {
      try fixture.addBlock(5, of: 20, removing: true, &generator, using: &hasher)
      if block == 3 { try fixture.files.save() }
    }
    let path = "\(fixture.folder.path)/state/leaves-0"
    let whole = try Data(contentsOf: URL(filePath: path))
    for withTop in [true, false] {
      if !withTop { try FileManager.default.removeItem(atPath: "\(fixture.folder.path)/state/top") }
      var heights: Set<UInt64> = []
      for count in stride(from: whole.count, through: 0, by: -7) {
        try whole.prefix(count).write(to: URL(filePath: path))
        guard let opened = try fixture.open(using: &hasher), let height = opened.height else { continue }
        #expect(opened.root == fixture.roots[Int(height)])
        heights.insert(height)
      }
      #expect(heights == Set(0...7))
    }
    try whole.prefix(whole.count - 1).write(to: URL(filePath: path))
    fixture.files = try #require(try fixture.open(writing: true, using: &hasher))
    #expect(fixture.files.height == 6)
    let batch = StateBatch([(fixture.key(99), [9])], using: &hasher)
    let root = try fixture.files.apply(batch, places: [1], height: 7, using: &hasher)
    fixture.files.keep()
    fixture.roots[7] = root
    #expect(try fixture.open(using: &hasher)?.root == root)
  }

  @Test("blocks that the ledger does not have are dropped by whoever writes, and not seen by whoever reads")
  func ahead() throws {
    var hasher = StateHasher()
    var generator = SeededGenerator(seed: 10)
    var fixture = try Fixture()
    for _ in 0..<5 { try fixture.addBlock(5, of: 20, &generator, using: &hasher) }
    #expect(try fixture.open(blocks: 3, using: &hasher)?.height == 2)
    #expect(try fixture.open(writing: true, blocks: 3, using: &hasher)?.height == 2)
    #expect(try fixture.open(using: &hasher)?.height == 2)
    // A top of a block that the ledger does not have is of no use, but the leaves are.
    fixture.files = try #require(try fixture.open(writing: true, using: &hasher))
    try fixture.files.save()
    #expect(try fixture.open(blocks: 2, using: &hasher)?.height == 1)
    #expect(try fixture.open(blocks: 0, using: &hasher) == nil)
  }

  @Test(
    "any byte altered, any 4 KiB put back from before: the truth is told or nothing, and no other root comes out"
  )
  func altered() throws {
    var hasher = StateHasher()
    var generator = SeededGenerator(seed: 11)
    var fixture = try Fixture()
    for _ in 0..<8 { try fixture.addBlock(60, of: 90, removing: true, &generator, using: &hasher) }
    try fixture.files.save()
    let folder = URL(filePath: fixture.folder.path).appending(path: "state")
    let names = ["leaves-0", "top"]
    let old = try names.map { try Data(contentsOf: folder.appending(path: $0)) }
    for _ in 0..<2 { try fixture.addBlock(60, of: 90, removing: true, &generator, using: &hasher) }
    try fixture.files.save()
    try fixture.addBlock(20, of: 90, removing: true, &generator, using: &hasher)
    let new = try names.map { try Data(contentsOf: folder.appending(path: $0)) }
    let removed = StateBatch(fixture.values.keys.map { ($0, nil) }, using: &hasher)
    var (told, untold) = (0, 0)
    for (file, name) in names.enumerated() {
      var damaged: [Data] = []
      for page in stride(from: 0, to: new[file].count, by: 4096) where page < old[file].count {
        var bytes = new[file]
        bytes.replaceSubrange(
          page..<min(page + 4096, bytes.count, old[file].count),
          with: old[file][page..<min(page + 4096, bytes.count, old[file].count)])
        if bytes != new[file] { damaged.append(bytes) }
      }
      let step = Soak.isOn ? 1 : new[file].count / 150
      for place in stride(from: 0, to: new[file].count, by: step) {
        var bytes = new[file]
        bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &generator)
        damaged.append(bytes)
      }
      for bytes in damaged {
        try bytes.write(to: folder.appending(path: name))
        guard var opened = try fixture.open(using: &hasher), let height = opened.height else {
          untold += 1
          continue
        }
        #expect(opened.root == fixture.roots[Int(height)])
        guard height + 1 == UInt64(fixture.roots.count) else { continue }
        for number in stride(from: 0, to: 95, by: 7) {
          if try fixture.isTrue(fixture.key(number), in: &opened, isDamaged: true, using: &hasher) {
            told += 1
          } else {
            untold += 1
          }
        }
        var file = try #require(try fixture.open(using: &hasher))
        let places = removed.changes.map { _ in UInt64(0) }
        do {
          // Everything is removed, so that every bucket is read.
          #expect(try file.apply(removed, places: places, height: height + 1, using: &hasher) == .zero)
        } catch is StateMismatch {}
      }
      try new[file].write(to: folder.appending(path: name))
    }
    #expect(told > 0 && untold > 0)
  }

  @Test("a leaf rises beside a bucket that becomes empty only if the bucket's leaves say that it is alone")
  func rising() throws {
    var hasher = StateHasher()
    var fixture = try Fixture()
    // Two keys in one bucket, and one in the bucket beside it.
    var byBucket: [Int: [StateKey]] = [:]
    var (pair, single): (Int?, Int?)
    for number in 0..<2000 {
      let bucket = hasher.path(of: fixture.key(number)).bucket(depth: StateFiles.minimumDepth)
      byBucket[bucket, default: []].append(fixture.key(number))
    }
    pair = byBucket.keys.sorted().first { byBucket[$0, default: []].count > 1 && byBucket[$0 ^ 1] != nil }
    single = pair.map { $0 ^ 1 }
    let two = Array(try #require(pair.flatMap { byBucket[$0] }).prefix(2))
    let one = try #require(single.flatMap { byBucket[$0]?.first })
    let batch = StateBatch((two + [one]).map { ($0, [1]) }, using: &hasher)
    fixture.roots.append(
      try fixture.files.apply(batch, places: [0, 0, 0], height: 0, using: &hasher))
    fixture.files.keep()
    try fixture.files.save()
    // The top says that the two are a single leaf.
    let path = URL(filePath: "\(fixture.folder.path)/state/top")
    var bytes = try Data(contentsOf: path)
    let number = 1 << StateFiles.minimumDepth + (try #require(pair))
    let word = StateTopHead.byteCount + 8 << StateFiles.minimumDepth + number / 64 * 8
    bytes[word + number % 64 / 8] ^= 1 << UInt8(number % 8)
    try bytes.write(to: path)
    var opened = try #require(try fixture.open(using: &hasher))
    let removal = StateBatch([(one, nil)], using: &hasher)
    #expect(throws: StateMismatch.self) {
      _ = try opened.apply(removal, places: [0], height: 1, using: &hasher)
    }
  }
}

extension StateFiles {
  /// Applies a batch whose values lie at `places`, whatever was there before.
  mutating func apply(
    _ batch: StateBatch, places: [UInt64], height: UInt64, using hasher: inout StateHasher
  ) throws -> Digest {
    try apply(batch.changes.map(\.path), height: height, using: &hasher) { _, _ in (batch, places) }
  }
}
