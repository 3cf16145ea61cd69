import TransparencyLog

extension String {
  /// The same with full-width forms as the narrow ones and every kind of bracket as a round one: what references are compared
  /// by, since an office writes （2026）豫01民初17号, 〔2026〕 or (2026) as its keyboard has it and means one case.
  ///
  /// What NFKC (UAX #15) makes of U+3000 and of U+FF01 to U+FF5E; nothing else of it. Ledgers keep what was written.
  public var foldedWidth: String {
    if utf8.allSatisfy({ $0 < 0x80 && $0 != UInt8(ascii: "[") && $0 != UInt8(ascii: "]") }) { return self }
    var folded = String.UnicodeScalarView()
    for scalar in unicodeScalars {
      switch scalar {
      case "（", "﹙", "⁽", "〔", "﹝", "[", "［", "【", "〖": folded.append("(")
      case "）", "﹚", "⁾", "〕", "﹞", "]", "］", "】", "〗": folded.append(")")
      case "\u{3000}": folded.append(" ")
      case "\u{ff01}"..."\u{ff5e}": folded.append(Unicode.Scalar(UInt8(scalar.value - 0xfee0)))
      default: folded.append(scalar)
      }
    }
    return String(folded)
  }

  /// Whether both are the same reference: a case, an order.
  public func isSameReference(as other: String) -> Bool {
    hasSameBytes(as: other) || foldedWidth.hasSameBytes(as: other.foldedWidth)
  }
}
