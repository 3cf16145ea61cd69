public import LedgerCrypto
public import Statements
import TransparencyLog

/// An entry after the checks that need no other entry: decoded, hashed, its signature judged.
///
/// This is the expensive part of validation and has no order: chunks of entries may be checked on all cores.
public struct CheckedEntry: Sendable {
  /// The leaf hash, whatever the content.
  public let leaf: Digest
  /// What the bytes are.
  public fileprivate(set) var content: Content

  /// What the bytes of an entry are.
  public enum Content: Sendable {
    /// Not a COSE_Sign1 of our profile, and why.
    case malformed(StatementError)
    /// Decoded.
    case decoded(Decoded)
  }

  /// A decoded entry.
  public struct Decoded: Sendable {
    /// The ranges of its parts.
    public let view: EntryView
    /// The statement id.
    public let id: Digest
    /// The SHA-256 of the payload; 32 zero bytes for statements in an audit of hashes.
    public let payloadHash: Digest
    /// What its signature is worth.
    public fileprivate(set) var signature: Signature
  }

  /// What a signature is worth.
  public enum Signature: Sendable {
    /// Verified with the key that `kid` names.
    case valid
    /// Does not verify with that key, or the algorithm does not fit the key.
    case invalid
    /// No key of the directory has that thumbprint.
    case unknownKey
  }
}

extension CheckedEntry {
  /// What identifies a statement, and the time at which it claims to have been made.
  package struct Identity: Sendable {
    /// The statement id.
    package let id: Digest
    /// In s since the epoch.
    package let issuedAt: UInt64
  }

  /// Whether `entry`, which this is of, is a block header.
  package func isHeader(_ entry: Span<UInt8>) -> Bool {
    guard case .decoded(let decoded) = content else { return false }
    return BlockHeader.isHeader(decoded.view, of: entry)
  }

  /// nil for what is no statement.
  package var identity: Identity? {
    guard case .decoded(let decoded) = content, let claims = decoded.view.claims else { return nil }
    return Identity(id: decoded.id, issuedAt: claims.issuedAt)
  }
}

extension CheckedEntry.Content {
  fileprivate mutating func becomeValid() {
    guard case .decoded(var decoded) = self else { return }
    decoded.signature = .valid
    self = .decoded(decoded)
  }
}

extension CheckedEntry.Decoded {
  /// Whether the entry that this is of carries a signature of `key`, whose thumbprint is `view.keyID` and whose algorithm
  /// `view.algorithm` fits.
  func isSigned(_ entry: Span<UInt8>, by key: PublicKey) -> Bool {
    switch signature {
    case .valid: return true
    case .invalid: return false
    case .unknownKey: break
    }
    // A key that came into the roster after the entry was checked.
    var signed: [UInt8] = []
    view.appendSigStructure(of: entry, to: &signed)
    return key.isValid(signature: entry.extracting(view.signature), over: signed.span)
  }
}

/// Checks entries one after another with contexts and buffers that are used again; one for each thread.
public struct EntryChecker: ~Copyable {
  private var treeHasher = TreeHasher()
  private var hasher = SHA256()
  private var signed: [UInt8] = []
  private var leaves: [Digest] = []

  public init() {}

  /// The leaf hash of `entry` alone.
  public mutating func leaf(_ entry: Span<UInt8>) -> Digest { treeHasher.leaf(entry) }

  /// Checks `entry` with the public keys in `keys`, by thumbprint.
  public mutating func check(_ entry: Span<UInt8>, keys: [Digest: PublicKey]) -> CheckedEntry {
    let leaf = treeHasher.leaf(entry)
    do {
      return check(entry, try EntryView(decoding: entry), leaf: leaf, keys: keys)
    } catch {
      return CheckedEntry(leaf: leaf, content: .malformed(error))
    }
  }

  private mutating func check(
    _ entry: Span<UInt8>, _ view: EntryView, leaf: Digest, keys: [Digest: PublicKey]
  ) -> CheckedEntry {
    signed.removeAll(keepingCapacity: true)
    view.appendSigStructure(of: entry, to: &signed)
    let id = Self.digest(signed, using: &hasher)
    let signature = Self.judge(entry, view, signed.span, by: keys[view.keyID])
    let payloadHash = hasher.digest(entry.extracting(view.payload))
    return CheckedEntry(
      leaf: leaf, content: .decoded(.init(view: view, id: id, payloadHash: payloadHash, signature: signature))
    )
  }

