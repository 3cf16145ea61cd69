import Statements

/// The numbers by which a ledger runs, each with its bounds; a roster change may set them.
///
/// A roster may name more than the ledger's own: those that rules are judged by. Every reader of the roster keeps them, and
/// only a reader that has the rules knows their bounds (`Array.requireKnown`).
public struct Parameters: Hashable, Sendable {
  /// One parameter: its name in the consortium file, and what it may be.
  public struct Definition: Sendable {
    /// Its place in `Parameters.own`; nil for one that rules define.
    let place: Int?
    /// Its name.
    public let name: String
    /// Its value if the founders do not set it.
    public let standard: UInt64
    /// What it may be.
    public let bounds: ClosedRange<UInt64>
    /// Whether it stays as founded.
    public let isFixed: Bool
    /// Its value in a roster that does not name it, such as one founded before the parameter existed.
    let absent: UInt64
    /// What it means, with its unit.
    public let meaning: String

    init(
      place: Int, name: String, standard: UInt64, bounds: ClosedRange<UInt64>, isFixed: Bool = false,
      meaning: String
    ) {
      (self.place, self.name, self.standard, self.bounds) = (place, name, standard, bounds)
      (self.isFixed, absent, self.meaning) = (isFixed, standard, meaning)
    }

    /// One that rules are judged by.
    ///
    /// - Parameters:
    ///   - standard: what it is where the founders say nothing; within `bounds`.
    ///   - absent: what it is in a roster that does not name it.
    public init(
      _ name: String, standard: UInt64, bounds: ClosedRange<UInt64>, absent: UInt64, isFixed: Bool = false,
      meaning: String
    ) {
      place = nil
      (self.name, self.standard, self.bounds, self.absent) = (name, standard, bounds, absent)
      (self.isFixed, self.meaning) = (isFixed, meaning)
    }
  }

  /// The most statements in a block.
  public static let blockRecords = Definition(
    place: 3, name: "block-records", standard: 4096, bounds: 1...65_535,
    meaning: "the most statements in a block")
  /// The most bytes of entries in a block, its header apart.
  public static let blockBytes = Definition(
    place: 1, name: "block-bytes", standard: 16 << 20, bounds: 65_537...(256 << 20),
    meaning: "the most bytes of statements in a block")
  /// The longest time, in ms, that a statement waits for others before a block is cut.
  public static let blockDelay = Definition(
    place: 2, name: "block-delay-ms", standard: 50, bounds: 0...60_000,
    meaning: "the longest wait for a fuller block, in ms; an idle committer cuts at once")
  /// How far, in ms, a claimed time may be after the block's.
  public static let allowedDrift = Definition(
    place: 0, name: "allowed-drift-ms", standard: 60_000, bounds: 0...3_600_000,
    meaning: "how far a claimed time may lie after its block's, in ms")
  /// How far, in s, a claimed time may be before the block's. Fixed, because duplicates are looked for within it.
  public static let statementWindow = Definition(
    place: 4, name: "statement-window", standard: 30 * 86_400, bounds: 60...(3660 * 86_400), isFixed: true,
    meaning: "how far a claimed time may lie before its block's, in s")

  /// The ledger's own, by place.
  public static let own = [allowedDrift, blockBytes, blockDelay, blockRecords, statementWindow]

  /// A number that the roster has for rules.
  private struct Other: Hashable {
    let name: String
    var value: UInt64
  }

  /// In the order of `own`: they are read for each statement.
  private var values: [UInt64]
  /// Those that rules define and the roster names, by name.
  private var others: [Other]
  /// The offset by which days are counted, fixed at founding.
  public private(set) var utcOffset: UTCOffset

  /// The standard values, with `values` in their place where given.
  ///
  /// - Parameter more: what rules define, besides the ledger's own.
  /// - Throws: `malformed` for a name that is not known or a value out of bounds.
  public init(
    _ values: [String: UInt64] = [:], with more: [Definition] = [], utcOffset: UTCOffset = .standard
  ) throws(Refusal) {
    self.utcOffset = utcOffset
    for (name, value) in values.sorted(by: { $0.key < $1.key }) {
      _ = try (Parameters.own + more).checked(name, value)
    }
    self.values = Parameters.own.map { values[$0.name] ?? $0.standard }
    others = more.map { Other(name: $0.name, value: values[$0.name] ?? $0.standard) }
    others.sort { $0.name < $1.name }
  }

