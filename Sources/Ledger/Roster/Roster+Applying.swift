import LedgerCrypto

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
    case .renewKey(let id, let key, _, let retires):
      return try applying(.rotateKey(member: id, key: key, retires: retires), inForceFrom: height)
    case .revokeKey(let id, let key, let reason, let since, let replacement):
      guard let member = member(id) else {
        throw Refusal(.unknownMember, "no member is called \(id.quoted)")
      }
      guard let revoked = member.keys.first(where: { $0.id == key }), revoked.revocation == nil else {
        throw Refusal(.unknownKey, "\(key) is no key of \(id), or was revoked before")
      }
      let mark = MemberKey.Revocation(reason: reason, since: since)
      let marked = member.keys.map { $0.id == key ? $0.ending(at: height, revoked: mark) : $0 }
      let fresh = replacement.map { [MemberKey($0, from: height)] } ?? []
      return try replacing(member, keys: marked + fresh, from: height)
    case .setAdministrators(let administrators, let threshold):
      for id in administrators { _ = try memberInForce(id, at: height) }
      let changed = try terms.with(administrators: administrators, threshold: threshold)
      return try Roster(terms: changed, members: members, inForceFrom: height)
    case .setValidators(let validators, let quorum, let isCrashFaultsOnly, _):
      let changed = try terms.with(
        validators: validators, quorum: quorum, isCrashFaultsOnly: isCrashFaultsOnly, since: height)
      return try Roster(terms: changed, members: members, inForceFrom: height)
    case .setLogKey(let key, _):
      let changed = try terms.with(logKey: key, since: height)
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
  /// This key, holding below `height` only; a key that has ended already stays as it ended.
  fileprivate func ending(at height: UInt64, revoked: Revocation? = nil) -> MemberKey {
    MemberKey(key, from: from, until: until ?? height, revocation: revoked ?? revocation)
  }
}
