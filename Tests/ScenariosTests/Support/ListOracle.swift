import LedgerCrypto

/// The lists of records that a ledger must have, told from the bytes of its entries alone. An oracle: it shares nothing with the
/// product but SHA-256, and reads and writes CBOR by itself.
///
/// It knows no texts with digests in hex, and no key but `subject`, `digest` and `statement`.
struct ListOracle {
  private struct List {
    var records: [UInt64] = []
    var chain = [UInt8](repeating: 0, count: 32)
    var isChanged = true
  }

  private var lists: [[UInt8]: List] = [:]
  private var places: [[UInt8]: UInt64] = [:]
  /// What each statement of a scenario is about, by its id: what its countersignatures concern too.
  private var concerns: [[UInt8]: [UInt8]] = [:]
  private var nextIndex: UInt64 = 0

  private static let kinds = "application/vnd.zheng."

  /// Reads the next entry of the ledger.
  mutating func read(_ entry: [UInt8]) {
    let index = nextIndex
    nextIndex += 1
    guard case .array(let parts) = Item.read(entry), case .bytes(let protected) = parts[0],
      case .bytes(let payload) = parts[2], let head = Item.read(protected)?.fields,
      case .text(let type)? = head[.unsigned(3)]
    else { preconditionFailure("an entry that is no statement") }
    if type == "\(Self.kinds)block+cbor" { return }
    let signed = [0x84, 0x6a] + Array("Signature1".utf8) + Item.head(2, protected.count) + protected + [0x40]
    let id = Self.hash(signed + Item.head(2, payload.count) + payload)
    var subject: [UInt8]?
    let owner = ["evidence", "sharing"].first { type.hasPrefix("\(Self.kinds)\($0).") }
    if case .text(let about)? = head[.unsigned(15)]?.fields?[.unsigned(2)] {
      subject = Array("subject\0\(owner ?? "plain")\0\(about)".utf8)
    }
    var keys: Set<[UInt8]> = []
    if let subject { keys.insert(subject) }
    if owner != nil { concerns[id] = subject }
    if type.hasPrefix(Self.kinds) {
      let item = Item.read(payload)
      item?.collect { if $0.count == 32 { keys.insert(Array("digest\0".utf8) + $0) } }
      if type == "\(Self.kinds)countersign+cbor",
        case .bytes(let target)? = item?.fields?[.text("statement")],
        let about = concerns[target]
      {
        keys.insert(about)
      }
    } else {
      keys.insert(Array("digest\0".utf8) + Self.hash(payload))
    }
    for key in keys {
      lists[key, default: List()].records.append(index)
      lists[key]!.chain = Self.hash([0x11] + lists[key]!.chain + id)
      lists[key]!.isChanged = true
    }
    places[Array("statement\0".utf8) + id] = index
  }

  private static func hash(_ bytes: [UInt8]) -> [UInt8] { SHA256.digest(of: bytes).bytes }

  /// How many keys it knows.
  var count: Int { lists.count + places.count }

  /// The keys of all lists.
  var keys: [[UInt8]] { Array(lists.keys) }

  /// The indices of the records in the list at `key`.
  func records(of key: [UInt8]) -> [UInt64] { lists[key]?.records ?? [] }

  /// The keys and values that the state must have: all of them, or those of each subject and of what has changed since this was
  /// called last.
  mutating func values(all: Bool) -> [(key: [UInt8], value: [UInt8])] {
    var values: [(key: [UInt8], value: [UInt8])] = []
    for (key, list) in lists where all || list.isChanged || key.first == UInt8(ascii: "s") {
      let value =
        [0xa4, 0x64] + Array("last".utf8) + Item.head(0, list.records.last!) + [0x65] + Array("chain".utf8)
        + Item.head(2, 32) + list.chain + [0x65] + Array("count".utf8) + Item.head(0, list.records.count)
        + [0x65] + Array("first".utf8) + Item.head(0, list.records.first!)
      values.append((key, value))
      if list.isChanged { lists[key]?.isChanged = false }
    }
    for (key, index) in places where all {
      values.append((key, [0xa1, 0x65] + Array("index".utf8) + Item.head(0, index)))
    }
    return values
  }

  /// A CBOR item, as far as statements have them.
  private enum Item: Hashable {
    case unsigned(UInt64)
    case bytes([UInt8])
    case text(String)
    case array([Item])
    case map([Item: Item])
    case other(UInt8, UInt64)

    var fields: [Item: Item]? {
      if case .map(let fields) = self { fields } else { nil }
    }

    /// Calls `body` for each byte string that is not a map's key.
    func collect(_ body: ([UInt8]) -> Void) {
      switch self {
      case .bytes(let bytes): body(bytes)
      case .array(let items): for item in items { item.collect(body) }
      case .map(let fields): for item in fields.values { item.collect(body) }
      case .unsigned, .text, .other: break
      }
    }

    static func head(_ major: UInt8, _ argument: some BinaryInteger) -> [UInt8] {
      let (first, argument) = (major << 5, UInt64(argument))
      if argument < 24 { return [first | UInt8(argument)] }
      let width = argument < 1 << 8 ? 1 : argument < 1 << 16 ? 2 : argument < 1 << 32 ? 4 : 8
      let bytes = (0..<width).reversed().map { UInt8(truncatingIfNeeded: argument >> (8 * UInt64($0))) }
      return [first | UInt8(24 + width.trailingZeroBitCount)] + bytes
    }

    static func read(_ bytes: [UInt8]) -> Item? {
      var place = 0
      return read(bytes, &place)
    }

    private static func read(_ bytes: [UInt8], _ place: inout Int) -> Item? {
      guard place < bytes.count else { return nil }
      let first = bytes[place]
      place += 1
      var argument = UInt64(first & 31)
      if argument >= 24 {
        guard argument < 28 else { return nil }
        let width = 1 << Int(argument - 24)
        guard place + width <= bytes.count else { return nil }
        argument = bytes[place..<place + width].reduce(0) { $0 << 8 | UInt64($1) }
        place += width
      }
      switch first >> 5 {
      case 0: return .unsigned(argument)
      case 2, 3:
        guard argument <= UInt64(bytes.count - place) else { return nil }
        let content = bytes[place..<place + Int(argument)]
        place += content.count
        return first >> 5 == 2 ? .bytes(Array(content)) : .text(String(decoding: content, as: UTF8.self))
      case 4:
        var items: [Item] = []
        for _ in 0..<argument {
          guard let item = read(bytes, &place) else { return nil }
          items.append(item)
        }
        return .array(items)
      case 5:
        var fields: [Item: Item] = [:]
        for _ in 0..<argument {
          guard let key = read(bytes, &place), let value = read(bytes, &place) else { return nil }
          fields[key] = value
        }
        return .map(fields)
      case 6: return read(bytes, &place)
      default: return .other(first >> 5, argument)
      }
    }
  }
}
