/// A QR code (ISO/IEC 18004) of a short text: byte mode, error correction level M, versions 1 to 9.
struct QRCode {
  /// The most bytes that fit.
  static let maximumByteCount = 180

  /// The number of modules of a side, without the quiet zone.
  let size: Int
  private var modules: [Bool]
  /// Where finders, timing, alignment, format and version lie: masks leave those alone.
  private var isFixed: [Bool]

  /// Whether the module in column `x` and row `y` is dark; outside, all is light.
  subscript(x: Int, y: Int) -> Bool {
    (0..<size).contains(x) && (0..<size).contains(y) && modules[y * size + x]
  }

  /// The code of `text`, which has at most 180 bytes.
  init(_ text: String) {
    let bytes = Array(text.utf8)
    precondition(bytes.count <= QRCode.maximumByteCount, "a text too long for its QR code")
    guard let version = Version.all.first(where: { bytes.count + 2 <= $0.dataCount }) else {
      fatalError("the largest version takes the longest text")
    }
    size = 17 + 4 * version.number
    modules = Array(repeating: false, count: size * size)
    isFixed = modules
    drawFixed(version)
    place(QRCode.codewords(bytes, version))
    var best: (penalty: Int, mask: Int)?
    for mask in 0..<8 {
      var candidate = self
      candidate.apply(mask)
      let penalty = candidate.penalty
      if best.map({ penalty < $0.penalty }) ?? true { best = (penalty, mask) }
    }
    apply(best?.mask ?? 0)
  }

  /// The dark modules as the path of an SVG, one unit a module, within a quiet zone of four units.
  var path: String {
    var path = ""
    for y in 0..<size {
      var x = 0
      while x < size {
        let start = x
        while self[x, y] { x += 1 }
        if x > start { path += "M\(start + 4) \(y + 4)h\(x - start)v1H\(start + 4)z" }
        x += 1
      }
    }
    return path
  }
}

// MARK: What is drawn

extension QRCode {
  private mutating func fix(_ x: Int, _ y: Int, _ isDark: Bool) {
    guard (0..<size).contains(x), (0..<size).contains(y) else { return }
    modules[y * size + x] = isDark
    isFixed[y * size + x] = true
  }

  private mutating func drawFixed(_ version: Version) {
    for place in 0..<size {
      fix(6, place, place.isMultiple(of: 2))
      fix(place, 6, place.isMultiple(of: 2))
    }
    for (x, y) in [(3, 3), (size - 4, 3), (3, size - 4)] {
      for dy in -4...4 {
        for dx in -4...4 {
          let distance = max(abs(dx), abs(dy))
          fix(x + dx, y + dy, distance != 2 && distance != 4)
        }
      }
    }
    let centres = version.alignment
    for x in centres {
      for y in centres where !isCorner(x, y, centres) {
        for dy in -2...2 { for dx in -2...2 { fix(x + dx, y + dy, max(abs(dx), abs(dy)) != 1) } }
      }
    }
    drawFormat(mask: 0)
    guard version.number >= 7 else { return }
    let bits = QRCode.protected(version.number, bits: 12, polynomial: 0x1f25)
    for bit in 0..<18 {
      let (far, near) = (size - 11 + bit % 3, bit / 3)
      fix(far, near, bits >> bit & 1 == 1)
      fix(near, far, bits >> bit & 1 == 1)
    }
  }

  private func isCorner(_ x: Int, _ y: Int, _ centres: [Int]) -> Bool {
    let (first, last) = (centres[0], centres[centres.count - 1])
    return (x, y) == (first, first) || (x, y) == (first, last) || (x, y) == (last, first)
  }

  private mutating func drawFormat(mask: Int) {
    // Level M is written as 00.
    let bits = QRCode.protected(mask, bits: 10, polynomial: 0x537) ^ 0x5412
    func isDark(_ bit: Int) -> Bool { bits >> bit & 1 == 1 }
    for bit in 0...5 { fix(8, bit, isDark(bit)) }
    fix(8, 7, isDark(6))
    fix(8, 8, isDark(7))
    fix(7, 8, isDark(8))
    for bit in 9...14 { fix(14 - bit, 8, isDark(bit)) }
    for bit in 0...7 { fix(size - 1 - bit, 8, isDark(bit)) }
    for bit in 8...14 { fix(8, size - 15 + bit, isDark(bit)) }
    fix(8, size - 8, true)
  }

  /// `value` followed by its BCH remainder of `bits` bits.
  private static func protected(_ value: Int, bits: Int, polynomial: Int) -> Int {
    var remainder = value
    for _ in 0..<bits { remainder = remainder << 1 ^ (remainder >> (bits - 1)) * polynomial }
    return value << bits | remainder
  }

  /// Puts the codewords where nothing fixed lies: up and down in columns of two, from the right.
  private mutating func place(_ codewords: [UInt8]) {
    var bit = 0
    var right = size - 1
    while right >= 1 {
      if right == 6 { right = 5 }
      let isUpward = (right + 1) & 2 == 0
      for step in 0..<size {
        let y = isUpward ? size - 1 - step : step
        for x in [right, right - 1] where !isFixed[y * size + x] && bit < codewords.count * 8 {
          modules[y * size + x] = codewords[bit / 8] >> UInt8(7 - bit % 8) & 1 == 1
          bit += 1
        }
      }
      right -= 2
    }
  }

