import Ledger
import LedgerCrypto
import Scenarios
import Statements
import TestKit
import Testing

/// What a decoder makes of thousands of inputs that are nearly right: the code and the sentence of each refusal, and the
/// encoding of each value. `PayloadNet.verdicts` was written by the decoders as they were before fields were listed once.
@Suite("Payloads and records: the verdicts on mutated inputs")
struct PayloadNetTests {
  @Test("every verdict and every encoding is as it always was", arguments: PayloadNet.all)
  func verdicts(net: PayloadNet) {
    let found = net.digests.joined(separator: " ")
    #expect(found == PayloadNet.verdicts[net.name], "\(net.groups.map(\.name).joined(separator: " "))")
  }

  @Test("the inputs are many, and each type is among them")
  func count() {
    #expect(PayloadNet.all.map { $0.groups.map(\.inputs.count).reduce(0, +) }.reduce(0, +) >= 2_500)
    #expect(Set(PayloadNet.all.map(\.name)) == Set(PayloadNet.verdicts.keys))
    #expect(PayloadNet.all.count == EvidenceKind.allCases.count + SharingKind.allCases.count + 13)
  }
}

/// A type that bytes are decoded to, with good inputs.
struct PayloadNet: Sendable, CustomTestStringConvertible {
  let name: String
  let samples: [[UInt8]]
  /// Decodes and encodes again.
  let pass: @Sendable ([UInt8]) throws(Refusal) -> [UInt8]

  var testDescription: String { name }

  /// Inputs that are mutated in one place: a field, or the bytes.
  var groups: [(name: String, inputs: [[UInt8]])] {
    var groups: [(name: String, inputs: [[UInt8]])] = []
    for (number, sample) in samples.enumerated() {
      guard case .map(let map)? = try? CBOR(decoding: sample) else { continue }
      let pairs = map.pairs.map { Pair($0.key, $0.value.encoded) }
      groups.append(("\(number)", [sample]))
      for place in pairs.indices {
        groups.append(
          ("\(number).\(pairs[place].key)", PayloadNet.mutated(pairs, map.pairs[place].value, place)))
      }
      var generator = SeededGenerator(seed: UInt64(sample.count))
      let bytes = (0..<50).map { _ in Fuzzing.mutated(sample, with: samples[0], using: &generator) }
      groups.append(("\(number).bytes", bytes))
    }
    return groups
  }

  /// A digest of the verdicts on each group.
  var digests: [String] {
    groups.map { group in
      var verdicts: [UInt8] = []
      for input in group.inputs {
        do throws(Refusal) {
          verdicts += try pass(input)
        } catch {
          verdicts += Array("\(error.code.rawValue): \(error.reason)".utf8)
        }
        verdicts.append(0)
      }
      return String(SHA256.digest(of: verdicts).hex.prefix(8))
    }
  }

  private struct Pair {
    let key: CBOR
    let value: [UInt8]

    init(_ key: CBOR, _ value: [UInt8]) { (self.key, self.value) = (key, value) }
  }

  private static func encoded(_ pairs: [Pair]) -> [UInt8] {
    var bytes: [UInt8] = []
    CBORWriter.head(.map, UInt64(pairs.count), to: &bytes)
    for pair in pairs { bytes += pair.key.encoded + pair.value }
    return bytes
  }

  private static func mutated(_ pairs: [Pair], _ value: CBOR, _ place: Int) -> [[UInt8]] {
    var inputs: [[UInt8]] = []
    func add(_ change: (inout [Pair]) -> Void) {
      var changed = pairs
      change(&changed)
      inputs.append(encoded(changed))
    }
    add { $0.remove(at: place) }
    add { $0.insert($0[place], at: place) }
    add { $0[place] = Pair("renamed", $0[place].value) }
    add { $0.insert(Pair("zz", [0]), at: place) }
    if place > 0 { add { $0.swapAt(place, place - 1) } }
    for other in values(near: value) { add { $0[place] = Pair($0[place].key, other) } }
    return inputs
  }

  private static func values(near value: CBOR) -> [[UInt8]] {
    let digest = [UInt8](repeating: 9, count: 32)
    var values: [CBOR] = [
      0, 1, .unsigned(1 << 40), .unsigned(1 << 40 + 1), .unsigned(1_000_000_001), .unsigned(.max),
      .negative(0),
      .null, .bool(true), .bytes([]), .bytes(digest), .bytes(digest + [1]), .map([:]),
      .array([]), .array(["a"]), .array(["a", "b"]), .array(["b", "a"]), .array(["a", "a"]), .array([1, 2]),
      .array([2, 1]), .array([.map([:])]), .array(["2025-10-04", "2025-10-05"]), .array(["13812345678"]),
      "", "x", "a b", " a", "a ", "a\u{3000}", "a\nb", "a\u{85}", "a/b", "/a", "a//b", "13812345678",
      "11010519491231002X", "file", "sealed", "disposed", "conditional", "upheld", "granted", "Aa", "waiting",
    ]
    for count in [64, 65, 128, 129, 200, 201, 256, 257, 512, 513, 1024, 1025, 2000, 2001] {
      values.append(.text(String(repeating: "x", count: count)))
    }
    for count in [8, 9, 32, 33, 256, 257, 1000, 1001] {
      values.append(.array((1000..<1000 + count).map { .text("\($0)") }))
      values.append(.array((1000..<1000 + UInt64(count)).map { .unsigned($0) }))
    }
    // Not UTF-8, a head longer than needed, and one that promises more than there is.
    var bytes: [[UInt8]] = values.map(\.encoded) + [[0x62, 0xc3, 0x28], [0x18, 0x01], [0x5a, 0, 0, 1, 0]]
    let inner: [Pair]
    switch value {
    case .map(let map): inner = map.pairs.map { Pair($0.key, $0.value.encoded) }
    case .array(let items):
      if let first = items.first {
        bytes.append(CBOR.array(items + [first]).encoded)
        bytes.append(CBOR.array(items.reversed()).encoded)
      }
      guard case .map(let map)? = items.first else { return bytes }
      inner = map.pairs.map { Pair($0.key, $0.value.encoded) }
    default: return bytes
    }
    func wrapped(_ pairs: [Pair]) -> [UInt8] {
      if case .array = value { return [0x81] + encoded(pairs) }
      return encoded(pairs)
    }
    for place in inner.indices {
      var fewer = inner
      fewer.remove(at: place)
      bytes.append(wrapped(fewer))
      for other: CBOR in [0, "x", "E-1", .bytes(digest), .bytes([1])] {
        var changed = inner
        changed[place] = Pair(inner[place].key, other.encoded)
        bytes.append(wrapped(changed))
      }
    }
    bytes.append(wrapped(inner + [Pair("zz", [0])]))
    return bytes
  }
}
