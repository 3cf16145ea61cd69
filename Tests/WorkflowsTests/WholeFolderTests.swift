import Foundation
import TestKit
import Testing
import Workflows

@Suite("A directory that is made whole")
struct WholeFolderTests {
  private let path: String

  init() throws {
    path = FileManager.default.temporaryDirectory.path + "/whole-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  private var names: [String] {
    get throws { try FileManager.default.contentsOfDirectory(atPath: path).sorted() }
  }

  private struct Stopped: Error {}

  @Test("is there with everything in it, or not at all")
  func wholeOrNothing() throws {
    defer { try? FileManager.default.removeItem(atPath: path) }
    #expect(throws: Stopped.self) {
      try Files.makeFolder("\(path)/p", doing: "proofs", note: { _ in }) { folder in
        try Files.create("\(folder)/one", [1])
        throw Stopped()
      }
    }
    #expect(try names == [])
    try Files.makeFolder("\(path)/p", doing: "proofs", note: { _ in }) { folder in
      try Files.create("\(folder)/one", [1])
      #expect(!Files.exists("\(path)/p"), "half of it is never at its place")
      try Files.create("\(folder)/two", [2])
    }
    #expect(try names == ["p"])
    #expect(try FileManager.default.contentsOfDirectory(atPath: "\(path)/p").sorted() == ["one", "two"])
    #expect(throws: WorkflowError.self) {
      try Files.makeFolder("\(path)/p", doing: "proofs", note: { _ in }) { _ in
        Issue.record("nothing is made where something is")
      }
    }
  }

  @Test("what one who was killed has left is removed by the next, and nobody else's work")
  func abandoned() throws {
    defer { try? FileManager.default.removeItem(atPath: path) }
    try Files.makeFolder("\(path)/p.proofs-1234567")
    try Files.create("\(path)/p.proofs-1234567/one", [1])
    try Files.makeFolder("\(path)/p.proofs-kept")
    var notes: [String] = []
    try Files.makeFolder("\(path)/p", doing: "proofs", note: { notes.append($0) }) { _ in }
    #expect(try names == ["p", "p.proofs-kept"])
    #expect(notes.count == 1 && notes[0].contains("p.proofs-1234567"))
  }
}
