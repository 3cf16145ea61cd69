public import Ledger
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
    public var method: String
    /// With what.
    public var tool: String?
    /// What kept the original from being written to; nil where nothing did.
    public var writeBlocker: String?
    /// The SHA-256 digest of the report.
    public var report: Digest?
    /// The names of items that come of it.
    public var derived: [String]
    /// When it happened, in s since the epoch; nil where nothing else is claimed than `iat`.
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

    /// Decodes a payload; throws `malformed`, `missing-digest`, `personal-data`.
    public init(decoding payload: [UInt8]) throws(Refusal) {
      var reader = try PayloadReader(payload, of: "examine")
      tool = try reader.optionalText("tool", Bounds.name, .searchedLine)
      method = try reader.text("method", Bounds.claim, .searchedLine)
      report = try reader.optionalDigest("report")
      derived = try reader.optionalTexts("derived", most: 32, each: Evidence.itemByteCount, .searchedLine)
      occurred = try reader.optionalTime("occurred")
      previous = try reader.digest("previous")
      writeBlocker = try reader.optionalText("write-blocker", Bounds.name, .searchedLine)
      try reader.finish()
    }

    /// The payload, in its one encoding.
    public var encoded: [UInt8] {
      var writer = PayloadWriter()
      writer.text("tool", tool)
      writer.text("method", method)
      writer.digest("report", report)
      writer.optionalTexts("derived", derived)
      writer.unsigned("occurred", occurred)
      writer.digest("previous", previous)
      writer.text("write-blocker", writeBlocker)
      return writer.bytes
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
    public var seal: String
    /// The item's condition.
    public var condition: String?
    /// The SHA-256 digest of the report.
    public var report: Digest?
    /// The names of items that came of it.
    public var derived: [String]
    /// When it happened, in s since the epoch; nil where nothing else is claimed than `iat`.
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

    /// Decodes a payload; throws `malformed`, `missing-digest`, `personal-data`.
    public init(decoding payload: [UInt8]) throws(Refusal) {
      var reader = try PayloadReader(payload, of: "reseal")
      seal = try reader.text("seal", Bounds.seal, .searchedLine)
      report = try reader.optionalDigest("report")
      derived = try reader.optionalTexts("derived", most: 32, each: Evidence.itemByteCount, .searchedLine)
      occurred = try reader.optionalTime("occurred")
      previous = try reader.digest("previous")
      condition = try reader.optionalText("condition", Bounds.prose, .searchedProse)
      try reader.finish()
    }

    /// The payload, in its one encoding.
    public var encoded: [UInt8] {
      var writer = PayloadWriter()
      writer.text("seal", seal)
      writer.digest("report", report)
      writer.optionalTexts("derived", derived)
      writer.unsigned("occurred", occurred)
      writer.digest("previous", previous)
      writer.text("condition", condition)
      return writer.bytes
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
    public var to: String
    /// What for.
    public var purpose: String
    /// When it happened, in s since the epoch; nil where nothing else is claimed than `iat`.
    public var occurred: UInt64?
    /// None: it names no entry.
    public var previous: Digest? { nil }

    /// A presentation.
    public init(to: String, purpose: String, occurred: UInt64? = nil) {
      (self.to, self.purpose, self.occurred) = (to, purpose, occurred)
    }

    /// Decodes a payload; throws `malformed`, `missing-digest`, `personal-data`.
    public init(decoding payload: [UInt8]) throws(Refusal) {
      var reader = try PayloadReader(payload, of: "present")
      to = try reader.text("to", Bounds.name, .searchedLine)
      purpose = try reader.text("purpose", Bounds.prose, .searchedProse)
      occurred = try reader.optionalTime("occurred")
      try reader.finish()
    }

    /// The payload, in its one encoding.
    public var encoded: [UInt8] {
      var writer = PayloadWriter()
      writer.text("to", to)
      writer.text("purpose", purpose)
      writer.unsigned("occurred", occurred)
      return writer.bytes
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
    public var digests: Digests
    /// When it happened, in s since the epoch; nil where nothing else is claimed than `iat`.
    public var occurred: UInt64?
    /// None: it names no entry.
    public var previous: Digest? { nil }

    /// Further digests.
    public init(digests: Digests, occurred: UInt64? = nil) {
      (self.digests, self.occurred) = (digests, occurred)
    }

    /// Decodes a payload; throws `malformed`, `missing-digest`, `personal-data`.
    public init(decoding payload: [UInt8]) throws(Refusal) {
      var reader = try PayloadReader(payload, of: "renew")
      digests = try Digests("digests", from: &reader)
      occurred = try reader.optionalTime("occurred")
      try reader.finish()
    }

    /// The payload, in its one encoding.
    public var encoded: [UInt8] {
      var writer = PayloadWriter()
      digests.write("digests", to: &writer)
      writer.unsigned("occurred", occurred)
      return writer.bytes
    }
  }
}
