import LedgerCrypto
import Synchronization

/// The name of a value in the rule sets' state: parts, of which the first is the rule set's own.
///
/// Parts are joined by a zero byte, which no text of a statement holds, so that different parts never give the same key.
public struct StateKey: Hashable, Sendable {
  /// The parts as UTF-8, with a zero byte between two.
  public let bytes: [UInt8]
  /// Made once: a key is looked up several times on its way.
  private let hash: Int

  /// The key of these parts, none of which holds a zero byte.
  public init(_ parts: String...) {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(96)
    for (number, part) in parts.enumerated() {
      if number > 0 { bytes.append(0) }
      bytes.append(contentsOf: part.utf8)
    }
    self.init(bytes: bytes)
  }

  /// The key of these bytes, as a snapshot has stored them.
  public init(bytes: [UInt8]) {
    self.bytes = bytes
    var hasher = Hasher()
    unsafe bytes.withUnsafeBytes { unsafe hasher.combine(bytes: $0) }
    hash = hasher.finalize()
  }

  /// The parts.
  public var parts: [String] {
    bytes.split(separator: 0, omittingEmptySubsequences: false).map { String(decoding: $0, as: UTF8.self) }
  }

  /// The key as text: its parts with a `/` between two, and `%2F` and `%25` for `/` and `%` within them, so that different keys
  /// never look the same.
  package var name: String {
    var name = ""
    for (number, part) in parts.enumerated() {
      if number > 0 { name += "/" }
      for character in part.unicodeScalars {
        switch character {
        case "/": name += "%2F"
        case "%": name += "%25"
        default: name.unicodeScalars.append(character)
        }
      }
    }
    return name
  }

  /// Equal by the bytes.
  public static func == (left: StateKey, right: StateKey) -> Bool {
    left.hash == right.hash && left.bytes == right.bytes
  }

  public func hash(into hasher: inout Hasher) { hasher.combine(hash) }
}

/// A value of the rule sets' state, in memory and encoded.
public protocol StateValue: Sendable {
  /// The value that `encoded` is of.
  init(decoding encoded: [UInt8]) throws(Refusal)
  /// A map with text keys in canonical CBOR, so that the index can show its fields. Equal values have equal encodings.
  var encoded: [UInt8] { get }
}

/// A value as it was stored.
private struct EncodedValue: StateValue {
  let encoded: [UInt8]

  init(decoding encoded: [UInt8]) { self.encoded = encoded }
}

/// What an accepted statement writes.
public struct StateChange: Sendable {
  /// Where.
  public let key: StateKey
  /// What; nil removes what is there.
  let content: (any StateValue)?
  /// Whether this lists the statement at `key`, and sets no value.
  let isListing: Bool

  /// Sets the value at `key`.
  public init(_ key: StateKey, _ value: some StateValue) {
    (self.key, content, isListing) = (key, value, false)
  }

  /// Sets the value at `key` to the one with this encoding; nil removes it.
  public init(_ key: StateKey, _ encoded: [UInt8]?) {
    (self.key, content, isListing) = (key, encoded.map(EncodedValue.init), false)
  }

  /// Lists the statement among the records about `subject` too, as a countersignature among those of its target.
  ///
  /// - Parameter owner: the name of the rule set.
  public static func concerns(_ subject: String, of owner: String) -> StateChange {
    StateChange(listing: subject, of: owner)
  }

  private init(listing subject: String, of owner: String) {
    (key, content, isListing) = (.subject(subject, of: owner), nil, true)
  }

  /// The value's encoding.
  public var value: [UInt8]? { content?.encoded }
}

/// A stored state of the rule sets, as of some block.
public protocol StateSnapshot: Sendable {
  /// The value at `key`, or nil if there is none.
  func value(of key: StateKey) throws -> [UInt8]?
}

/// The rule sets' state after the last block: a stored snapshot and what came after it.
///
/// Shared by all that judge blocks of one ledger, one after the other; a block's changes are applied when it is final.
public final class RuleState: Sendable {
  private struct Contents {
    var recent: [StateKey: (any StateValue)?] = [:]
    var failure: (any Error)?
  }

  private let snapshot: (any StateSnapshot)?
  private let contents = Mutex(Contents())

  /// The state of `snapshot`; an empty one if there is none.
  public init(_ snapshot: (any StateSnapshot)? = nil) { self.snapshot = snapshot }

  /// The value at `key`, or nil if there is none.
  ///
  /// Where the snapshot can't be read the answer is nil and `failure` is set: then nothing that was judged by it counts.
  func content(of key: StateKey) -> (any StateValue)? {
    if let recent = contents.withLock({ $0.recent[key] }) { return recent }
    guard let snapshot else { return nil }
    do { return try snapshot.value(of: key).map(EncodedValue.init) } catch {
      contents.withLock { $0.failure = $0.failure ?? error }
      return nil
    }
  }

  /// The first failure to read the snapshot.
  public var failure: (any Error)? { contents.withLock { $0.failure } }

  /// Takes in what a block has changed.
  public func apply(_ changes: StateChanges) {
    contents.withLock { contents in
      for (key, value) in changes.contents {
        // Without a snapshot there is nothing that a removed value must hide.
        if snapshot == nil, value == nil {
          contents.recent[key] = nil
        } else {
          contents.recent.updateValue(value, forKey: key)
        }
      }
    }
  }

  /// How many values are held beside the snapshot.
  public var recentCount: Int { contents.withLock { $0.recent.count } }

  /// Lets go of what came after the snapshot; for its owner, when the snapshot has taken all of it in.
  public func forgetRecent() { contents.withLock { $0.recent = [:] } }

  /// Every value that came after the snapshot, encoded: without a snapshot, the whole state.
  public var recent: [StateKey: [UInt8]?] {
    contents.withLock { $0.recent.mapValues { $0?.encoded } }
  }
}

/// What rules see of the state: the narrow way in, and it only reads.
public struct StateReader: Sendable {
  private let state: RuleState
  private let block: StateChanges

  /// The state as `block`, the statements before in the same block, has changed it.
  public init(_ state: RuleState, after block: StateChanges = StateChanges()) {
    (self.state, self.block) = (state, block)
  }

  private func content(of key: StateKey) -> (any StateValue)? {
    if let changed = block.contents[key] { return changed }
    return state.content(of: key)
  }

  /// Whether there is a value at `key`.
  public func hasValue(at key: StateKey) -> Bool { content(of: key) != nil }

  /// The value at `key`, or nil if there is none.
  ///
  /// - Throws: the refusal with which `Value` does not decode: what a rule set writes it must be able to read.
  public func value<Value: StateValue>(of key: StateKey, as type: Value.Type) throws(Refusal) -> Value? {
    guard let content = content(of: key) else { return nil }
    if let value = content as? Value { return value }
    return try Value(decoding: content.encoded)
  }

  /// The value at `key`, encoded, or nil if there is none.
  public func value(of key: StateKey) -> [UInt8]? { content(of: key)?.encoded }
}
