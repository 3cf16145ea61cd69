public import LedgerCrypto
public import Statements
import TransparencyLog

/// Who may do what: the terms, and the members in the order of their ids.
///
/// Each is an item in canonical CBOR; the roster is committed to as the RFC 6962 tree over them, so that one member's
/// item can be proven alone. A roster is a deterministic function of the ledger: founded by entry 0 and changed
/// by `consortium.*` statements. Two rosters are equal when their roots are.
public struct Roster: Sendable {
  /// Item 0.
  public var terms: Terms { parts.terms }
  /// Items 1 and after, in the order of their ids.
  public var members: [Member] { parts.members }
  /// Every item, encoded.
  public var items: [[UInt8]] { parts.items }
  /// The root over the items.
  public var root: Digest { parts.root }
  /// Every public key that is known for signing entries, by thumbprint: members' keys and the validators' block keys.
  public var keys: [Digest: PublicKey] { parts.keys }

  /// Shared by all copies: every statement that is judged comes with one.
  private let parts: Parts

  private final class Parts: Sendable {
    let terms: Terms
    let members: [Member]
    let items: [[UInt8]]
    let root: Digest
    let keys: [Digest: PublicKey]
    let holders: [Digest: Holder]
    let places: [String: Int]

    init(
      _ terms: Terms, _ members: [Member], _ items: [[UInt8]], root: Digest, _ keys: [Digest: PublicKey],
      _ holders: [Digest: Holder], _ places: [String: Int]
    ) {
      (self.terms, self.members, self.items, self.root) = (terms, members, items, root)
      (self.keys, self.holders, self.places) = (keys, holders, places)
    }
  }

  private enum Holder {
    case member(Int, key: Int)
    case proposer(Int)
    case log
    case other
  }

  /// The most members, removed ones included.
  public static let maximumMemberCount = 4096

  /// The roster of these terms and members.
  ///
  /// - Parameter height: the height from which it is in force.
  /// - Throws: `malformed` if ids or keys are used twice or an administrator is no member; `threshold` if fewer
  ///   administrators are in force than must approve a change.
  public init(terms: Terms, members: [Member], inForceFrom height: UInt64) throws(Refusal) {
    let members = members.sorted { $0.id < $1.id }
    guard (1...Roster.maximumMemberCount).contains(members.count) else {
      throw Refusal(.malformed, "1 to \(Roster.maximumMemberCount) members are allowed")
    }
    var holders: [Digest: Holder] = [:]
    var keys: [Digest: PublicKey] = [:]
    var places: [String: Int] = [:]
    holders[terms.logKey.publicKey.thumbprint] = .log
    for (index, validator) in terms.validators.enumerated() {
      for key in validator.keys {
        let id = key.thumbprint
        let isBlockKey = key == validator.blockKey
        guard holders.updateValue(isBlockKey ? .proposer(index) : .other, forKey: id) == nil else {
          throw Roster.usedTwice(id)
        }
        if isBlockKey { keys[id] = key }
      }
    }
    for id in terms.former {
      guard holders.updateValue(.other, forKey: id) == nil else { throw Roster.usedTwice(id) }
    }
    for (index, member) in members.enumerated() {
      guard places.updateValue(index, forKey: member.id) == nil else {
        throw Refusal(.malformed, "there is a member \(member.id) already")
      }
      for (number, key) in member.keys.enumerated() {
        guard holders.updateValue(.member(index, key: number), forKey: key.id) == nil else {
          throw Roster.usedTwice(key.id)
        }
        keys[key.id] = key.key
      }
    }
    var inForce = 0
    for administrator in terms.administrators {
      guard let place = places[administrator] else {
        throw Refusal(.malformed, "the administrator \(administrator.quoted) is not a member")
      }
      if members[place].isInForce(at: height) { inForce += 1 }
    }
    guard inForce >= terms.threshold else {
      throw Refusal(
        .threshold, "\(inForce) administrators would be left, and \(terms.threshold) must approve a change")
    }
    var hasher = TreeHasher()
    let items = [terms.cbor.encoded] + members.map { $0.cbor.encoded }
    let root = Merkle.root(of: items.map { hasher.leaf($0.span) }, using: &hasher)
    parts = Parts(terms, members, items, root: root, keys, holders, places)
  }

  static func usedTwice(_ key: Digest) -> Refusal {
    Refusal(.malformed, "the key \(key) is in use already; a key belongs to one member and to one use, ever")
  }

  /// The roster of these items.
  ///
  /// - Throws: as the other initialiser; `malformed` also for items that are out of order.
  public init(items: [CBOR], inForceFrom height: UInt64) throws(Refusal) {
    guard let first = items.first else { throw Refusal(.malformed, "a roster without terms") }
    var members: [Member] = []
    for item in items.dropFirst() { members.append(try Member(item)) }
    for (earlier, later) in zip(members, members.dropFirst()) where earlier.id >= later.id {
      throw Refusal(.malformed, "the members are not in the order of their ids")
    }
    try self.init(terms: Terms(first), members: members, inForceFrom: height)
  }

  /// The member called `id`, whether in force or removed.
  public func member(_ id: String) -> Member? { parts.places[id].map { members[$0] } }

  /// The number of the item of the member called `id` in the roster's tree.
  public func itemIndex(of id: String) -> Int? { parts.places[id].map { $0 + 1 } }

  /// The place of the member's key with this thumbprint: `members[member].keys[key]`.
  func place(of key: Digest) -> (member: Int, key: Int)? {
    guard case .member(let index, let number) = parts.holders[key] else { return nil }
    return (index, number)
  }

  /// The validator whose block key has this thumbprint.
  public func proposer(_ key: Digest) -> Validator? {
    guard case .proposer(let index) = parts.holders[key] else { return nil }
    return terms.validators[index]
  }

  /// Whether the member called `id` is an administrator.
  func isAdministrator(_ id: String) -> Bool { terms.administrators.contains(id) }

  /// Whether the member called `id` is an administrator that is in force at `height`.
  func isAdministrator(_ id: String, at height: UInt64) -> Bool {
    isAdministrator(id) && member(id)?.isInForce(at: height) == true
  }

  /// The administrators that are in force at `height`: a removed one approves nothing.
  public func administrators(at height: UInt64) -> [String] {
    terms.administrators.filter { isAdministrator($0, at: height) }
  }

  /// The trust file for others: a C2SP tlog-policy with the log's key, the validators' cosigner keys and the quorum.
  ///
  /// - Parameter last: the last block for which the validators hold office, where that is known.
  public func policyText(ledger: Digest, last: UInt64? = nil) -> String {
    let end = last.map(String.init) ?? ""
    var lines = ["# \(terms.name.both)", "# ledger \(ledger)", "# blocks \(terms.since)-\(end)"]
    if terms.isCrashFaultsOnly { lines.append("# crash-faults-only") }
    lines.append("log \(terms.logKey)")
    lines += terms.validators.map { "witness \($0.name) \($0.cosignerKey)" }
    // A group's name must differ from every witness's, and no member id holds an underscore.
    lines.append(
      "group all_validators \(terms.quorum) \(terms.validators.map(\.name).joined(separator: " "))")
    lines.append("quorum all_validators")
    return lines.joined(separator: "\n") + "\n"
  }
}

extension Roster: Hashable {
  /// Equal by root.
  public static func == (left: Roster, right: Roster) -> Bool { left.root == right.root }

  public func hash(into hasher: inout Hasher) { hasher.combine(root) }
}