  private mutating func apply(_ mask: Int) {
    for y in 0..<size {
      for x in 0..<size where !isFixed[y * size + x] {
        let isInverted =
          switch mask {
          case 0: (x + y) % 2 == 0
          case 1: y % 2 == 0
          case 2: x % 3 == 0
          case 3: (x + y) % 3 == 0
          case 4: (x / 3 + y / 2) % 2 == 0
          case 5: x * y % 2 + x * y % 3 == 0
          case 6: (x * y % 2 + x * y % 3) % 2 == 0
          default: ((x + y) % 2 + x * y % 3) % 2 == 0
          }
        if isInverted { modules[y * size + x].toggle() }
      }
    }
    drawFormat(mask: mask)
  }

  /// How hard the code is to read: long runs, blocks, what looks like a finder, and an uneven balance.
  private var penalty: Int {
    var penalty = 0
    let finder = [true, false, true, true, true, false, true]
    for isRow in [true, false] {
      for line in 0..<size {
        let cells = (0..<size).map { isRow ? self[$0, line] : self[line, $0] }
        var start = 0
        for place in 1...size where place == size || cells[place] != cells[start] {
          if place - start >= 5 { penalty += place - start - 2 }
          start = place
        }
        for place in 0...(size - 7) where Array(cells[place..<place + 7]) == finder {
          let before = (place - 4..<place).allSatisfy { $0 < 0 || !cells[$0] }
          let after = (place + 7..<place + 11).allSatisfy { $0 >= size || !cells[$0] }
          if before { penalty += 40 }
          if after { penalty += 40 }
        }
      }
    }
    for y in 0..<(size - 1) {
      for x in 0..<(size - 1)
      where self[x, y] == self[x + 1, y] && self[x, y] == self[x, y + 1] && self[x, y] == self[x + 1, y + 1] {
        penalty += 3
      }
    }
    let dark = modules.count { $0 }
    return penalty + abs(dark * 20 - modules.count * 10) / modules.count * 10
  }
}

// MARK: What is encoded

extension QRCode {
  /// The numbers of a version at level M.
  private struct Version {
    let number: Int
    /// Codewords in all, those of error correction in a block, and blocks.
    let count, correction, blocks: Int
    /// The coordinates of the alignment patterns.
    let alignment: [Int]

    var dataCount: Int { count - correction * blocks }

    init(_ number: Int, _ count: Int, _ correction: Int, _ blocks: Int, _ alignment: [Int]) {
      (self.number, self.count, self.correction, self.blocks) = (number, count, correction, blocks)
      // Version 1 has none; the corner that they share with a finder keeps the drawing free of special cases.
      self.alignment = alignment.isEmpty ? [6] : alignment
    }

    static let all = [
      Version(1, 26, 10, 1, []), Version(2, 44, 16, 1, [6, 18]), Version(3, 70, 26, 1, [6, 22]),
      Version(4, 100, 18, 2, [6, 26]), Version(5, 134, 24, 2, [6, 30]), Version(6, 172, 16, 4, [6, 34]),
      Version(7, 196, 18, 4, [6, 22, 38]), Version(8, 242, 22, 4, [6, 24, 42]),
      Version(9, 292, 22, 5, [6, 26, 46]),
    ]
  }

  /// Data and error correction, interleaved.
  private static func codewords(_ bytes: [UInt8], _ version: Version) -> [UInt8] {
    var data: [UInt8] = []
    // Mode 0100 takes half a byte, so every byte lies across two.
    var nibbles: [UInt8] = [4, UInt8(bytes.count) >> 4, UInt8(bytes.count) & 15]
    for byte in bytes { nibbles += [byte >> 4, byte & 15] }
    nibbles.append(0)
    for pair in stride(from: 0, to: nibbles.count, by: 2) {
      data.append(nibbles[pair] << 4 | (pair + 1 < nibbles.count ? nibbles[pair + 1] : 0))
    }
    var padding: UInt8 = 0xec
    while data.count < version.dataCount {
      data.append(padding)
      padding ^= 0xec ^ 0x11
    }
    let short = version.dataCount / version.blocks
    let longBlocks = version.dataCount % version.blocks
    var blocks: [[UInt8]] = []
    var rest = data[...]
    for block in 0..<version.blocks {
      let count = short + (block < version.blocks - longBlocks ? 0 : 1)
      blocks.append(Array(rest.prefix(count)))
      rest = rest.dropFirst(count)
    }
    let corrections = blocks.map { correction($0, count: version.correction) }
    var interleaved: [UInt8] = []
    for place in 0...short {
      for block in blocks where place < block.count { interleaved.append(block[place]) }
    }
    for place in 0..<version.correction { for block in corrections { interleaved.append(block[place]) } }
    return interleaved
  }

  /// The Reed-Solomon remainder over GF(2^8) modulo x^8 + x^4 + x^3 + x^2 + 1.
  private static func correction(_ data: [UInt8], count: Int) -> [UInt8] {
    var generator: [UInt8] = Array(repeating: 0, count: count - 1) + [1]
    var root: UInt8 = 1
    for _ in 0..<count {
      for place in 0..<count {
        generator[place] = product(generator[place], root) ^ (place + 1 < count ? generator[place + 1] : 0)
      }
      root = product(root, 2)
    }
    var remainder = [UInt8](repeating: 0, count: count)
    for byte in data {
      let factor = byte ^ remainder.removeFirst()
      remainder.append(0)
      for place in 0..<count { remainder[place] ^= product(generator[place], factor) }
    }
    return remainder
  }

  private static func product(_ left: UInt8, _ right: UInt8) -> UInt8 {
    var product: UInt8 = 0
    for bit in (0..<8).reversed() {
      product = product << 1 ^ (product >> 7) &* 0x1d
      product ^= (right >> UInt8(bit) & 1) &* left
    }
    return product
  }
}
