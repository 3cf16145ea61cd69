public import LedgerCrypto
import Statements
public import TransparencyLog

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
/// renew-key     = { roster: digest, member: id, key: COSE_Key, possession: bstr .size 64, retires: [* digest] }
/// revoke-key    = { roster: digest, member: id, revokes: digest, reason: tstr .size (1..1024), ? since: uint,
///                   ? key: COSE_Key }
/// set-administrators = { roster: digest, members: [+ id], threshold: uint }
/// set-validators = { roster: digest, validators: [+ validator], quorum: uint, ? "crash-faults-only": true,
///                    joins: [* join] }
/// set-log-key   = { roster: digest, log: vkey, possession: bstr .size 64 }
/// ```
///
/// `add-member` with the id of a member that was removed brings that member back, with the name, the roles and the new
/// keys that it gives; the old keys stay ended. `rotate-key` adds `key` and retires the listed keys, by thumbprint; a
/// list with nothing in it only adds. `set-roles` and `rename` replace what the member has. Roles are sorted, and each
/// is one that a rule set of the ledger knows or begins with `x-`.
///
/// `renew-key` is proposed by the member itself, signed with a key that it has; the new key proves possession with a signature over
/// `zheng/key/v1`, a newline, and `{ ledger: digest, member: id, key: digest }`. `revoke-key` ends a key, or marks one that has ended,
/// with a reason and the time, in ms, since which it may have been in other hands; `key` takes its place. `set-administrators` and
/// `set-validators` replace what the terms have. Each validator that has a key which no validator had before signs for itself: `joins`, in
/// the order of `validators`. `set-log-key` replaces the log key; `possession` is by the new one, over `zheng/key/v1`, a newline, and
/// `{ ledger: digest, use: "log", key: digest }`.
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
    /// Gives the member that proposes it a key, which proves possession, and ends the listed ones.
    case renewKey(member: String, key: PublicKey, possession: [UInt8], retires: [Digest])
    /// Ends a key of a member, or marks one that has ended; `since`, in ms, is since when it may have been in other hands.
    case revokeKey(member: String, key: Digest, reason: String, since: UInt64?, replacement: PublicKey?)
    /// Replaces the administrators and how many of them must approve a change.
    case setAdministrators([String], threshold: Int)
    /// Replaces the validators and their quorum.
    case setValidators([Validator], quorum: Int, isCrashFaultsOnly: Bool, joins: [ValidatorJoin])
    /// Replaces the log key by one that proves possession.
    case setLogKey(NoteVerifierKey, possession: [UInt8])

    /// What it reads or changes. When one of two changes that share some of it is adopted, the other is void.
    var touched: Set<Touched> {
      switch self {
      case .addMember(let id, _, _, let keys): Set([.member(id)] + keys.map { .key($0.thumbprint) })
      case .removeMember(let id), .setRoles(let id, _), .rename(let id, _): [.member(id)]
      case .rotateKey(let id, let key, _): [.member(id), .key(key.thumbprint)]
      case .setParameter(let name, _): [.parameter(name)]
      case .renewKey(let id, let key, _, _): [.member(id), .key(key.thumbprint)]
      case .revokeKey(let id, _, _, _, let key):
        Set([Touched.member(id)] + (key.map { [Touched.key($0.thumbprint)] } ?? []))
      case .setAdministrators: [.administration]
      case .setValidators(let validators, _, _, _):
        Set([Touched.validators] + validators.flatMap(\.keys).map { Touched.key($0.thumbprint) })
      case .setLogKey(let key, _): [.logKey, .key(key.publicKey.thumbprint)]
      }
    }
  }

  /// A part of the roster that a change touches.
  enum Touched: Hashable, Sendable {
    case member(String)
    case key(Digest)
    case parameter(String)
    case administration
    case validators
    case logKey
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
    case .renewKey: Kind.renewKey
    case .revokeKey: Kind.revokeKey
    case .setAdministrators: Kind.setAdministrators
    case .setValidators: Kind.setValidators
    case .setLogKey: Kind.setLogKey
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
    case .renewKey(let id, let key, let possession, let retires):
      pairs += [
        ("member", .text(id)), ("key", key.coseKey), ("possession", .bytes(possession)),
        ("retires", .array(retires.map { .bytes($0.bytes) })),
      ]
    case .revokeKey(let id, let key, let reason, let since, let replacement):
      pairs += [("member", .text(id)), ("revokes", .bytes(key.bytes)), ("reason", .text(reason))]
      if let since { pairs.append(("since", .unsigned(since))) }
      if let replacement { pairs.append(("key", replacement.coseKey)) }
    case .setAdministrators(let members, let threshold):
      pairs += [
        ("members", .array(members.sorted().map(CBOR.text))),
        ("threshold", .unsigned(UInt64(clamping: threshold))),
      ]
    case .setValidators(let validators, let quorum, let isCrashFaultsOnly, let joins):
      pairs += [
        ("validators", .array(validators.map(\.cbor))), ("quorum", .unsigned(UInt64(clamping: quorum))),
        ("joins", .array(joins.map(\.cbor))),
      ]
      if isCrashFaultsOnly { pairs.append(("crash-faults-only", .bool(true))) }
    case .setLogKey(let key, let possession):
      pairs += [("log", .text(key.description)), ("possession", .bytes(possession))]
    }
    return CBOR.map(CBORMap(pairs)).encoded
  }

  /// The change that a statement of type `contentType` proposes, or nil if that type proposes none.
  ///
  /// - Throws: `malformed`.
  public init?(contentType: String, payload: [UInt8]) throws(Refusal) {
    do {
      guard RosterChange.kinds.contains(contentType) else { return nil }
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
        action = .rotateKey(member: member, key: key, retires: try RosterChange.retired(&fields))
      case Kind.setRoles:
        let member = try fields.text("member", bytes: 1...64)
        action = .setRoles(
          member: member, roles: try RosterChange.roles(fields.array("roles", count: 0...16)))
      case Kind.rename:
        let member = try fields.text("member", bytes: 1...64)
        action = .rename(member: member, name: try LocalizedName(fields.value("name")))
      case Kind.setParameter:
        action = .setParameter(
          name: try fields.text("name", bytes: 1...64), value: try fields.unsigned("value"))
      default: action = try RosterChange.later(contentType, &fields)
      }
      try fields.finish()
    } catch {
      throw Refusal(.malformed, "\(error)")
    }
  }

  /// The types of proposals.
  private static let kinds: Set = [
    Kind.addMember, Kind.removeMember, Kind.rotateKey, Kind.setRoles, Kind.rename, Kind.setParameter,
    Kind.renewKey, Kind.revokeKey, Kind.setAdministrators, Kind.setValidators, Kind.setLogKey,
  ]

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