  /// What `check` gives for each of the entries at `ranges` of `bytes`, with the leaves hashed many at once and the signatures of
  /// P-256 keys verified in batches by `verifier`, which must not hold signatures of others.
  ///
  /// - Parameter sources: who sent each of the entries; none if all come from one.
  public mutating func check(
    _ bytes: Span<UInt8>, _ ranges: ArraySlice<Range<Int>>, keys: [Digest: PublicKey],
    sources: [SignatureSource] = [], verifier: inout BatchVerifier
  ) -> [CheckedEntry] {
    precondition(sources.isEmpty || sources.count == ranges.count, "a source for each entry")
    hashLeaves(bytes, ranges)
    var all: [CheckedEntry] = []
    all.reserveCapacity(ranges.count)
    var waiting: [Int] = []
    for (range, leaf) in zip(ranges, leaves) {
      let entry = bytes.extracting(range)
      do {
        let view = try EntryView(decoding: entry)
        guard view.algorithm.keyAlgorithm == .es256, let key = keys[view.keyID], key.algorithm == .es256
        else {
          all.append(check(entry, view, leaf: leaf, keys: keys))
          continue
        }
        // What ECDSA signs is the SHA-256 of the Sig_structure: the statement id.
        let id = view.statementID(of: entry, using: &hasher)
        verifier.add(
          entry.extracting(view.signature), overDigest: id, by: key,
          from: sources.isEmpty ? nil : sources[all.count])
        waiting.append(all.count)
        let payloadHash = hasher.digest(entry.extracting(view.payload))
        let decoded = CheckedEntry.Decoded(view: view, id: id, payloadHash: payloadHash, signature: .invalid)
        all.append(CheckedEntry(leaf: leaf, content: .decoded(decoded)))
      } catch {
        all.append(CheckedEntry(leaf: leaf, content: .malformed(error)))
      }
    }
    let verdicts = verifier.takeVerdicts()
    precondition(verdicts.count == waiting.count, "the verifier held signatures of others")
    for (index, isValid) in zip(waiting, verdicts) where isValid { all[index].content.becomeValid() }
    return all
  }

  private mutating func hashLeaves(_ bytes: Span<UInt8>, _ ranges: ArraySlice<Range<Int>>) {
    leaves.removeAll(keepingCapacity: true)
    treeHasher.appendLeaves(bytes, at: ranges, to: &leaves)
  }

  /// What `check` would give, with every signature taken as valid: for entries that were validated when they were
  /// committed, and that a signed root vouches for.
  public mutating func trust(_ entry: Span<UInt8>) -> CheckedEntry {
    let leaf = treeHasher.leaf(entry)
    do {
      let view = try EntryView(decoding: entry)
      let id = view.statementID(of: entry, using: &hasher)
      let payloadHash = hasher.digest(entry.extracting(view.payload))
      return CheckedEntry(
        leaf: leaf, content: .decoded(.init(view: view, id: id, payloadHash: payloadHash, signature: .valid)))
    } catch {
      return CheckedEntry(leaf: leaf, content: .malformed(error))
    }
  }

  /// The leaf hash of `entry`, and where it is a block header all that `check` gives; what is too long for one is not read at
  /// all. For `BlockAudit.Depth.hashes`.
  public mutating func hash(_ entry: Span<UInt8>, keys: [Digest: PublicKey]) -> CheckedEntry {
    hash(entry, leaf: treeHasher.leaf(entry), keys: keys)
  }

  /// The leaf hashes of the entries at `ranges` of `bytes`, hashed many at once, and what `hash` gives for the block headers among
  /// them, with their places among `ranges`, counted from 0.
  public mutating func hash(
    _ bytes: Span<UInt8>, _ ranges: ArraySlice<Range<Int>>, keys: [Digest: PublicKey]
  ) -> (leaves: [Digest], headers: [(offset: Int, checked: CheckedEntry)]) {
    var leaves: [Digest] = []
    leaves.reserveCapacity(ranges.count)
    treeHasher.appendLeaves(bytes, at: ranges, to: &leaves)
    var headers: [(offset: Int, checked: CheckedEntry)] = []
    for (offset, range) in ranges.enumerated() where range.count <= BlockHeader.maximumEntryByteCount {
      let entry = bytes.extracting(range)
      let checked = hash(entry, leaf: leaves[offset], keys: keys)
      if checked.isHeader(entry) { headers.append((offset, checked)) }
    }
    return (leaves, headers)
  }

  private mutating func hash(
    _ entry: Span<UInt8>, leaf: Digest, keys: [Digest: PublicKey]
  ) -> CheckedEntry {
    guard entry.count <= BlockHeader.maximumEntryByteCount else {
      return CheckedEntry(leaf: leaf, content: .malformed(EntryChecker.notRead))
    }
    do {
      let view = try EntryView(decoding: entry)
      if BlockHeader.isHeader(view, of: entry) { return check(entry, view, leaf: leaf, keys: keys) }
      return CheckedEntry(
        leaf: leaf,
        content: .decoded(.init(view: view, id: .zero, payloadHash: .zero, signature: .unknownKey)))
    } catch {
      return CheckedEntry(leaf: leaf, content: .malformed(error))
    }
  }

  private static let notRead = StatementError(
    .malformed, "longer than any block header, and not read")

  // Static, so that the buffer and the context of one checker can be used side by side.
  private static func digest(_ bytes: [UInt8], using hasher: inout SHA256) -> Digest {
    hasher.digest(bytes.span)
  }

  private static func judge(
    _ entry: Span<UInt8>, _ view: EntryView, _ signed: Span<UInt8>, by key: PublicKey?
  ) -> CheckedEntry.Signature {
    guard let key else { return .unknownKey }
    let isValid =
      view.algorithm.keyAlgorithm == key.algorithm
      && key.isValid(signature: entry.extracting(view.signature), over: signed)
    return isValid ? .valid : .invalid
  }
}
