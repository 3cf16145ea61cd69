/// How numbers are written in names that sort.
enum BoardKey {
  /// `number` in so many decimal digits.
  static func number(_ number: UInt64, digits: Int) -> String {
    let text = String(number)
    return String(repeating: "0", count: max(0, digits - text.utf8.count)) + text
  }
}

extension BoardPlace {
  /// Where a message is on a board that has names: `VALIDATOR/HEIGHT/ROUND/KIND`, a cosignature without a round. Heights have 20 digits
  /// and rounds 6, so that names sort.
  ///
  /// - Parameter validator: its sender's name.
  public func key(of validator: String) -> String {
    let round = round.map { BoardKey.number(UInt64($0), digits: 6) + "/" } ?? ""
    return BoardPlace.prefix(of: validator, height: height) + round + kind.rawValue
  }

  /// What the names of a validator's messages of one height begin with.
  public static func prefix(of validator: String, height: UInt64) -> String {
    "\(validator)/\(BoardKey.number(height, digits: 20))/"
  }
}
