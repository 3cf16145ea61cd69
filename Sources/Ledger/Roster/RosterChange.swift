public import LedgerCrypto
import Statements

/// A proposal to change the roster: what, and which roster.
///
/// ```cddl
/// add-member    = { roster: digest, id: id, name: name, roles: [* id], keys: [+ COSE_Key] }
/// remove-member = { roster: digest, member: id }
/// rotate-key    = { roster: digest, member: id, key: COSE_Key, retires: [* digest] }
/// set-roles     = { roster: digest, member: id, roles: [* id] }
/// rename        = { roster: digest, member: id, name: name }
/// set-parameter = { roster: digest, name: tstr, value: uint }
/// digest        = bstr .size 32
/// ```
///
/// `add-member` with the id of a member that was removed brings that member back, with the name, the roles and the new
/// keys that it gives; the old keys stay ended. `rotate-key` adds `key` and retires the listed keys, by thumbprint; a
/// list with nothing in it only adds. `set-roles` and `rename` replace what the member has. Roles are sorted, and each
/// is one that a rule set of the ledger knows or begins with `x-`.
public struct RosterChange: Hashable, Sendable {
  /// The root of the roster in force where it is proposed. The proposal is void once anything it touches has changed.
  public let roster: Digest
  /// What it changes.
  public let action: Action

  /// What a proposal changes.
  public enum Action: Hashable, Sendable {
    /// Adds a member, or brings a removed one back, with keys that hold from the height at which the change comes into
    /// force.
    case addMember(id: String, name: LocalizedName, roles: [String], keys: [PublicKey])
    /// Ends every key of a member.
    case removeMember(String)
    /// Gives a member a key and ends the listed ones.
    case rotateKey(member: String, key: PublicKey, retires: [Digest])
    /// Replaces the roles of a member by these.
    case setRoles(member: String, roles: [String])
    /// Gives a member another name for people.
    case rename(member: String, name: LocalizedName)
    /// Sets a parameter.
    case setParameter(name: String, value: UInt64)

    /// What it reads or changes. When one of two changes that share some of it is adopted, the other is void.
    var touched: Set<Touched> {
      switch self {
      case .addMember(let id, _, _, let keys): Set([.member(id)] + keys.map { .key($0.thumbprint) })
      case .removeMember(let id), .setRoles(let id, _), .rename(let id, _): [.member(id)]
      case .rotateKey(let id, let key, _): [.member(id), .key(key.thumbprint)]
      case .setParameter(let name, _): [.parameter(name)]
      }
    }
  }

  /// A part of the roster that a change touches.
  enum Touched: Hashable, Sendable {
    case member(String)
    case key(Digest)
    case parameter(String)
  }

  /// A change of the roster with this root.
  public init(of roster: Digest, _ action: Action) { (self.roster, self.action) = (roster, action) }

  /// The content type of a proposal of this change.
  public var contentType: String {
    switch action {
    case .addMember: Kind.addMember
    case .removeMember: Kind.removeMember
    case .rotateKey: Kind.rotateKey
    case .setRoles: Kind.setRoles
    case .rename: Kind.rename
    case .setParameter: Kind.setParameter
    }
  }

  /// The payload of a proposal of this change.
  public var payload: [UInt8] {
    var pairs: [(CBOR, CBOR)] = [(.text("roster"), .bytes(roster.bytes))]
    switch action {
    case .addMember(let id, let name, let roles, let keys):
      pairs += [
        (.text("id"), .text(id)), (.text("name"), name.cbor),
        (.text("roles"), .array(roles.sorted().map(CBOR.text))),
        (.text("keys"), .array(keys.map(\.coseKey))),
      ]
    case .removeMember(let id): pairs.append((.text("member"), .text(id)))
    case .rotateKey(let id, let key, let retires):
      pairs += [
        (.text("member"), .text(id)), (.text("key"), key.coseKey),
        (.text("retires"), .array(retires.map { .bytes($0.bytes) })),
      ]
    case .setRoles(let id, let roles):
      pairs += [(.text("member"), .text(id)), (.text("roles"), .array(roles.sorted().map(CBOR.text)))]
    case .rename(let id, let name): pairs += [(.text("member"), .text(id)), (.text("name"), name.cbor)]
    case .setParameter(let name, let value):
      pairs += [(.text("name"), .text(name)), (.text("value"), .unsigned(value))]
    }
    return CBOR.map(CBORMap(pairs)).encoded
  }

