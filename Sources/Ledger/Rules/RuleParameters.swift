extension [any RuleSet] {
  /// Every parameter: the ledger's own, and those by which these rules are judged.
  public var parameters: [Parameters.Definition] { Parameters.own + flatMap(\.parameters) }

  /// Checks that a roster names only parameters that are known, within their bounds.
  ///
  /// - Throws: `malformed`.
  public func requireKnown(_ parameters: Parameters) throws(Refusal) {
    for (name, value) in parameters.named { _ = try self.parameters.checked(name, value) }
  }
}
