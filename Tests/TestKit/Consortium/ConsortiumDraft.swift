import Foundation

/// A consortium, as the file that a ledger is founded with: the one way in which tests write it.
///
/// Nothing is checked here, so that a test can draft what must be refused.
public struct ConsortiumDraft: Sendable {
  /// A member.
  public struct Member: Sendable {
    /// The member id.
    public var id: String
    /// The names by language; only Chinese and English are known.
    public var name: [String: String]
    /// The roles.
    public var roles: [String]
    /// Public keys, each as PEM or the name of a file that holds it.
    public var keys: [String]

    /// A member named in both languages, whose key is in ID.pub.pem where none is given.
    public init(_ id: String, roles: [String], zh: String = "机构", en: String? = nil, keys: [String]? = nil) {
      (self.id, self.roles) = (id, roles)
      name = ["zh": zh, "en": en ?? "Office \(id)"]
      self.keys = keys ?? ["\(id).pub.pem"]
    }
  }

  /// A validator.
  public struct Validator: Sendable {
    /// The name.
    public var name: String
    /// By what they are for, each as PEM or the name of a file that holds it; private ones for a validator of this node.
    public var keys: [String: String]

    /// A validator with its keys.
    public init(_ name: String, keys: [String: String]) { (self.name, self.keys) = (name, keys) }
  }

  /// The origin of the checkpoints.
  public var origin = "city.example/pilot"
  /// The names of the ledger by language.
  public var name = ["zh": "示范链", "en": "Pilot"]
  /// The members.
  public var members: [Member]
  /// The ids of the administrators; the first member's alone at first.
  public var administrators: [String]
  /// How many administrators must approve a change.
  public var threshold = 1
  /// The validators; where nil the file has none, and founding makes one.
  public var validators: [Validator]?
  /// The quorum; left out where nil.
  public var quorum: Int?
  /// The ledger's log key, as PEM or the name of a file that holds it; left out where nil.
  public var log: String?
  /// Whether validators only crash; left out where false.
  public var isCrashFaultsOnly = false
  /// The parameters that are not the ordinary ones.
  public var parameters: [String: Int]

  /// A consortium of `members`, of whom the first administers.
  public init(_ members: [Member], parameters: [String: Int] = [:]) {
    (self.members, self.parameters) = (members, parameters)
    administrators = members.prefix(1).map(\.id)
  }

  /// The file's content: one line of JSON, the same for the same draft.
  public var json: String {
    get throws {
      var object: [String: Any] = [
        "origin": origin, "name": name,
        "members": members.map {
          ["id": $0.id, "name": $0.name, "roles": $0.roles, "keys": $0.keys] as [String: Any]
        },
        "administrators": ["members": administrators, "threshold": threshold] as [String: Any],
        "parameters": parameters,
      ]
      if let validators {
        object["validators"] = validators.map { $0.keys.merging(["name": $0.name]) { key, _ in key } }
      }
      if let quorum { object["quorum"] = quorum }
      if let log { object["log"] = log }
      if isCrashFaultsOnly { object["crash-faults-only"] = true }
      let options: JSONSerialization.WritingOptions = [.sortedKeys, .withoutEscapingSlashes]
      return String(
        decoding: try JSONSerialization.data(withJSONObject: object, options: options), as: UTF8.self)
    }
  }
}
