/// What a request's `Accept` asks for (RFC 9110 §12.5.1), as far as the node has a choice.
enum Accept {
  /// The best of `offered`, of which the first is given where nothing is asked for or nothing fits.
  static func best(of offered: [String], _ header: String?) -> String {
    guard let header else { return offered[0] }
    var best: (type: String, weight: Double) = (offered[0], 0)
    for range in header.split(separator: ",").prefix(32) {
      let parts = range.split(separator: ";").map { $0.filter { !$0.isWhitespace }.lowercased() }
      guard let name = parts.first else { continue }
      let weight = parts.dropFirst().first { $0.hasPrefix("q=") }.map { Double($0.dropFirst(2)) ?? 0 } ?? 1
      guard weight > best.weight, let type = offered.first(where: { matches($0, name) }) else { continue }
      best = (type, weight)
    }
    return best.type
  }

  private static func matches(_ type: String, _ range: String) -> Bool {
    range == "*/*" || range == type || range.hasSuffix("/*") && type.hasPrefix(range.dropLast())
  }
}
