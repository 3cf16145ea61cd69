import Foundation
import TestKit
import Testing

/// A disk that is full, and not only one that says so.
@Suite(
  "A ledger on a full disk", .timeLimit(.minutes(30)),
  .enabled(if: SmallDisk.isAllowed, "needs the right to mount"))
struct FullDiskTests {
  @Test(
    "wherever the disk fills up, exit 0 means recorded and 74 means not; all that reads goes on, and nothing is lost"
  )
  func full() async throws {
    let box = try Sandbox()
    try await box.found()
    try box.copy(".state", to: ".state-then")
    var (recorded, refused) = (0, 0)
    for free in Swift.stride(from: 0, through: 96, by: Soak.isOn ? 4 : 12) {
      let disk = try SmallDisk(at: box.url("disk-\(free)"))
      defer { disk.end() }
      let ledger = "disk-\(free)/ledger"
      try box.copy("ledger", to: ledger)
      // Each disk has a history of its own.
      try box.copy(".state-then", to: ".state")
      try disk.fill(leaving: free << 10)
      let outcome = try await box.zheng(
        "append", ledger, "--key", "notary.pem", "-", input: Data(repeating: 120, count: 9_000))
      let list = try await box.zheng("list", ledger, "--json")
      #expect(list.status == 0, "\(free) KiB free: \(list.errors)")
      let count = list.lines.count
      switch outcome.status {
      case 0:
        recorded += 1
        #expect(count == 2, "\(free) KiB free")
      case 74:
        refused += 1
        #expect(count == 1 && outcome.errors.contains("space"), "\(free) KiB free: \(outcome.errors)")
      default: Issue.record("\(free) KiB free: exit \(outcome.status), \(outcome.errors)")
      }
      let verified = try await box.zheng("verify", ledger, "--policy", "policy")
      #expect(verified.status == 0, "\(free) KiB free: \(verified.text)")
      try disk.empty()
      let next = try await box.zheng("append", ledger, "--key", "notary.pem", "-", input: Data("next".utf8))
      #expect(next.status == 0, "\(free) KiB free: \(next.errors)")
      #expect(try await box.must(zheng: "list", ledger, "--json").lines.count == count + 1)
    }
    #expect(recorded > 0 && refused > 0)
  }
}

/// A file system of a MiB, in memory.
private struct SmallDisk {
  private let place: URL

  /// Whether one can be mounted here.
  static let isAllowed: Bool = {
    do {
      let box = try Sandbox()
      try SmallDisk(at: box.url("disk")).end()
      return true
    } catch { return false }
  }()

  init(at place: URL) throws {
    try FileManager.default.createDirectory(at: place, withIntermediateDirectories: false)
    guard mount("zheng-test", place.path, "tmpfs", 0, "size=1m") == 0 else {
      throw CocoaError(.fileWriteNoPermission)
    }
    self.place = place
  }

  /// Fills it up but for `count` bytes.
  func fill(leaving count: Int) throws {
    var status = statvfs()
    guard statvfs(place.path, &status) == 0 else { throw CocoaError(.fileReadUnknown) }
    let free = Int(status.f_bavail) * Int(status.f_frsize)
    try Data(count: max(0, free - count)).write(to: place.appending(path: "ballast"))
  }

  func empty() throws { try FileManager.default.removeItem(at: place.appending(path: "ballast")) }

  func end() { umount2(place.path, Int32(MNT_DETACH)) }
}
