import Foundation

/// Bytes that fill whole pages, with a page before them and one behind that nobody may read: who does crashes.
final class GuardedBytes {
  static let pageByteCount = Int(sysconf(Int32(_SC_PAGESIZE)))

  private let pages: UnsafeMutableRawBufferPointer

  /// As many bytes as some number of pages has.
  init(_ bytes: [UInt8]) throws {
    let page = GuardedBytes.pageByteCount
    precondition(bytes.count % page == 0, "the bytes fill pages")
    let count = bytes.count + 2 * page
    guard let start = mmap(nil, count, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0),
      start != MAP_FAILED
    else { throw POSIXError(.ENOMEM) }
    pages = UnsafeMutableRawBufferPointer(start: start, count: count)
    (start + page).copyMemory(from: bytes, byteCount: bytes.count)
    for guardPage in [start, start + page + bytes.count] {
      guard mprotect(guardPage, page, PROT_NONE) == 0 else { throw POSIXError(.EINVAL) }
    }
  }

  deinit { munmap(pages.baseAddress, pages.count) }

  func withSpan<Value>(_ body: (Span<UInt8>) throws -> Value) rethrows -> Value {
    let page = GuardedBytes.pageByteCount
    let bytes = UnsafeRawBufferPointer(rebasing: pages[page..<pages.count - page])
    return try body(bytes.assumingMemoryBound(to: UInt8.self).span)
  }
}
