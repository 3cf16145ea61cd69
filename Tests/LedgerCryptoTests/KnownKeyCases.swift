import LedgerCrypto
import TestKit

/// A signature with what it should be over, and libcrypto's verdict.
struct KnownKeyCase {
  var key: PublicKey
  var digest: [UInt8]
  var raw: [UInt8]
  var isValid = false
}

/// Keys whose secrets are known, and signatures of theirs that come near every edge of the verification.
struct KnownKeyCases {
  let curve = Curve()
  let keys: [PublicKey]
  private(set) var cases: [KnownKeyCase] = []
  /// Those that are valid.
  private(set) var good: [KnownKeyCase] = []
  private var generator: SeededGenerator

  /// Numbers that a signature must not have, and the ones beside them.
  static let edges: [[UInt8]] = [
    Curve.zero, Curve.small(1), Curve.small(2), Array(Curve.n.dropLast()) + [0x50], Curve.n,
    Array(Curve.n.dropLast()) + [0x52], Curve.most, [0x80] + [UInt8](repeating: 0, count: 31),
  ]

  init(seed: UInt64) throws {
    generator = SeededGenerator(seed: seed)
    // Q = G, Q = −G, Q = 2·G, and others.
    var secrets = [Curve.small(1), Array(Curve.n.dropLast()) + [0x50], Curve.small(2)]
    for _ in 0..<5 { secrets.append(KnownKeyCases.scalar(&generator)) }
    keys = try secrets.map(curve.publicKey)
    for (secret, key) in zip(secrets, keys) { addCases(secret, key) }
    good = cases.filter(\.isValid)
  }

  /// 1 … 2²⁵⁵.
  private static func scalar(_ generator: inout SeededGenerator) -> [UInt8] {
    var bytes = generator.bytes(32)
    bytes[0] &= 0x7f
    bytes[31] |= 1
    return bytes
  }

  private mutating func add(_ key: PublicKey, _ digest: [UInt8], _ raw: [UInt8], expecting: Bool? = nil) {
    let isValid = curve.accepts(raw, over: digest, by: key)
    precondition(expecting == nil || expecting == isValid, "the case is not what it should be")
    cases.append(KnownKeyCase(key: key, digest: digest, raw: raw, isValid: isValid))
  }

  private mutating func addCases(_ d: [UInt8], _ key: PublicKey) {
    for _ in 0..<30 {
      let digest = generator.bytes(32)
      let raw = curve.sign(digest, d, nonce: KnownKeyCases.scalar(&generator))
      add(key, digest, raw, expecting: true)
    }
    let k = KnownKeyCases.scalar(&generator)
    // Digests of 0 (u1 = 0), of n, and above it.
    for digest in KnownKeyCases.edges {
      add(key, digest, curve.sign(digest, d, nonce: k), expecting: true)
    }
    // s at the ends of its range.
    for s in [Curve.small(1), Curve.small(2), Array(Curve.n.dropLast()) + [0x50], [0x80] + Curve.zero[1...]] {
      add(key, curve.digest(s: s, d, nonce: k), curve.r(k) + s, expecting: true)
    }
    // u1·G = u2·Q where e = r d: half of the sum. For Q = ±G other nonces than k give such points too.
    let r = curve.r(k)
    let same = curve.product(r, d)
    add(key, same, r + curve.quotient(curve.sum(same, same), k), expecting: true)
    // u1·G = −u2·Q where e = −r d: the sum is infinite, whatever r and s are.
    let opposite = curve.difference(Curve.zero, same)
    add(key, opposite, r + KnownKeyCases.scalar(&generator), expecting: false)
    add(
      key, curve.difference(Curve.zero, curve.product(Curve.small(1), d)), Curve.small(1) + r,
      expecting: false)
    // Each number at each edge, with the other good, and both.
    let digest = generator.bytes(32)
    let good = curve.sign(digest, d, nonce: k)
    for edge in KnownKeyCases.edges {
      add(key, digest, edge + good[32...])
      add(key, digest, good[..<32] + edge)
      add(key, Curve.zero, edge + good[32...])
      for other in KnownKeyCases.edges {
        add(key, digest, edge + other)
        add(key, Curve.zero, edge + other)
        add(key, Curve.n, edge + other)
      }
    }
  }

  /// Another signature: one of the cases, as it is or changed; with libcrypto's verdict.
  mutating func next() -> KnownKeyCase {
    let isAny = Int.random(in: 0..<5, using: &generator) == 0
    var next = (isAny ? cases : good).randomElement(using: &generator)!
    guard Int.random(in: 0..<3, using: &generator) == 0 else { return next }
    switch Int.random(in: 0..<9, using: &generator) {
    case 0: next.key = keys.randomElement(using: &generator)!
    case 1: next.digest = cases.randomElement(using: &generator)!.digest
    case 2:
      next.digest[Int.random(in: 0..<32, using: &generator)] ^=
        1 << UInt8.random(in: 0..<8, using: &generator)
    case 3:
      next.raw[Int.random(in: 0..<64, using: &generator)] ^= 1 << UInt8.random(in: 0..<8, using: &generator)
    case 4: next.raw = Array(next.raw[32...] + next.raw[..<32])
    case 5: next.raw.replaceSubrange(0..<32, with: KnownKeyCases.edges.randomElement(using: &generator)!)
    case 6: next.raw.replaceSubrange(32..<64, with: KnownKeyCases.edges.randomElement(using: &generator)!)
    // The twin of a good signature is good.
    case 7: next.raw.replaceSubrange(32..<64, with: curve.difference(Curve.zero, Array(next.raw[32...])))
    default:
      let mutated = Fuzzing.mutated(
        next.raw, with: cases.randomElement(using: &generator)!.raw, using: &generator)
      next.raw = Array((mutated + generator.bytes(64)).prefix(64))
    }
    next.isValid = curve.accepts(next.raw, over: next.digest, by: next.key)
    return next
  }

  /// 1 … `most`.
  mutating func count(_ most: Int) -> Int { Int.random(in: 1...most, using: &generator) }
}
