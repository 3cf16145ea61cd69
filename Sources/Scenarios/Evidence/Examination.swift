public import LedgerCrypto

extension Evidence {
  /// `evidence.examine`: the custodian, an examiner, opens the seal and examines.
  ///
  /// ```cddl
  /// examine = { ? tool: line<256>, method: line<512>, ? report: digest, ? derived: [1*32 line<128>], link,
  ///             ? "write-blocker": line<256> } ; every text: searched
  /// ```
  ///
  /// The report may not be written yet; then `reseal` names it. `derived` are the names of items that come of it and are
  /// deposited on their own.
  public struct Examine: EvidencePayload {
    /// The kind.
    public static var kind: EvidenceKind { .examine }
    /// How it is examined.
    public var method = ""
    /// With what.
    public var tool: String?
    /// What kept the original from being written to; nil if nothing did.
    public var writeBlocker: String?
    /// The SHA-256 digest of the report.
    public var report: Digest?
    /// The names of items that come of it.
    public var derived: [String] = []
    /// When it happened, in s since the epoch; nil if nothing else is claimed than `iat`.
    public var occurred: UInt64?
    /// The id of the item's last custody entry.
    public var previous: Digest?

    /// An examination; `previous` is required.
    public init(
      method: String, tool: String? = nil, writeBlocker: String? = nil, report: Digest? = nil,
      derived: [String] = [], previous: Digest, occurred: UInt64? = nil
    ) {
      (self.method, self.tool, self.writeBlocker, self.report) = (method, tool, writeBlocker, report)
      (self.derived, self.previous, self.occurred) = (derived, previous, occurred)
    }

    public init() {}

    public mutating func visit<V: FieldVisitor>(_ visitor: inout V) throws(V.Failure) {
      try visitor.text("tool", &tool, Bounds.name, .searchedLine)
      try visitor.text("method", &method, Bounds.claim, .searchedLine)
      try visitor.digest("report", &report, .optional)
      try visitor.texts("derived", &derived, .optional, 1...32, each: Evidence.itemByteCount, .searchedLine)
      try visitor.time("occurred", &occurred)
      try visitor.digest("previous", &previous, .required)
      try visitor.text("write-blocker", &writeBlocker, Bounds.name, .searchedLine)
    }
  }

  /// `evidence.reseal`: the examination is over, and the same examiner puts a new seal on.
  ///
  /// ```cddl
  /// reseal = { seal: line<64>, ? report: digest, ? derived: [1*32 line<128>], link,
  ///            ? condition: prose<1024> } ; every text: searched
  /// ```
  public struct Reseal: EvidencePayload {
    /// The kind.
    public static var kind: EvidenceKind { .reseal }
    /// The new seal's number.
    public var seal = ""
    /// The item's condition.
    public var condition: String?
    /// The SHA-256 digest of the report.
    public var report: Digest?
    /// The names of items that came of it.
    public var derived: [String] = []
    /// When it happened, in s since the epoch; nil if nothing else is claimed than `iat`.
    public var occurred: UInt64?
    /// The id of the item's last custody entry.
    public var previous: Digest?

    /// A new seal; `previous` is required.
    public init(
      seal: String, condition: String? = nil, report: Digest? = nil, derived: [String] = [], previous: Digest,
      occurred: UInt64? = nil
    ) {
      (self.seal, self.condition, self.report, self.derived) = (seal, condition, report, derived)
      (self.previous, self.occurred) = (previous, occurred)
    }

    public init() {}

    public mutating func visit<V: FieldVisitor>(_ visitor: inout V) throws(V.Failure) {
      try visitor.text("seal", &seal, Bounds.seal, .searchedLine)
      try visitor.digest("report", &report, .optional)
      try visitor.texts("derived", &derived, .optional, 1...32, each: Evidence.itemByteCount, .searchedLine)
      try visitor.time("occurred", &occurred)
      try visitor.digest("previous", &previous, .required)
      try visitor.text("condition", &condition, Bounds.prose, .searchedProse)
    }
  }

  /// `evidence.present`: the item, or what is recorded of it, is shown to someone. Nothing changes.
  ///
  /// ```cddl
  /// present = { to: line<256>, purpose: prose<1024>, common } ; to, purpose: searched
  /// ```
  public struct Present: EvidencePayload {
    /// The kind.
    public static var kind: EvidenceKind { .present }
    /// To whom: a court, a party, in words.
    public var to = ""
    /// What for.
    public var purpose = ""
    /// When it happened, in s since the epoch; nil if nothing else is claimed than `iat`.
    public var occurred: UInt64?
    /// None: it names no entry.
    public var previous: Digest? { nil }

    public init(to: String, purpose: String, occurred: UInt64? = nil) {
      (self.to, self.purpose, self.occurred) = (to, purpose, occurred)
    }

    public init() {}

    public mutating func visit<V: FieldVisitor>(_ visitor: inout V) throws(V.Failure) {
      try visitor.text("to", &to, Bounds.name, .searchedLine)
      try visitor.text("purpose", &purpose, Bounds.prose, .searchedProse)
      try visitor.time("occurred", &occurred)
    }
  }

  /// `evidence.renew`: the custodian adds digests by further algorithms, before one that is there grows weak.
  ///
  /// ```cddl
  /// renew = { digests: digests, common }
  /// ```
  public struct Renew: EvidencePayload {
    /// The kind.
    public static var kind: EvidenceKind { .renew }
    /// Digests by algorithms of which the item has none.
    public var digests = Digests()
    /// When it happened, in s since the epoch; nil if nothing else is claimed than `iat`.
    public var occurred: UInt64?
    /// None: it names no entry.
    public var previous: Digest? { nil }

    /// Further digests.
    public init(digests: Digests, occurred: UInt64? = nil) {
      (self.digests, self.occurred) = (digests, occurred)
    }

    public init() {}

    public mutating func visit<V: FieldVisitor>(_ visitor: inout V) throws(V.Failure) {
      try visitor.digests(&digests)
      try visitor.time("occurred", &occurred)
    }
  }
}
