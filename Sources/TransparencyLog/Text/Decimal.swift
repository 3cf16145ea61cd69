/// ASCII decimal numbers with exactly one spelling: digits only, and no leading zero but in `0` itself.
enum Decimal {
  /// The number that `digits` spell, or nil for another spelling or one that 64 bits do not hold.
  static func parse(_ digits: some Collection<UInt8>) -> UInt64? {
    guard let first = digits.first, digits.count <= 20 else { return nil }
    guard digits.count == 1 || first != UInt8(ascii: "0") else { return nil }
    var value: UInt64 = 0
    for digit in digits {
      guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(digit) else { return nil }
      let (tenfold, isTooLarge) = value.multipliedReportingOverflow(by: 10)
      let (sum, isTooLargeYet) = tenfold.addingReportingOverflow(UInt64(digit - UInt8(ascii: "0")))
      guard !isTooLarge, !isTooLargeYet else { return nil }
      value = sum
    }
    return value
  }
}
