import Ledger
import LedgerCrypto
import Statements

/// The fields of a CBOR map as the index shows them to people: a name and a text each.
///
/// Text stands as it is, numbers in decimal, truth as `true` or `false`, 32 bytes in lowercase hex. The fields of a map within
/// the map are named `outer.inner`; what lies deeper, and arrays, are not shown.
package enum IndexedFields {
  /// The fields of the map that `bytes` encode, in its order; none where they encode something else.
  package static func of(_ bytes: Span<UInt8>) -> [(name: String, value: String)] {
    let map: CBORMap
    do {
      guard case .map(let decoded) = try CBOR(decoding: bytes) else { return [] }
      map = decoded
    } catch { return [] }
    var fields: [(name: String, value: String)] = []
    for (key, value) in map.pairs {
      guard case .text(let name) = key else { continue }
      if case .map(let inner) = value {
        for (key, value) in inner.pairs {
          guard case .text(let part) = key, let text = text(value) else { continue }
          fields.append(("\(name).\(part)", text))
        }
      } else if let text = text(value) {
        fields.append((name, text))
      }
    }
    // `a.b` beside `a: { b }` would be the same name twice; the first stands.
    var names: Set<[UInt8]> = []
    return fields.filter { names.insert(Array($0.name.utf8)).inserted }
  }

  /// The key whose name is `name`.
  static func key(named name: String) -> StateKey {
    // By bytes: a part may begin with a mark that is one of Swift's characters with the slash before it.
    var bytes: [UInt8] = []
    var rest = Array(name.utf8)[...]
    while let byte = rest.popFirst() {
      if byte == UInt8(ascii: "/") {
        bytes.append(0)
      } else if byte == UInt8(ascii: "%"), rest.starts(with: "2F".utf8) || rest.starts(with: "25".utf8) {
        bytes.append(rest.starts(with: "2F".utf8) ? UInt8(ascii: "/") : byte)
        rest = rest.dropFirst(2)
      } else {
        bytes.append(byte)
      }
    }
    return StateKey(bytes: bytes)
  }

  private static func text(_ value: CBOR) -> String? {
    switch value {
    case .text(let text): text
    case .unsigned(let number): String(number)
    case .bool(let bool): bool ? "true" : "false"
    case .bytes(let bytes): Digest(bytes).map(\.hex)
    case .negative, .array, .map, .tagged, .null: nil
    }
  }

  /// A number for a row of texts, such that the sum over a table shows, as good as surely, whether another holds the same rows.
  static func fingerprint(_ texts: String...) -> UInt64 {
    // FNV-1a, with a byte between the texts that none of them holds.
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    for text in texts {
      for byte in text.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
      hash = (hash ^ 0xff) &* 0x100_0000_01b3
    }
    return hash ^ hash >> 29
  }
}
