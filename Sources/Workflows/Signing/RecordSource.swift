import Foundation
import Ledger
import Statements

/// Something that is to become a record.
package struct RecordItem: Sendable {
  /// What its receipt is called by: a path, or a path and a line.
  package let name: String
  package let content: Content

  package enum Content: Sendable {
    /// Bytes to sign.
    case payload([UInt8])
    /// An entry that somebody has signed, and where it lies in what was read.
    case signed([UInt8], at: Range<Int>)
    /// More bytes than any entry has; how many, where that is known.
    case tooLarge(UInt64?)
  }

  /// About how much memory it takes.
  package var byteCount: Int {
    switch content {
    case .payload(let bytes): bytes.count
    case .signed(_, let range): range.count
    case .tooLarge: 0
    }
  }
}

/// What is to be appended, one after the other, in bounded memory.
package final class RecordSource {
  /// What becomes a record.
  package enum Unit: Sendable {
    case file, line, signedFile
    /// Each signed statement of a CBOR sequence of them.
    case statement
  }

  /// The most bytes of a CBOR sequence: it is read whole before the first of its statements is given.
  package static let sequenceLimit = 512 << 20

  /// What `next` gives.
  package enum Next {
    case item(RecordItem)
    /// Nothing is there right now, but the end has not come.
    case pause
    case end
  }

  private var paths: ArraySlice<String>
  private let unit: Unit
  private let allowsEmptyInput: Bool
  private var lines: LineReader?
  private var statements: Statements?

  private struct Statements {
    let path: String
    let bytes: [UInt8]
    let ranges: [Range<Int>]
    var next = 0
    /// What they are called by, where that is not their number.
    var names: [String]?
  }

  /// - Parameter allowsEmptyInput: whether standard input may be empty, which is mostly the end of a failed pipeline.
  /// - Throws: no such input, if one of `paths` can't be read: better now than in the middle.
  package init(_ paths: [String], _ unit: Unit, allowsEmptyInput: Bool = false) throws {
    guard paths.count(where: { $0 == "-" }) <= 1 else {
      throw WorkflowError.usage("standard input, -, can be given once only")
    }
    for path in paths where path != "-" { try Files.requireReadable(path) }
    (self.paths, self.unit, self.allowsEmptyInput) = (paths[...], unit, allowsEmptyInput)
  }

  /// Statements that were signed just now, with what each is called by.
  init(signed entries: [(name: String, entry: [UInt8])]) {
    (paths, unit, allowsEmptyInput) = ([], .statement, true)
    var (bytes, ranges): ([UInt8], [Range<Int>]) = ([], [])
    for (_, entry) in entries {
      ranges.append(bytes.count..<bytes.count + entry.count)
      bytes += entry
    }
    statements = Statements(path: "", bytes: bytes, ranges: ranges, names: entries.map(\.name))
  }

  /// The next item.
  ///
  /// - Parameter patience: how long to wait for more lines, in ms; nil for as long as it takes.
  package func next(patience: Int32?) throws -> Next {
    while true {
      if let lines {
        let next = try lines.next(patience: patience)
        if case .end = next {
          if lines.count == 0 { try requireNotEmpty(lines.path) }
          self.lines = nil
          continue
        }
        return next
      }
      if let item = nextStatement() { return .item(item) }
      guard let path = paths.popFirst() else { return .end }
      switch unit {
      case .line: lines = LineReader(try Files.Input(path))
      case .statement: statements = try read(path)
      case .file, .signedFile: return .item(try item(path))
      }
    }
  }

  private func nextStatement() -> RecordItem? {
    guard let current = statements, current.next < current.ranges.count else {
      statements = nil
      return nil
    }
    statements?.next += 1
    return RecordItem(
      name: current.names?[current.next] ?? "\(current.path):\(current.next + 1)",
      content: .signed(current.bytes, at: current.ranges[current.next]))
  }

  /// The sequence in the file at `path`, which is seen to be one up to its end.
  private func read(_ path: String) throws -> Statements {
    let limit = RecordSource.sequenceLimit
    guard let read = try Files.contents(path, limit: limit) else {
      throw WorkflowError.usage(
        "\(path): larger than \(Printable.byteCount(UInt64(limit))); cut it in parts between two statements")
    }
    // Foreign signers give either s; the ledger takes the lower.
    let bytes = EntrySequence.withLowS(read)
    if bytes.isEmpty { try requireNotEmpty(path) }
    let split = Result { () throws(SequenceError) in try EntrySequence.split(bytes.span) }
    switch split {
    case .success(let ranges): return Statements(path: path, bytes: bytes, ranges: ranges)
    case .failure(let error):
      throw Refusal(
        error.reason.code == .tooLarge ? .tooLarge : .malformed,
        "\(path): \(error); nothing of this file was appended")
    }
  }

  /// Sees that it was not standard input in which nothing was, unless that is allowed.
  private func requireNotEmpty(_ path: String) throws {
    guard path == "-", !allowsEmptyInput else { return }
    throw WorkflowError(
      .noInput, "empty-input",
      "standard input is empty, so nothing of it was taken; did the command before it fail?",
      lead: .emptyInput)
  }

  private func item(_ path: String) throws -> RecordItem {
    guard let bytes = try Files.contents(path, limit: StatementDraft.maximumEntryByteCount) else {
      let count = path == "-" ? nil : Files.byteCount(path)
      return RecordItem(name: path, content: .tooLarge(count))
    }
    if bytes.isEmpty { try requireNotEmpty(path) }
    guard unit == .signedFile else { return RecordItem(name: path, content: .payload(bytes)) }
    return RecordItem(name: path, content: .signed(EntrySequence.withLowS(bytes), at: bytes.indices))
  }
}

/// The lines of a file of any size; one that is too long for an entry is stepped over.
private final class LineReader {
  private let input: Files.Input
  private var buffer: [UInt8] = []
  private var position = 0
  /// How many lines it has given.
  private(set) var count = 0
  var path: String { input.path }
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
    count += 1
    return .item(RecordItem(name: "\(input.path):\(count)", content: content))
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
