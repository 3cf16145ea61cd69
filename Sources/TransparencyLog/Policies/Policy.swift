public import LedgerCrypto

/// Whom to trust: known logs, known witnesses, and which of them must have cosigned (C2SP tlog-policy).
///
/// A value is always consistent: names are defined once and before they are used, and thresholds can be met.
public struct Policy: Hashable, Sendable {
  /// The largest policy that is read, in bytes.
  public static let maximumByteCount = 262_144

  /// The name of a witness or group: octets without white space or control characters. It means nothing outside its
  /// policy, and need not be UTF-8.
  public struct Name: Hashable, Sendable, CustomStringConvertible {
    /// The octets.
    public let bytes: [UInt8]

    /// The name of these octets, or nil if there are none, or one is a space, tab, newline or other control
    /// character.
    public init?(_ bytes: some Collection<UInt8>) {
      guard !bytes.isEmpty, bytes.allSatisfy({ $0 > 0x20 && $0 != 0x7f }) else { return nil }
      self.bytes = Array(bytes)
    }

    /// The name with the UTF-8 bytes of `text`, or nil as above.
    public init?(_ text: String) { self.init(text.utf8) }

    /// The octets as UTF-8; what is not UTF-8 is shown as U+FFFD.
    public var description: String { String(decoding: bytes, as: UTF8.self) }

    /// The predefined name that means no quorum; nothing else may have it.
    static let none = Array("none".utf8)
  }

  /// A log whose checkpoints are accepted.
  public struct Log: Hashable, Sendable {
    /// Its key, of type 0x01; the key's name is the log's origin.
    public let key: NoteVerifierKey
    /// Where it can be reached; octets as in `Name`.
    public let url: Name?

    public init(key: NoteVerifierKey, url: Name? = nil) {
      self.key = key
      self.url = url
    }
  }

  /// A witness whose cosignatures count.
  public struct Witness: Hashable, Sendable {
    /// Its name in this policy.
    public let name: Name
    /// Its key, of type 0x04.
    public let key: NoteVerifierKey
    /// Where it can be reached; octets as in `Name`.
    public let url: Name?

    public init(name: Name, key: NoteVerifierKey, url: Name? = nil) {
      self.name = name
      self.key = key
      self.url = url
    }
  }

  /// A witness whose key is of a type that this module cannot check: it never counts as having cosigned.
  public struct AbsentWitness: Hashable, Sendable {
    /// Its name in this policy.
    public let name: Name
    /// Its verifier key, as it is spelled.
    public let key: Name
    /// The signature type, as 0x06 for ML-DSA-44.
    public let type: UInt8
    /// Where it can be reached; octets as in `Name`.
    public let url: Name?
  }

  /// A group, which witnesses what at least `threshold` of its members witness.
  public struct Group: Hashable, Sendable {
    /// Its name in this policy.
    public let name: Name
    /// k of k-of-n, 1...members.count.
    public let threshold: Int
    /// Witnesses and earlier groups.
    public let members: [Name]

    public init(name: Name, threshold: Int, members: [Name]) {
      self.name = name
      self.threshold = threshold
      self.members = members
    }
  }

  /// Heights from one on, up to and with another or without end.
  public struct Blocks: Hashable, Sendable, CustomStringConvertible {
    /// The first height.
    public let first: UInt64
    /// The last height; nil if there is no end yet.
    public let last: UInt64?

    /// The heights from `first` to `last`; nil if there are none.
    public init?(_ first: UInt64, _ last: UInt64?) {
      if let last, last < first { return nil }
      (self.first, self.last) = (first, last)
    }

    /// Whether `height` is one of them.
    public func contains(_ height: UInt64) -> Bool { height >= first && last.map { height <= $0 } ?? true }

    /// `A-B`, or `A-` without end.
    public var description: String { "\(first)-\(last.map(String.init) ?? "")" }
  }

  /// The logs, in the order of the file.
  public private(set) var logs: [Log] = []
  /// The witnesses, in the order of the file.
  public private(set) var witnesses: [Witness] = []
  /// The witnesses whose keys cannot be checked, in the order of the file.
  public private(set) var absent: [AbsentWitness] = []
  /// The ledger that the policy is of, by its comment `# ledger ID`; nil if it has none.
  public private(set) var ledger: Digest?
  /// The blocks in which its validators held office, by its comment `# blocks A-B`; nil if it has none.
  public private(set) var blocks: Blocks?
  /// Whether its validators are expected to crash and never to lie, by its comment `# crash-faults-only`.
  public private(set) var isCrashFaultsOnly = false
  /// The groups, each after those that it names.
  public private(set) var groups: [Group] = []
  /// The witness or group that must have witnessed a checkpoint; nil for `quorum none`.
  public private(set) var quorum: Name?

  /// What each name refers to. Derived from the other properties.
  private(set) var definitions: [Name: Definition] = [:]

  enum Definition: Hashable {
    case witness(Int)
    case group(Int)
    case absent
  }

  /// The names of the validators: of the witnesses in the group `all_validators`, as policies of ours have it. The other witnesses
  /// are witnesses only. Empty where there is no such group.
  public var validators: Set<Name> {
    guard case .group(let place)? = Name("all_validators").flatMap({ definitions[$0] }) else { return [] }
    var names: Set<Name> = []
    var left = groups[place].members
    // A name is a member once at most, so this ends.
    while let name = left.popLast() {
      if case .group(let place)? = definitions[name] {
        left += groups[place].members
      } else {
        names.insert(name)
      }
    }
    return names
  }

