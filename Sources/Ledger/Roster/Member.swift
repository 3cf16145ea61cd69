public import LedgerCrypto
public import Statements

/// A name in Chinese and English; at least one of the two.
public struct LocalizedName: Hashable, Sendable {
  /// The Chinese name, at most 200 bytes.
  public let zh: String?
  /// The English name, at most 200 bytes.
  public let en: String?

  /// A name; nil unless there is at least one, and each has 1 to 200 bytes without control characters.
  public init?(zh: String?, en: String?) {
    guard zh != nil || en != nil else { return nil }
    for name in [zh, en] {
      guard let name else { continue }
      guard (1...200).contains(name.utf8.count), !name.hasControlCharacter else { return nil }
    }
    (self.zh, self.en) = (zh, en)
  }

  /// The names in one line, Chinese first.
  public var both: String { [zh, en].compactMap { $0 }.joined(separator: " ") }

  var cbor: CBOR {
    var pairs: [(CBOR, CBOR)] = []
    if let zh { pairs.append((.text("zh"), .text(zh))) }
    if let en { pairs.append((.text("en"), .text(en))) }
    return .map(CBORMap(pairs))
  }

  init(_ cbor: CBOR) throws(StatementError) {
    var fields = try CBORFields(cbor, of: "name")
    let name = LocalizedName(
      zh: try fields.optionalText("zh", bytes: 1...200), en: try fields.optionalText("en", bytes: 1...200))
    try fields.finish()
    guard let name else {
      throw StatementError(.malformed, "a name needs \"zh\" or \"en\", without control characters")
    }
    self = name
  }
}

/// A key of a member and the heights at which it holds.
public struct MemberKey: Hashable, Sendable {
  /// The key.
  public let key: PublicKey
  /// Its RFC 9679 thumbprint, which statements carry as `kid`.
  public let id: Digest
  /// The first height at which it holds.
  public let from: UInt64
  /// The first height at which it no longer holds; nil while none is set.
  public let until: UInt64?
  /// Why it was revoked; nil where it was not.
  public let revocation: Revocation?

  /// Why a key was revoked.
  public struct Revocation: Hashable, Sendable {
    /// The reason, 1 to 1,024 bytes.
    public let reason: String
    /// Since when it may have been in other hands, in ms since the epoch, where that is known.
    public let since: UInt64?

    public init(reason: String, since: UInt64?) { (self.reason, self.since) = (reason, since) }
  }

  /// The most bytes of a revocation's reason.
  public static let mostReasonBytes = 1024

  /// A key that holds at the heights from `from` up to, but not including, `until`.
  public init(_ key: PublicKey, from: UInt64, until: UInt64? = nil, revocation: Revocation? = nil) {
    (self.key, self.from, self.until, self.revocation) = (key, from, until, revocation)
    id = key.thumbprint
  }

  /// Whether it holds at `height`.
  public func isInForce(at height: UInt64) -> Bool {
    guard let until else { return from <= height }
    return from <= height && height < until
  }
}

/// An organisation that may write: one item of the roster.
///
/// ```cddl
/// member = { id: id, name: name, roles: [* id], keys: [+ { key: COSE_Key, from: uint, ? until: uint, ? revoked: revoked }] }
/// revoked = { reason: tstr .size (1..1024), ? since: uint }
/// name   = { ? zh: tstr .size (1..200), ? en: tstr .size (1..200) }
/// id     = tstr .regexp "[a-z0-9][a-z0-9-]{0,63}"
/// ```
public struct Member: Hashable, Sendable {
  /// Its name in statements: 1 to 64 of `a-z`, `0-9`, `-`, not beginning with `-`.
  public let id: String
  /// Its name for people.
  public let name: LocalizedName
  /// What it may do, sorted.
  public let roles: [String]
  /// Every key that it ever had, in the order in which they came.
  public let keys: [MemberKey]

  /// The most keys that one member may ever have.
  public static let maximumKeyCount = 64

