import LedgerCrypto

/// What a browser makes of a page's body, so that the page's own script can tell whether anything was added or altered in it.
///
/// Each element is 0x01 and its name, then for each attribute 0x02, its name, 0x03 and its value; each text is itself without white
/// space. Comments, ends of elements, `tbody`, which browsers add, and what script and style hold are left out. The page's script does the same.
enum PageBody {
  /// The SHA-256 of it.
  ///
  /// - Parameter html: what follows the tag of the body, as we write it: quoted attributes, and no other references than ours.
  static func digest(_ html: [UInt8]) -> Digest {
    var reader = Reader(rest: html[...])
    while reader.next() {}
    return SHA256.digest(of: reader.seen)
  }

  private struct Reader {
    var rest: ArraySlice<UInt8>
    var seen: [UInt8] = []

    mutating func next() -> Bool {
      guard let first = rest.first else { return false }
      guard first == UInt8(ascii: "<") else {
        add(text: HTML.unescaped(take(until: "<"), isOurs: true) ?? [])
        return true
      }
      if rest.starts(with: "<!--".utf8) {
        _ = take(through: "-->")
      } else if rest.starts(with: "</".utf8) {
        _ = take(through: ">")
      } else {
        element(take(through: ">").dropFirst().dropLast())
      }
      return true
    }

    private mutating func element(_ tag: ArraySlice<UInt8>) {
      var tag = tag
      if tag.last == UInt8(ascii: "/") { tag.removeLast() }
      let name = tag.prefix { $0 != UInt8(ascii: " ") }
      tag = tag.dropFirst(name.count)
      guard !name.elementsEqual("tbody".utf8) || !tag.isEmpty else { return }
      seen += [1] + name
      while let start = tag.firstIndex(where: { $0 != UInt8(ascii: " ") }) {
        let attribute = tag[start...].prefix { $0 != UInt8(ascii: "=") && $0 != UInt8(ascii: " ") }
        seen += [2] + attribute + [3]
        tag = tag[(start + attribute.count)...]
        guard tag.starts(with: "=\"".utf8) else { continue }
        let value = tag.dropFirst(2).prefix { $0 != UInt8(ascii: "\"") }
        seen += HTML.unescaped(value, isOurs: true) ?? []
        tag = tag.dropFirst(value.count + 3)
      }
      // What these hold is no markup, and the page's security policy names its digest.
      if name.elementsEqual("script".utf8) || name.elementsEqual("style".utf8) {
        _ = take(until: "</" + String(decoding: name, as: UTF8.self))
      }
    }

    private mutating func add(text: some Sequence<UInt8>) {
      seen += text.lazy.filter { ![0x20, 0x09, 0x0a, 0x0c, 0x0d].contains($0) }
    }

    private mutating func take(until ending: String) -> ArraySlice<UInt8> {
      let end = rest.firstRange(of: Array(ending.utf8))?.lowerBound ?? rest.endIndex
      defer { rest = rest[end...] }
      return rest[..<end]
    }

    private mutating func take(through ending: String) -> ArraySlice<UInt8> {
      let end = rest.firstRange(of: Array(ending.utf8))?.upperBound ?? rest.endIndex
      defer { rest = rest[end...] }
      return rest[..<end]
    }
  }
}
