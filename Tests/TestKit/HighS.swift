/// The other one of the two signatures that ECDSA has for each: what foreign signers make as often as not.
public enum HighS {
  /// The order n of P-256.
  private static let order: [UInt8] = [
    0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
    0xbc, 0xe6, 0xfa, 0xad, 0xa7, 0x17, 0x9e, 0x84, 0xf3, 0xb9, 0xca, 0xc2, 0xfc, 0x63, 0x25, 0x51,
  ]

  /// An entry whose signature has n − s in the place of s, made apart from the code under test.
  public static func exchanging(_ entry: [UInt8]) -> [UInt8] {
    var entry = entry
    var borrow = 0
    for place in (0..<32).reversed() {
      let at = entry.count - 32 + place
      let difference = Int(order[place]) - Int(entry[at]) - borrow
      borrow = difference < 0 ? 1 : 0
      entry[at] = UInt8(difference + 256 * borrow)
    }
    return entry
  }
}
