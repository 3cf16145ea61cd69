import Foundation
import LedgerCrypto
import TestKit
import Testing

@testable import Ledger
@testable import LedgerStore

/// The values of the state as they lie on the disk, and the lists that an audit keeps of them.
@Suite("The values of the state", .timeLimit(.minutes(30)))
struct StateValuesTests {
  @Test(
    "values of all sizes are checked where they lie, and one that differs, is cut off or lies elsewhere is noticed"
  )
  func check() throws {
    let folder = try TemporaryFolder()
    let directory = try Directory(folder.path)
    var hasher = StateHasher()
    // Short ones, some longer than what is read at once, and nothing at all.
    let sizes = [0, 1, 60, 252, 253, 4000, 16_380, 16_381, 40_000, 7, 100_000, 3]
    let values = StateValues(sizes.map { size in (0..<size).map { UInt8(truncatingIfNeeded: $0 &* 7) } })
    var file = try ValuesFile(makingIn: directory)
    let places = file.places(of: values)
    file.append(values.bytes)
    var leaves: [StateFiles.OldLeaf] = []
    for (number, place) in places.enumerated() {
      let value = try #require(values[number])
      leaves.append(StateFiles.OldLeaf(valueHash: hasher.valueHash(value.span), place: place))
    }
    try file.check(leaves.shuffled(), using: &hasher)
    try file.check([], using: &hasher)
    let bytes = values.bytes
    for number in sizes.indices {
      let other = StateFiles.OldLeaf(
        valueHash: leaves[(number + 1) % leaves.count].valueHash, place: leaves[number].place)
      var wrong = leaves
      wrong[number] = other
      #expect(throws: StateMismatch.self, "another hash at \(number)") {
        try file.check(wrong, using: &hasher)
      }
      wrong[number] = StateFiles.OldLeaf(valueHash: leaves[number].valueHash, place: places[number] + 1)
      #expect(throws: StateMismatch.self, "another place at \(number)") {
        try file.check(wrong, using: &hasher)
      }
      let (first, last) = (
        Int(places[number]), Int(places[number]) + StateValues.headByteCount + sizes[number] - 1
      )
      for place in [first, last] {
        var damaged = bytes
        damaged[place] ^= 1
        let url = URL(filePath: "\(folder.path)/\(ValuesFile.name)")
        try Data(damaged).write(to: url)
        let read = try #require(try ValuesFile(in: directory, writing: false))
        #expect(throws: StateMismatch.self, "byte \(place) altered") {
          try read.check(leaves, using: &hasher)
        }
        try Data(bytes.prefix(place)).write(to: url)
        let short = try #require(try ValuesFile(in: directory, writing: false))
        #expect(throws: StateMismatch.self, "cut at byte \(place)") {
          try short.check(leaves, using: &hasher)
        }
      }
    }
  }

  @Test(
    "an audit, the files and a state in memory have one root, whatever lists grow and whichever values go")
  func roots() throws {
    let folder = try TemporaryFolder()
    let (store, inMemory) = (try StateStore.make(in: Directory(folder.path)), StateStore())
    var (audit, memory) = (StateAudit(), StateInMemory())
    var hasher = StateHasher()
    var generator = SeededGenerator(seed: 16)
    var index: UInt64 = 0
    for height in 0..<60 {
      var changes = StateChanges()
      for _ in 0..<Int.random(in: 0...40, using: &generator) {
        let lists = (0..<Int.random(in: 0...3, using: &generator)).map { _ in
          StateKey.subject("E-\(Int.random(in: 0..<300, using: &generator))", of: "plain")
        }
        changes.add(.init(id: SHA256.digest(of: generator.bytes(8)), index: index), at: lists)
        index += 1
      }
      for _ in 0..<Int.random(in: 0...10, using: &generator) {
        let key = StateKey("scene", "\(Int.random(in: 0..<60, using: &generator))")
        changes.add([
          StateChange(key, Bool.random(using: &generator) ? generator.bytes(20) : nil)
        ])
      }
      changes.end(using: &hasher)
      index += 1
      let root = try memory.apply(changes, using: &hasher)
      #expect(try audit.apply(changes) == root, "the audit's at \(height)")
      // What is only tried gives the same root, as often as one likes, and leaves nothing behind.
      for trial in [store, inMemory] {
        for _ in 0..<2 {
          #expect(try trial.root(after: changes, height: UInt64(height)) == root, "a trial's at \(height)")
        }
        #expect(trial.height == (height == 0 ? nil : UInt64(height - 1)))
      }
      #expect(try inMemory.apply(changes, height: UInt64(height)) == root)
      #expect(try store.apply(changes, height: UInt64(height)) == root, "the files' at \(height)")
      let keys = (0..<300).map { StateKey.subject("E-\($0)", of: "plain") }
      let stored = try store.values(of: keys)
      for (key, value) in zip(keys, stored) where memory.value(of: key, using: &hasher) != value {
        Issue.record("\(key.name) at \(height)")
      }
    }
  }
}