  /// The policy of these parts.
  ///
  /// - Parameter quorum: nil means that no cosignature is needed at all.
  /// - Throws: `malformedPolicy` if two logs or two witnesses have one key, a log's key is not of type 0x01 or a
  ///   witness's not of type 0x04, a name is `none` or is defined twice, a group has no members, a threshold that
  ///   is not in 1...n, a member that is not defined before it or that is a member already (of this or another
  ///   group), the quorum is not defined, or the text would be larger than is read.
  public init(logs: [Log], witnesses: [Witness], groups: [Group], quorum: Name?) throws(LogError) {
    var builder = Builder()
    for log in logs { try builder.add(log) }
    for witness in witnesses { try builder.add(witness) }
    for group in groups { try builder.add(group) }
    try builder.setQuorum(quorum)
    self = try builder.finish()
    guard bytes.count <= Policy.maximumByteCount else {
      throw LogError(.malformedPolicy, "a policy of more than \(Policy.maximumByteCount) bytes")
    }
  }

  private init() {}

  /// What to say of the block at `height`, where the policy is not for it; nil if it is.
  public func refusal(ofBlock height: UInt64) -> String? {
    guard let blocks, !blocks.contains(height) else { return nil }
    return "the policy is for blocks \(blocks), in which its validators held office; this is block \(height)"
  }

  /// The policy for these blocks, or for all.
  public func bound(to blocks: Blocks?) -> Policy {
    var policy = self
    policy.blocks = blocks
    return policy
  }

  /// The policy without addresses and without the ledger that it is of: what judges a signature.
  public var judging: Policy {
    var policy = self
    policy.ledger = nil
    policy.logs = logs.map { Log(key: $0.key) }
    policy.witnesses = witnesses.map { Witness(name: $0.name, key: $0.key) }
    policy.absent = absent.map { AbsentWitness(name: $0.name, key: $0.key, type: $0.type, url: nil) }
    return policy
  }

  /// Collects definitions in the order of a file, and refuses the first that does not fit those before it.
  struct Builder {
    private var policy = Policy()
    private var logKeys: Set<[UInt8]> = []
    private var witnessKeys: Set<[UInt8]> = []
    private var members: Set<Name> = []
    private var hasQuorum = false

    mutating func add(_ log: Log) throws(LogError) {
      guard log.key.type == .ed25519 else {
        throw LogError(.malformedPolicy, "the key of log \(log.key.name) is not of type 0x01")
      }
      guard logKeys.insert(log.key.publicKey.rawBytes).inserted else {
        throw LogError(.malformedPolicy, "the key of log \(log.key.name) is listed twice")
      }
      policy.logs.append(log)
    }

    mutating func add(_ witness: Witness) throws(LogError) {
      guard witness.key.type == .cosignature else {
        throw LogError(.malformedPolicy, "the key of witness \(witness.name) is not of type 0x04")
      }
      guard witnessKeys.insert(witness.key.publicKey.rawBytes).inserted else {
        throw LogError(.malformedPolicy, "the key of witness \(witness.name) is listed twice")
      }
      try define(witness.name, .witness(policy.witnesses.count))
      policy.witnesses.append(witness)
    }

    mutating func add(_ witness: AbsentWitness) throws(LogError) {
      guard policy.absent.allSatisfy({ $0.key != witness.key }) else {
        throw LogError(.malformedPolicy, "the key of witness \(witness.name) is listed twice")
      }
      try define(witness.name, .absent)
      policy.absent.append(witness)
    }

    mutating func setLedger(_ ledger: Digest) throws(LogError) {
      guard policy.ledger == nil || policy.ledger == ledger else {
        throw LogError(.malformedPolicy, "it says of two ledgers that it is theirs")
      }
      policy.ledger = ledger
    }

    mutating func setCrashFaultsOnly() { policy.isCrashFaultsOnly = true }

    mutating func setBlocks(_ blocks: Blocks) throws(LogError) {
      guard policy.blocks == nil || policy.blocks == blocks else {
        throw LogError(.malformedPolicy, "two \"# blocks\" comments differ")
      }
      policy.blocks = blocks
    }

    mutating func add(_ group: Group) throws(LogError) {
      guard !group.members.isEmpty, (1...group.members.count).contains(group.threshold) else {
        throw LogError(
          .malformedPolicy,
          "group \(group.name) asks for \(group.threshold) of \(group.members.count) members")
      }
      for member in group.members {
        guard policy.definitions[member] != nil else {
          throw LogError(.malformedPolicy, "member \(member) of group \(group.name) is not defined before it")
        }
        guard members.insert(member).inserted else {
          throw LogError(.malformedPolicy, "\(member) is a member twice")
        }
      }
      try define(group.name, .group(policy.groups.count))
      policy.groups.append(group)
    }

    /// - Parameter name: nil for `none`.
    mutating func setQuorum(_ name: Name?) throws(LogError) {
      guard !hasQuorum else { throw LogError(.malformedPolicy, "the quorum is given twice") }
      if let name, policy.definitions[name] == nil {
        throw LogError(.malformedPolicy, "the quorum \(name) is not defined before it")
      }
      policy.quorum = name
      hasQuorum = true
    }

    func finish() throws(LogError) -> Policy {
      guard hasQuorum else { throw LogError(.malformedPolicy, "no quorum is given") }
      return policy
    }

    private mutating func define(_ name: Name, _ definition: Definition) throws(LogError) {
      guard name.bytes != Name.none else { throw LogError(.malformedPolicy, "the name none is predefined") }
      guard policy.definitions.updateValue(definition, forKey: name) == nil else {
        throw LogError(.malformedPolicy, "the name \(name) is defined twice")
      }
    }
  }
}