  /// The change that a statement of type `contentType` proposes, or nil if that type proposes none.
  ///
  /// - Throws: `malformed`.
  public init?(contentType: String, payload: [UInt8]) throws(Refusal) {
    do {
      switch contentType {
      case Kind.addMember, Kind.removeMember, Kind.rotateKey, Kind.setRoles, Kind.rename, Kind.setParameter:
        break
      default: return nil
      }
      var fields = try CBORFields(CBOR(decoding: payload), of: "proposal")
      roster = try fields.digest("roster")
      switch contentType {
      case Kind.addMember:
        let id = try fields.text("id", bytes: 1...64)
        let name = try LocalizedName(fields.value("name"))
        let roles = try RosterChange.roles(fields.array("roles", count: 0...16))
        let keys = try fields.array("keys", count: 1...Member.maximumKeyCount)
          .map { key throws(StatementError) in try PublicKey(coseKey: key) }
        action = .addMember(id: id, name: name, roles: roles, keys: keys)
      case Kind.removeMember:
        action = .removeMember(try fields.text("member", bytes: 1...64))
      case Kind.rotateKey:
        let member = try fields.text("member", bytes: 1...64)
        let key = try PublicKey(coseKey: fields.value("key"))
        let retires = try fields.array("retires", count: 0...Member.maximumKeyCount)
          .map { id throws(StatementError) in
            guard case .bytes(let bytes) = id, let id = Digest(bytes) else {
              throw StatementError(.malformed, "a retired key is not a thumbprint of 32 bytes")
            }
            return id
          }
        guard Set(retires).count == retires.count else {
          throw StatementError(.malformed, "a key is retired twice")
        }
        action = .rotateKey(member: member, key: key, retires: retires)
      case Kind.setRoles:
        let member = try fields.text("member", bytes: 1...64)
        action = .setRoles(
          member: member, roles: try RosterChange.roles(fields.array("roles", count: 0...16)))
      case Kind.rename:
        let member = try fields.text("member", bytes: 1...64)
        action = .rename(member: member, name: try LocalizedName(fields.value("name")))
      default:
        action = .setParameter(
          name: try fields.text("name", bytes: 1...64), value: try fields.unsigned("value"))
      }
      try fields.finish()
    } catch {
      throw Refusal(.malformed, "\(error)")
    }
  }

  /// Roles in their one order, so that a change has one payload.
  private static func roles(_ items: [CBOR]) throws(StatementError) -> [String] {
    var roles: [String] = []
    for item in items {
      guard case .text(let role) = item, Member.isID(role) else {
        throw StatementError(.malformed, "a role is not a word of a-z, 0-9 and -")
      }
      if let last = roles.last, last >= role {
        throw StatementError(.malformed, "the roles are not sorted, or one stands there twice")
      }
      roles.append(role)
    }
    return roles
  }
}

extension Roster {
  /// This roster, changed, as it is in force from `height` on.
  ///
  /// - Throws: why the change can't be made: `unknown-member`, `threshold`, `malformed`.
  func applying(_ change: RosterChange.Action, inForceFrom height: UInt64) throws(Refusal) -> Roster {
    switch change {
    case .addMember(let id, let name, let roles, let keys):
      let fresh = keys.map { MemberKey($0, from: height) }
      if let former = member(id), !former.isInForce(at: height) {
        return try replacing(former, name: name, roles: roles, keys: former.keys + fresh, from: height)
      }
      let member = try Member(id: id, name: name, roles: roles, keys: fresh)
      return try Roster(terms: terms, members: members + [member], inForceFrom: height)
    case .removeMember(let id):
      let member = try memberInForce(id, at: height)
      return try replacing(member, keys: member.keys.map { $0.ending(at: height) }, from: height)
    case .rotateKey(let id, let key, let retires):
      let member = try memberInForce(id, at: height)
      for retired in retires where !member.keys.contains(where: { $0.id == retired && $0.until == nil }) {
        throw Refusal(.unknownKey, "\(retired) is no key in force of \(id)")
      }
      let kept = member.keys.map { retires.contains($0.id) ? $0.ending(at: height) : $0 }
      return try replacing(member, keys: kept + [MemberKey(key, from: height)], from: height)
    case .setRoles(let id, let roles):
      return try replacing(memberInForce(id, at: height), roles: roles, from: height)
    case .rename(let id, let name):
      return try replacing(memberInForce(id, at: height), name: name, from: height)
    case .setParameter(let name, let value):
      let changed = try terms.with(terms.parameters.setting(name, to: value))
      return try Roster(terms: changed, members: members, inForceFrom: height)
    }
  }

  private func memberInForce(_ id: String, at height: UInt64) throws(Refusal) -> Member {
    guard let member = member(id) else { throw Refusal(.unknownMember, "no member is called \(id.quoted)") }
    guard member.isInForce(at: height) else { throw Refusal(.unknownMember, "\(id) was removed") }
    return member
  }

  /// This roster with some of what `member` has replaced.
  private func replacing(
    _ member: Member, name: LocalizedName? = nil, roles: [String]? = nil, keys: [MemberKey]? = nil,
    from height: UInt64
  ) throws(Refusal) -> Roster {
    let changed = try Member(
      id: member.id, name: name ?? member.name, roles: roles ?? member.roles, keys: keys ?? member.keys)
    return try Roster(
      terms: terms, members: members.map { $0.id == member.id ? changed : $0 }, inForceFrom: height)
  }
}

extension MemberKey {
  /// This key, holding below `height` only; a key that has ended already stays as it is.
  fileprivate func ending(at height: UInt64) -> MemberKey {
    MemberKey(key, from: from, until: until ?? height)
  }
}
