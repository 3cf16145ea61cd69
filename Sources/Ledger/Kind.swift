/// The content types of the core's own statements. All that begins with `prefix` is reserved for kinds that rules know.
public enum Kind {
  /// The beginning of every reserved type, in any letter case.
  public static let prefix = "application/vnd.zheng."
  /// The founding statement, entry 0.
  public static let found = prefix + "consortium.found+cbor"
  /// A proposal to add a member.
  public static let addMember = prefix + "consortium.add-member+cbor"
  /// A proposal to remove a member.
  public static let removeMember = prefix + "consortium.remove-member+cbor"
  /// A proposal to give a member a new key and retire old ones.
  public static let rotateKey = prefix + "consortium.rotate-key+cbor"
  /// A proposal to give a member other roles.
  public static let setRoles = prefix + "consortium.set-roles+cbor"
  /// A proposal to give a member another name for people.
  public static let rename = prefix + "consortium.rename+cbor"
  /// A proposal to change a parameter.
  public static let setParameter = prefix + "consortium.set-parameter+cbor"
  /// A member's proposal to give itself a new key, which proves possession.
  public static let renewKey = prefix + "consortium.renew-key+cbor"
  /// A proposal to revoke a key of a member, with a reason.
  public static let revokeKey = prefix + "consortium.revoke-key+cbor"
  /// A proposal to change who administers.
  public static let setAdministrators = prefix + "consortium.set-administrators+cbor"
  /// A proposal to change the validators and their quorum.
  public static let setValidators = prefix + "consortium.set-validators+cbor"
  /// A proposal to change the log key.
  public static let setLogKey = prefix + "consortium.set-log-key+cbor"
  /// A second signature under a statement that waits for one.
  public static let countersign = prefix + "countersign+cbor"
  /// A block header, the last entry of its block.
  public static let block = prefix + "block+cbor"

  /// Whether the type at `range` of `entry` begins with `prefix`, in any letter case.
  package static func isReserved(_ range: Range<Int>, of entry: Span<UInt8>) -> Bool {
    guard range.count >= reservedBytes.count else { return false }
    for (offset, expected) in reservedBytes.enumerated() {
      let byte = entry[range.lowerBound + offset]
      let isUpper = byte >= UInt8(ascii: "A") && byte <= UInt8(ascii: "Z")
      guard (isUpper ? byte | 0x20 : byte) == expected else { return false }
    }
    return true
  }

  private static let reservedBytes = Array(prefix.utf8)

  /// Whether the type at `range` of `entry` is of the core's statements about the roster.
  static func isAboutRoster(_ range: Range<Int>, of entry: Span<UInt8>) -> Bool {
    var place = range.lowerBound
    for byte in "\(prefix)consortium.".utf8 {
      guard place < range.upperBound, entry[place] == byte else { return false }
      place += 1
    }
    return true
  }
}
