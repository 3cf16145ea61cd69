import Statements

/// The numbers by which a ledger runs, each with its bounds; a roster change may set them.
public struct Parameters: Hashable, Sendable {
  /// One parameter: its name in the consortium file, and what it may be.
  public struct Definition: Sendable {
    /// Its place in `Parameters.all`.
    let place: Int
    /// Its name.
    public let name: String
    /// What it is where the founders say nothing.
    public let standard: UInt64
    /// What it may be.
    public let bounds: ClosedRange<UInt64>
    /// Whether it stays as founded.
    public let isFixed: Bool
    /// What it is in a roster that does not name it, as one founded before there was such a parameter; nil where
    /// every roster must name it.
    var absent: UInt64?
    /// What it means, with its unit.
    public let meaning: String

    init(
      place: Int, name: String, standard: UInt64, bounds: ClosedRange<UInt64>, isFixed: Bool = false,
      absent: UInt64? = nil, meaning: String
    ) {
      (self.place, self.name, self.standard, self.bounds) = (place, name, standard, bounds)
      (self.isFixed, self.absent, self.meaning) = (isFixed, absent, meaning)
    }
  }

  /// The most statements in a block.
  public static let blockRecords = Definition(
    place: 3, name: "block-records", standard: 4096, bounds: 1...65_535, isFixed: false,
    meaning: "the most statements in a block")
  /// The most bytes of entries in a block, its header apart.
  public static let blockBytes = Definition(
    place: 1, name: "block-bytes", standard: 16 << 20, bounds: 65_537...(256 << 20), isFixed: false,
    meaning: "the most bytes of statements in a block")
  /// The longest time, in ms, that a statement waits for others before a block is cut.
  public static let blockDelay = Definition(
    place: 2, name: "block-delay-ms", standard: 50, bounds: 0...60_000, isFixed: false,
    meaning: "the longest wait for a fuller block, in ms; an idle committer cuts at once")
  /// How far, in ms, a claimed time may lie after the block's.
  public static let allowedDrift = Definition(
    place: 0, name: "allowed-drift-ms", standard: 60_000, bounds: 0...3_600_000, isFixed: false,
    meaning: "how far a claimed time may lie after its block's, in ms")
  /// How far, in s, a claimed time may lie before the block's. Fixed, because duplicates are looked for within it.
  public static let statementWindow = Definition(
    place: 4, name: "statement-window", standard: 30 * 86_400, bounds: 60...(3660 * 86_400), isFixed: true,
    meaning: "how far a claimed time may lie before its block's, in s")

  /// The version of the rules of electronic evidence; 0 is without them.
  public static let evidenceRules = Definition(
    place: 5, name: "evidence-rules", standard: 1, bounds: 0...1, absent: 0,
    meaning: "the version of the rules of electronic evidence; 0 is without them")
  /// The version of the rules of government data sharing; 0 is without them.
  public static let sharingRules = Definition(
    place: 6, name: "sharing-rules", standard: 1, bounds: 0...1, absent: 0,
    meaning: "the version of the rules of data sharing; 0 is without them")
  /// Within how many working days a request for data that are shared unconditionally is answered.
  public static let unconditionalReplyDays = Definition(
    place: 7, name: "reply-days-unconditional", standard: 1, bounds: 0...250, absent: 1,
    meaning: "within how many working days a request for unconditionally shared data is answered")
  /// Within how many working days any other request is answered.
  public static let conditionalReplyDays = Definition(
    place: 8, name: "reply-days-conditional", standard: 10, bounds: 0...250, absent: 10,
    meaning: "within how many working days a request for conditionally shared data is answered")
  /// Within how many working days of the grant data are delivered.
  public static let deliveryDays = Definition(
    place: 9, name: "delivery-days", standard: 20, bounds: 0...250, absent: 20,
    meaning: "within how many working days of the grant data are delivered")

  /// Every parameter, by place.
  public static let all = [
    allowedDrift, blockBytes, blockDelay, blockRecords, statementWindow, evidenceRules, sharingRules,
    unconditionalReplyDays, conditionalReplyDays, deliveryDays,
  ]

  /// In the order of `all`: they are read for each statement.
  private var values: [UInt64]
  /// The places of those that the roster names.
  private var named: Set<Int>

  /// The standard values, with `values` in their place where given.
  ///
  /// - Throws: `malformed` for a name that is not known or a value out of bounds.
  public init(_ values: [String: UInt64] = [:]) throws(Refusal) {
    self.values = Parameters.all.map(\.standard)
    named = Set(Parameters.all.indices)
    for (name, value) in values.sorted(by: { $0.key < $1.key }) {
      self.values[try Parameters.definition(name, value).place] = value
    }
  }

  /// The value in force.
  public subscript(_ definition: Definition) -> UInt64 { values[definition.place] }

  /// These parameters with one set anew.
  ///
  /// - Throws: `malformed` for a name that is not known, a value out of bounds, or a parameter fixed at founding.
  package func setting(_ name: String, to value: UInt64) throws(Refusal) -> Parameters {
    let definition = try Parameters.definition(name, value)
    guard !definition.isFixed else { throw Refusal(.malformed, "\(name) stays as it was founded") }
    var changed = self
    changed.values[definition.place] = value
    changed.named.insert(definition.place)
    return changed
  }

  private static func definition(_ name: String, _ value: UInt64) throws(Refusal) -> Definition {
    guard let definition = all.first(where: { $0.name == name }) else {
      let known = all.map(\.name).joined(separator: ", ")
      throw Refusal(.malformed, "no parameter is called \(name.quoted); there are \(known)")
    }
    guard definition.bounds.contains(value) else {
      let bounds = "\(definition.bounds.lowerBound) to \(definition.bounds.upperBound)"
      throw Refusal(.malformed, "\(name) may be \(bounds), not \(value)")
    }
    return definition
  }

  var cbor: CBOR {
    let definitions = Parameters.all.filter { named.contains($0.place) }
    return .map(CBORMap(definitions.map { (.text($0.name), .unsigned(self[$0])) }))
  }

  init(_ cbor: CBOR) throws(Refusal) {
    guard case .map(let map) = cbor else { throw Refusal(.malformed, "parameters are not a map") }
    var values: [String: UInt64] = [:]
    for (key, value) in map.pairs {
      guard case .text(let name) = key, case .unsigned(let value) = value else {
        throw Refusal(.malformed, "a parameter is not a name and a number")
      }
      values[name] = value
    }
    try self.init(values)
    for definition in Parameters.all where values[definition.name] == nil {
      guard let absent = definition.absent else {
        throw Refusal(.malformed, "the terms must name the parameter \(definition.name)")
      }
      self.values[definition.place] = absent
      named.remove(definition.place)
    }
  }
}
