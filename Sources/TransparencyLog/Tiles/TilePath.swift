/// The path of a tile or entry bundle below a log's prefix, such as `tile/0/x001/x234/067.p/8` (C2SP tlog-tiles).
///
/// One resource has one spelling, so equal paths are equal texts.
public struct TilePath: Hashable, Sendable, CustomStringConvertible {
  /// What a path leads to.
  public enum Kind: Hashable, Sendable {
    /// Hashes of this tile level, 0...63.
    case hashes(level: Int)
    /// Log entries.
    case entries
  }

  /// What the path leads to.
  public let kind: Kind
  /// The index of the tile within its level, or of the bundle.
  public let index: UInt64
  /// The number of hashes or entries, 1...256; below 256 it is a partial tile.
  public let width: Int

  /// The path of these parts. Traps if the level is not in 0...63 or the width not in 1...256.
  public init(kind: Kind, index: UInt64, width: Int = Tiles.width) {
    if case .hashes(let level) = kind {
      precondition((0...Tiles.maximumLevel).contains(level), "a tile's level is in 0...63")
    }
    precondition((1...Tiles.width).contains(width), "a tile's width is in 1...256")
    self.kind = kind
    self.index = index
    self.width = width
  }

  /// The path with this text, without a leading slash.
  ///
  /// - Throws: `malformedPath` for any text but the one that `description` gives.
  public init(_ text: String) throws(LogError) {
    // The longest is tile/entries/, seven elements of an index, and .p/255.
    guard text.utf8.count <= 52,
      let path = TilePath(
        parts: text.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false))
    else { throw LogError(.malformedPath, "not the path of a tile or entry bundle") }
    self = path
  }

  /// The tile level whose hashes it holds; entries are under level 0.
  public var level: Int {
    switch kind {
    case .hashes(let level): level
    case .entries: 0
    }
  }

  /// The text, without a leading slash.
  public var description: String {
    var elements: [String] = []
    var rest = index
    repeat {
      let digits = String(rest % 1000)
      let padded = String(repeating: "0", count: 3 - digits.utf8.count) + digits
      elements.append(elements.isEmpty ? padded : "x" + padded)
      rest /= 1000
    } while rest > 0
    let name =
      switch kind {
      case .hashes(let level): String(level)
      case .entries: "entries"
      }
    let text = "tile/\(name)/\(elements.reversed().joined(separator: "/"))"
    return width < Tiles.width ? "\(text).p/\(width)" : text
  }

  private init?(parts: [Substring.UTF8View]) {
    guard parts.count >= 3, parts[0].elementsEqual("tile".utf8) else { return nil }
    let kind: Kind
    if parts[1].elementsEqual("entries".utf8) {
      kind = .entries
    } else {
      guard let level = Decimal.parse(parts[1]), level <= UInt64(Tiles.maximumLevel) else { return nil }
      kind = .hashes(level: Int(level))
    }
    var elements = parts[2...]
    var width = Tiles.width
    if elements.count >= 2, elements[elements.endIndex - 2].suffix(2).elementsEqual(".p".utf8) {
      guard let last = elements.popLast(), let partial = Decimal.parse(last),
        (1..<UInt64(Tiles.width)).contains(partial)
      else { return nil }
      width = Int(partial)
      elements[elements.endIndex - 1] = elements[elements.endIndex - 1].dropLast(2)
    }
    guard let index = TilePath.index(elements) else { return nil }
    self.init(kind: kind, index: index, width: width)
  }

  private static func index(_ elements: ArraySlice<Substring.UTF8View>) -> UInt64? {
    var index: UInt64 = 0
    for (position, element) in zip(elements.indices, elements) {
      var digits = element
      if position < elements.endIndex - 1 {
        guard digits.popFirst() == UInt8(ascii: "x") else { return nil }
      }
      guard digits.count == 3, digits.allSatisfy((UInt8(ascii: "0")...UInt8(ascii: "9")).contains) else {
        return nil
      }
      let value = digits.reduce(0) { $0 * 10 + UInt64($1 - UInt8(ascii: "0")) }
      // An index is not padded beyond three digits: x000/067 would be a second spelling of 067.
      guard position == elements.endIndex - 1 || position > elements.startIndex || value > 0 else {
        return nil
      }
      let (thousandfold, isTooLarge) = index.multipliedReportingOverflow(by: 1000)
      let (sum, isTooLargeYet) = thousandfold.addingReportingOverflow(value)
      guard !isTooLarge, !isTooLargeYet else { return nil }
      index = sum
    }
    return index
  }
}
