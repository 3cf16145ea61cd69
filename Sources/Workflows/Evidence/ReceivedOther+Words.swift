import LedgerCrypto

extension ReceivedOther {
  /// Both values of each that differs, a line each.
  package var lines: [String] {
    var lines: [String] = []
    if isDigestOther {
      lines.append("received sha-256  \(digest?.hex ?? "none")")
      lines.append("deposited         \(expected?.hex ?? "none")")
    }
    if isSealOther {
      lines.append("received seal     \(seal.quoted)")
      lines.append("sealed with       \(expectedSeal?.quoted ?? "none")")
    }
    return lines
  }

  /// The same in one line.
  package var text: String {
    var parts: [String] = []
    if isDigestOther { parts.append("received sha-256 \(digest?.hex ?? "none"), not the deposited one") }
    if isSealOther { parts.append("received seal \(seal.quoted), not \(expectedSeal?.quoted ?? "none")") }
    return parts.joined(separator: "; ")
  }

  /// The same for programs; what does not differ is null.
  package var json: JSON {
    [
      "digest": JSON(isDigestOther ? digest?.hex : nil),
      "expectedDigest": JSON(isDigestOther ? expected?.hex : nil),
      "seal": JSON(isSealOther ? seal : nil), "expectedSeal": JSON(isSealOther ? expectedSeal : nil),
    ]
  }
}