  /// A member.
  ///
  /// - Throws: `malformed` if an id, a role or the number of keys is out of bounds, or a key ends before it holds.
  public init(id: String, name: LocalizedName, roles: [String], keys: [MemberKey]) throws(Refusal) {
    guard Member.isID(id) else {
      throw Refusal(
        .malformed, "\(id.quoted) is no member id: 1 to 64 of a-z, 0-9 and -, not beginning with -")
    }
    guard roles.allSatisfy(Member.isID), Set(roles).count == roles.count, roles.count <= 16 else {
      throw Refusal(.malformed, "the roles of \(id) must be at most 16 different words of a-z, 0-9 and -")
    }
    guard (1...Member.maximumKeyCount).contains(keys.count) else {
      throw Refusal(.malformed, "\(id) has \(keys.count) keys; 1 to \(Member.maximumKeyCount) are allowed")
    }
    for key in keys {
      if let until = key.until, until <= key.from {
        throw Refusal(.malformed, "a key of \(id) ends at \(until), before it holds")
      }
    }
    (self.id, self.name, self.roles, self.keys) = (id, name, roles.sorted(), keys)
  }

  /// Whether one of its keys holds at `height`. A member that was removed has none.
  public func isInForce(at height: UInt64) -> Bool { keys.contains { $0.isInForce(at: height) } }

  /// Whether `text` is a member id or a role.
  public static func isID(_ text: String) -> Bool {
    guard (1...64).contains(text.utf8.count), text.utf8.first != UInt8(ascii: "-") else { return false }
    return text.utf8.allSatisfy {
      switch $0 {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"):
        true
      default: false
      }
    }
  }

  /// The canonical item.
  public var cbor: CBOR {
    .map([
      .text("id"): .text(id), .text("name"): name.cbor, .text("roles"): .array(roles.map(CBOR.text)),
      .text("keys"): .array(
        keys.map { key in
          var pairs: [(CBOR, CBOR)] = [(.text("key"), key.key.coseKey), (.text("from"), .unsigned(key.from))]
          if let until = key.until { pairs.append((.text("until"), .unsigned(until))) }
          if let revocation = key.revocation { pairs.append((.text("revoked"), revocation.cbor)) }
          return .map(CBORMap(pairs))
        }),
    ])
  }

  /// The member of a canonical item.
  public init(_ cbor: CBOR) throws(Refusal) {
    do {
      var fields = try CBORFields(cbor, of: "member")
      let id = try fields.text("id", bytes: 1...64)
      let name = try LocalizedName(fields.value("name"))
      var roles: [String] = []
      for role in try fields.array("roles", count: 0...16) {
        guard case .text(let role) = role else {
          throw StatementError(.malformed, "a role of \(id.quoted) is not a text")
        }
        roles.append(role)
      }
      var keys: [MemberKey] = []
      for key in try fields.array("keys", count: 1...Member.maximumKeyCount) {
        var fields = try CBORFields(key, of: "key of \(id.quoted)")
        let publicKey = try PublicKey(coseKey: fields.value("key"))
        let from = try fields.unsigned("from")
        let until = try fields.optionalUnsigned("until")
        let revocation = try fields.optionalFields("revoked").map { fields throws(StatementError) in
          try MemberKey.Revocation(fields)
        }
        try fields.finish()
        guard revocation == nil || until != nil else {
          throw StatementError(.malformed, "a key of \(id) is revoked and does not end")
        }
        keys.append(MemberKey(publicKey, from: from, until: until, revocation: revocation))
      }
      try fields.finish()
      try self.init(id: id, name: name, roles: roles, keys: keys)
      guard self.roles == roles else { throw StatementError(.malformed, "the roles of \(id) are not sorted") }
    } catch let error as StatementError {
      throw Refusal(.malformed, error.description)
    } catch let error as Refusal {
      throw error
    } catch {
      throw Refusal(.malformed, "\(error)")
    }
  }
}

extension MemberKey.Revocation {
  var cbor: CBOR {
    var pairs: [(CBOR, CBOR)] = [("reason", .text(reason))]
    if let since { pairs.append(("since", .unsigned(since))) }
    return .map(CBORMap(pairs))
  }

  init(_ fields: CBORFields) throws(StatementError) {
    var fields = fields
    reason = try fields.text("reason", bytes: 1...MemberKey.mostReasonBytes)
    since = try fields.optionalUnsigned("since", in: 0...BlockHeader.maximumTime)
    try fields.finish()
  }
}
