public import LedgerCrypto
public import Statements
import TransparencyLog

/// The terms and some members of one roster, each item with its path to the root that a header names.
///
/// ```cddl
/// extract = ( terms: any, terms-path: path, * ( member: any, member-path: path ) )
/// path = [index: uint, size: uint, [* digest]]
/// ```
///
/// It has one spelling: the terms, then members in the order of their ids, and of each path the greatest size that has it.
public struct RosterExtract: Sendable {
  /// The terms of the consortium.
  public let terms: Terms
  /// The members that it contains, by their ids.
  public let members: [String: Member]
  /// Its encoding as a CBOR sequence.
  public let encoded: [UInt8]

  /// The most members.
  public static let maximumMemberCount = 4096

  /// What `roster` says of its terms and of the members called `ids`, as far as it has them.
  ///
  /// - Throws: `roster` for more members than 4096.
  public init(of roster: Roster, members ids: Set<String>) throws(ProofError) {
    var hasher = TreeHasher()
    let tree = RosterTree(roster, using: &hasher)
    var encoded: [UInt8] = []
    let (item, path) = try tree.terms(using: &hasher)
    encoded += RecordProof.encode(issuer: item, path: path)
    for id in ids.sorted(by: { $0.utf8.lexicographicallyPrecedes($1.utf8) }) where roster.member(id) != nil {
      let (item, path) = try tree.item(of: id, using: &hasher)
      encoded += RecordProof.encode(issuer: item, path: path)
    }
    let items: [CBOR]
    do {
      items = try CBOR.decodeSequence(encoded.span, maximum: 2 + 2 * RosterExtract.maximumMemberCount)
    } catch {
      throw ProofError(.roster, error.description)
    }
    try self.init(items, root: roster.root)
  }

  /// What `items` say of the roster with this root.
  ///
  /// - Throws: `roster` for an item that is not in it, `malformed` for another spelling.
  public init(_ items: [CBOR], root: Digest) throws(ProofError) {
    guard items.count >= 2, items.count.isMultiple(of: 2) else {
      throw ProofError(.malformed, "an extract of a roster without terms, or with an item that has no path")
    }
    var hasher = TreeHasher()
    var encoded: [UInt8] = []
    var members: [String: Member] = [:]
    var terms: Terms?
    var last: UInt64?
    for place in stride(from: 0, to: items.count, by: 2) {
      let item = items[place].encoded
      do {
        let path = try RecordProof.issuerPath(items[place + 1])
        try path.verify(leaf: hasher.leaf(item.span), root: root, using: &hasher)
        guard last.map({ path.index > $0 }) ?? (path.index == 0) else {
          throw ProofError(.malformed, "the items of a roster are out of order")
        }
        last = path.index
        if place == 0 {
          terms = try Terms(items[place])
        } else {
          let member = try Member(items[place])
          members[member.id] = member
        }
        encoded += RecordProof.encode(issuer: item, path: path)
      } catch let error as ProofError {
        throw error
      } catch { throw ProofError(.roster, "an item is not in the roster that the header names: \(error)") }
    }
    guard let terms else { throw ProofError(.malformed, "an extract of a roster without terms") }
    (self.terms, self.members, self.encoded) = (terms, members, encoded)
  }
}
