import LedgerCrypto
import Testing
import TransparencyLog

/// The code of the refusal that `body` throws, or nil where it does not throw.
func refusal(_ body: () throws -> Void) -> LogError.Code? {
  do {
    try body()
    return nil
  } catch let error as LogError {
    return error.code
  } catch {
    Issue.record("not a LogError: \(error)")
    return nil
  }
}

func digest(_ bytes: [UInt8]) -> Digest { SHA256.digest(of: bytes) }

/// Leaf hashes that differ: those of the numbers from 0.
func leafHashes(_ count: Int) -> [Digest] {
  var hasher = TreeHasher()
  return (0..<count).map { number in
    let entry = withUnsafeBytes(of: UInt32(number).bigEndian) { Array($0) }
    return hasher.leaf(entry.span)
  }
}

extension SignedNote {
  init(_ text: String) throws { try self.init(parsing: Array(text.utf8).span) }
}

extension Policy {
  init(_ text: String) throws { try self.init(parsing: Array(text.utf8).span) }
}

extension TLogProof {
  init(_ text: String) throws { try self.init(parsing: Array(text.utf8).span) }
}

/// The definitions of RFC 6962 §2.1, word for word, over leaves that every tree begins with.
struct Definition {
  let leaves: [Digest]
  private var roots: [Range<Int>: Digest] = [:]

  init(leaves: [Digest]) { self.leaves = leaves }

  private func split(_ count: Int) -> Int {
    var k = 1
    while 2 * k < count { k *= 2 }
    return k
  }

  /// MTH(D[a:b]).
  mutating func root(_ range: Range<Int>) -> Digest {
    if range.isEmpty { return digest([]) }
    if range.count == 1 { return leaves[range.lowerBound] }
    if let known = roots[range] { return known }
    let middle = range.lowerBound + split(range.count)
    let (left, right) = (root(range.lowerBound..<middle), root(middle..<range.upperBound))
    let value = digest([1] + left.bytes + right.bytes)
    roots[range] = value
    return value
  }

  /// PATH(m, D[a:b]), where m counts from a.
  mutating func path(_ m: Int, _ range: Range<Int>) -> [Digest] {
    guard range.count > 1 else { return [] }
    let k = split(range.count)
    let middle = range.lowerBound + k
    return m < k
      ? path(m, range.lowerBound..<middle) + [root(middle..<range.upperBound)]
      : path(m - k, middle..<range.upperBound) + [root(range.lowerBound..<middle)]
  }

  /// PROOF(m, D[0:n]).
  mutating func proof(_ m: Int, _ n: Int) -> [Digest] { subproof(m, 0..<n, true) }

  private mutating func subproof(_ m: Int, _ range: Range<Int>, _ isWhole: Bool) -> [Digest] {
    if m == range.count { return isWhole ? [] : [root(range)] }
    let k = split(range.count)
    let middle = range.lowerBound + k
    return m <= k
      ? subproof(m, range.lowerBound..<middle, isWhole) + [root(middle..<range.upperBound)]
      : subproof(m - k, middle..<range.upperBound, false) + [root(range.lowerBound..<middle)]
  }
}

/// The tree of any size whose leaves are all the same: it needs one hash a level.
struct UniformTree: HashReader {
  let levels: [Digest]

  init() {
    var hasher = TreeHasher()
    var levels = [digest([0])]
    for _ in 0..<63 { levels.append(hasher.node(levels[levels.count - 1], levels[levels.count - 1])) }
    self.levels = levels
  }

  func hash(level: Int, index: UInt64) throws(LogError) -> Digest {
    guard index <= .max >> UInt64(level) else { throw LogError(.missingHash, "no such subtree") }
    return levels[level]
  }
}