  /// The value in force.
  public subscript(_ definition: Definition) -> UInt64 {
    if let place = definition.place { return values[place] }
    return others.first { $0.name == definition.name }?.value ?? definition.absent
  }

  /// Those that rules define, as the roster names them.
  var named: [(name: String, value: UInt64)] { others.map { ($0.name, $0.value) } }

  /// These parameters with one set anew.
  ///
  /// - Throws: `malformed` for one of the ledger's own out of bounds or fixed at founding. What rules define is theirs to check.
  package func setting(_ name: String, to value: UInt64) throws(Refusal) -> Parameters {
    var changed = self
    guard name != UTCOffset.parameter else { throw UTCOffset.isFixed }
    if let place = Parameters.own.firstIndex(where: { $0.name == name }) {
      try Parameters.own.requireSettable(name, value)
      changed.values[place] = value
    } else if let place = others.firstIndex(where: { $0.name == name }) {
      changed.others[place].value = value
    } else {
      changed.others.append(Other(name: name, value: value))
      changed.others.sort { $0.name < $1.name }
    }
    return changed
  }

  var cbor: CBOR {
    let own = Parameters.own.map { (CBOR.text($0.name), CBOR.unsigned(self[$0])) }
    let offset = utcOffset == .standard ? [] : [(CBOR.text(UTCOffset.parameter), CBOR(utcOffset.minutes))]
    return .map(CBORMap(own + others.map { (.text($0.name), .unsigned($0.value)) } + offset))
  }

  init(_ cbor: CBOR) throws(Refusal) {
    guard case .map(let map) = cbor else { throw Refusal(.malformed, "parameters are not a map") }
    var (values, offset): ([String: UInt64], UTCOffset) = ([:], .standard)
    for (key, value) in map.pairs {
      guard key != .text(UTCOffset.parameter) else {
        offset = try UTCOffset(value)
        continue
      }
      guard case .text(let name) = key, Member.isID(name), case .unsigned(let value) = value else {
        throw Refusal(.malformed, "a parameter is not a name and a number")
      }
      values[name] = value
    }
    let own = values.filter { name, _ in Parameters.own.contains { $0.name == name } }
    try self.init(own, utcOffset: offset)
    for definition in Parameters.own where own[definition.name] == nil {
      throw Refusal(.malformed, "the terms must name the parameter \(definition.name)")
    }
    others = values.filter { own[$0.key] == nil }.map { Other(name: $0.key, value: $0.value) }
    others.sort { $0.name < $1.name }
  }
}

extension [Parameters.Definition] {
  /// The one called `name`, where `value` is within its bounds.
  ///
  /// - Throws: `malformed`.
  func checked(_ name: String, _ value: UInt64) throws(Refusal) -> Parameters.Definition {
    guard let definition = first(where: { $0.name == name }) else {
      let known = map(\.name).joined(separator: ", ")
      throw Refusal(.malformed, "no parameter is called \(name.quoted); there are \(known)")
    }
    guard definition.bounds.contains(value) else {
      let bounds = "\(definition.bounds.lowerBound) to \(definition.bounds.upperBound)"
      throw Refusal(.malformed, "\(name) may be \(bounds), not \(value)")
    }
    return definition
  }

  /// Checks that the one called `name` may be set to `value`.
  ///
  /// - Throws: `malformed`, also where it stays as it was founded.
  func requireSettable(_ name: String, _ value: UInt64) throws(Refusal) {
    guard name != UTCOffset.parameter else { throw UTCOffset.isFixed }
    guard try !checked(name, value).isFixed else {
      throw Refusal(.malformed, "\(name) stays as it was founded")
    }
  }
}

extension UTCOffset {
  /// The offset that terms name.
  ///
  /// - Throws: `malformed`, also for the standard one, which is left out.
  fileprivate init(_ cbor: CBOR) throws(Refusal) {
    let minutes: Int
    switch cbor {
    case .unsigned(let value): minutes = Int(clamping: value)
    case .negative(let value): minutes = -1 - Int(clamping: Swift.min(value, UInt64(Int32.max)))
    default: throw Refusal(.malformed, "\(UTCOffset.parameter) is not a whole number")
    }
    try self.init(minutes: minutes)
    guard self != .standard else {
      throw Refusal(.malformed, "\(UTCOffset.parameter) names the standard offset, which is left out")
    }
  }
}
