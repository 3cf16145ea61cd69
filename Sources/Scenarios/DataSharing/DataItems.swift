import TransparencyLog

/// A set of data items (数据项), each named by its code, which is the same in every entry that holds it.
///
/// Sorted by bytes, so that a set has one encoding and whether one is part of another takes one pass. Names are compared by
/// their bytes: two that look alike but are encoded differently are two items.
public struct DataItems: Hashable, Sendable {
  /// The names, sorted by their UTF-8, none twice.
  public let names: [String]

  /// The set of `names`, given in any order; nil for none, more than 256, one that is there twice, or one that is not a
  /// line of 1 to 64 bytes.
  public init?(_ names: [String]) {
    guard Bounds.itemCount.contains(names.count) else { return nil }
    for name in names {
      let bytes = Array(name.utf8)
      guard Bounds.item.contains(bytes.count), TextStyle.line.text(bytes.span) != nil else { return nil }
    }
    let sorted = names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    guard DataItems.isAscending(sorted) else { return nil }
    self.names = sorted
  }

  /// The set of names, found good and ascending by decoding.
  init(ascending names: [String]) { self.names = names }

  /// Whether every item of this set is one of `other`'s.
  public func isSubset(of other: DataItems) -> Bool { firstMissing(in: other) == nil }

  /// The first item that `other` does not have.
  func firstMissing(in other: DataItems) -> String? {
    var place = 0
    for name in names {
      while place < other.names.count, other.names[place].utf8.lexicographicallyPrecedes(name.utf8) {
        place += 1
      }
      guard place < other.names.count, other.names[place].hasSameBytes(as: name) else { return name }
      place += 1
    }
    return nil
  }

  /// None, which no payload has.
  init() { names = [] }

  static func isAscending(_ names: [String]) -> Bool {
    zip(names, names.dropFirst()).allSatisfy { $0.utf8.lexicographicallyPrecedes($1.utf8) }
  }

  /// Equal where the bytes are.
  public static func == (left: DataItems, right: DataItems) -> Bool {
    left.names.count == right.names.count
      && zip(left.names, right.names).allSatisfy { $0.hasSameBytes(as: $1) }
  }

  public func hash(into hasher: inout Hasher) {
    for name in names { for byte in name.utf8 { hasher.combine(byte) } }
  }
}
