import Statements

/// The rules of plain records: any member may record any payload of any type that is not reserved.
public struct PlainRecords: RuleSet {
  /// The rule set.
  public init() {}

  /// Every type that is not reserved.
  public func covers(_ contentType: Span<UInt8>, isReserved: Bool) -> Bool { !isReserved }

  /// Accepts, and keeps nothing.
  public func judge(
    _ statement: JudgedStatement, entry: Span<UInt8>, reading state: StateReader
  ) throws(Refusal) -> [StateChange] { [] }
}
