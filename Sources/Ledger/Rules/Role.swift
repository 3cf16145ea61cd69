/// What a member may do, by a name that the rules know.
public struct Role: Hashable, Sendable {
  /// Its name in the roster, of the form of a member id.
  public let id: String
  /// What people call it, in Chinese.
  public let zh: String
  /// What it may do, in a few words.
  public let meaning: String

  public init(_ id: String, zh: String, meaning: String) {
    (self.id, self.zh, self.meaning) = (id, zh, meaning)
  }

  /// The beginning of the name of a consortium's own role, which no rule knows.
  public static let ownPrefix = "x-"
}

extension [any RuleSet] {
  /// Every role that these rule sets know, each once.
  public var roles: [Role] {
    var seen: Set<String> = []
    return flatMap(\.roles).filter { seen.insert($0.id).inserted }
  }

  /// Checks that each of `roles` is known to a rule set, or is the consortium's own: a mistyped role would be one that
  /// nobody has.
  ///
  /// - Throws: `unknown-role`, with the role that may have been meant.
  public func requireKnown(roles: [String], of member: String) throws(Refusal) {
    let own = Array<UInt8>(Role.ownPrefix.utf8)
    for role in roles where !(role.utf8.count > own.count && role.utf8.starts(with: own)) {
      let known = self.roles.map(\.id)
      if known.contains(role) { continue }
      let meant = role.nearest(in: known).map { "did you mean \($0.quoted)? " } ?? ""
      let list = known.isEmpty ? "" : "there are \(known.joined(separator: ", ")); "
      throw Refusal(
        .unknownRole,
        """
        \(member.quoted) can't have the role \(role.quoted): no rule knows it. \(meant)Roles: \(list)a role of your own begins with \
        \(Role.ownPrefix)
        """
      )
    }
  }
}

extension String {
  /// The one of `words` that was probably meant: at most a third of the letters differ, and at most two; nil if none is
  /// so near.
  package func nearest(in words: [String]) -> String? {
    let own = Array(unicodeScalars.prefix(64))
    let most = Swift.min(2, Swift.max(1, own.count / 3))
    let near = words.map { (word: $0, distance: String.distance(own, Array($0.unicodeScalars.prefix(64)))) }
      .filter { $0.distance <= most }
    return near.min { ($0.distance, $0.word) < ($1.distance, $1.word) }?.word
  }

  /// How many letters must be put in, left out, replaced or swapped with the next to make one of the other.
  private static func distance(_ left: [Unicode.Scalar], _ right: [Unicode.Scalar]) -> Int {
    var before: [Int] = []
    var last = Array(0...right.count)
    for (i, letter) in left.enumerated() {
      var row = [i + 1]
      for (j, other) in right.enumerated() {
        var least = Swift.min(last[j + 1] + 1, row[j] + 1, last[j] + (letter == other ? 0 : 1))
        if i > 0, j > 0, letter == right[j - 1], left[i - 1] == other {
          least = Swift.min(least, before[j - 1] + 1)
        }
        row.append(least)
      }
      (before, last) = (last, row)
    }
    return last[right.count]
  }
}
