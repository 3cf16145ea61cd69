import Foundation
import Statements

/// Something that is to become a record.
struct RecordItem: Sendable {
  /// What its receipt is called by: a path, or a path and a line.
  let name: String
  let content: Content

  enum Content: Sendable {
    /// Bytes to sign.
    case payload([UInt8])
    /// An entry that somebody has signed.
    case signed([UInt8])
    /// More bytes than any entry has; how many, where that is known.
    case tooLarge(UInt64?)
  }

  /// About how much memory it takes.
  var byteCount: Int {
    switch content {
    case .payload(let bytes), .signed(let bytes): bytes.count
    case .tooLarge: 0
    }
  }
}

/// What is to be appended, one after the other, in bounded memory.
final class RecordSource {
  /// What becomes a record.
  enum Unit: Sendable {
    case file, line, signedFile
  }

  /// What `next` gives.
  enum Next {
    case item(RecordItem)
    /// Nothing is there right now, but the end has not come.
    case pause
    case end
  }

  private var paths: ArraySlice<String>
  private let unit: Unit
  private var lines: LineReader?

  /// - Throws: no such input, if one of `paths` can't be read: better now than in the middle.
  init(_ paths: [String], _ unit: Unit) throws {
    guard paths.count(where: { $0 == "-" }) <= 1 else {
      throw CommandError.usage("standard input, -, can be given once only")
    }
    for path in paths where path != "-" { try Files.requireReadable(path) }
    (self.paths, self.unit) = (paths[...], unit)
  }

  /// The next item.
  ///
  /// - Parameter patience: how long to wait for more lines, in ms; nil for as long as it takes.
  func next(patience: Int32?) throws -> Next {
    while true {
      if let lines {
        let next = try lines.next(patience: patience)
        if case .end = next {
          self.lines = nil
          continue
        }
        return next
      }
      guard let path = paths.popFirst() else { return .end }
      if unit == .line {
        lines = LineReader(try Files.Input(path))
      } else {
        return .item(try item(path))
      }
    }
  }

  private func item(_ path: String) throws -> RecordItem {
    guard let bytes = try Files.contents(path, limit: StatementDraft.maximumEntryByteCount) else {
      let count = path == "-" ? nil : Files.byteCount(path)
      return RecordItem(name: path, content: .tooLarge(count))
    }
    return RecordItem(name: path, content: unit == .signedFile ? .signed(bytes) : .payload(bytes))
  }
}

/// The lines of a file of any size; one that is too long for an entry is stepped over.
private final class LineReader {
  private let input: Files.Input
  private var buffer: [UInt8] = []
  private var position = 0
  private var number = 0
  private var isAtEnd = false

  init(_ input: Files.Input) { self.input = input }

  func next(patience: Int32?) throws -> RecordSource.Next {
    var searched = 0
    var skipped: UInt64?
    while true {
      if let end = newline(from: position + searched) {
        defer { position = end + 1 }
        if let skipped { return item(.tooLarge(skipped + UInt64(end - position))) }
        return item(.payload(Array(buffer[position..<end])))
      }
      if buffer.count - position > StatementDraft.maximumEntryByteCount {
        skipped = (skipped ?? 0) + UInt64(buffer.count - position)
        position = buffer.count
      }
      searched = buffer.count - position
      if isAtEnd {
        guard searched > 0 || skipped != nil else { return .end }
        defer { position = buffer.count }
        return item(skipped.map { .tooLarge($0 + UInt64(searched)) } ?? .payload(Array(buffer[position...])))
      }
      if let patience, skipped == nil, !input.isReady(within: patience) { return .pause }
      buffer.removeSubrange(..<position)
      position = 0
      let part = try input.read(upTo: 1 << 18)
      isAtEnd = part.isEmpty
      buffer += part
    }
  }

  private func item(_ content: RecordItem.Content) -> RecordSource.Next {
    number += 1
    return .item(RecordItem(name: "\(input.path):\(number)", content: content))
  }

  private func newline(from start: Int) -> Int? {
    buffer.withUnsafeBytes { bytes in
      guard start < bytes.count, let base = bytes.baseAddress,
        let found = memchr(base + start, Int32(UInt8(ascii: "\n")), bytes.count - start)
      else { return nil }
      return found - UnsafeMutableRawPointer(mutating: base)
    }
  }
}
