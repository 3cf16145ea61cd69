import Ledger
public import LedgerCrypto

extension Evidence {
  /// `evidence.seal`: the custodian has sealed the item, or has found the seal of the deposit intact.
  ///
  /// ```cddl
  /// seal = { seal: line<64>, link, ? condition: prose<1024> } ; seal, condition: searched
  /// ```
  public struct Seal: EvidencePayload {
    /// The kind.
    public static var kind: EvidenceKind { .seal }
    /// The seal's number.
    public var seal = ""
    /// The item's condition.
    public var condition: String?
    /// When it happened, in s since the epoch; nil if nothing else is claimed than `iat`.
    public var occurred: UInt64?
    /// The id of the item's last custody entry.
    public var previous: Digest?

    /// A sealing; `previous` is required.
    public init(seal: String, condition: String? = nil, previous: Digest, occurred: UInt64? = nil) {
      (self.seal, self.condition, self.previous, self.occurred) = (seal, condition, previous, occurred)
    }

    public init() {}

    public mutating func visit<V: FieldVisitor>(_ visitor: inout V) throws(V.Failure) {
      try visitor.text("seal", &seal, Bounds.seal, .searchedLine)
      try visitor.time("occurred", &occurred)
      try visitor.digest("previous", &previous, .required)
      try visitor.text("condition", &condition, Bounds.prose, .searchedProse)
    }
  }

  /// `evidence.offer`: the custodian hands the item over; the receiver is asked to sign for it.
  ///
  /// ```cddl
  /// offer = { to: id, seal: line<64>, digest: digest, purpose: prose<1024>, link } ; seal, purpose: searched
  /// ```
  ///
  /// Seal and digest are the item's, so that the custodian has looked at both before it lets go.
  public struct Offer: EvidencePayload {
    /// The kind.
    public static var kind: EvidenceKind { .offer }
    /// The member that is to receive it.
    public var to = ""
    /// The item's seal.
    public var seal = ""
    /// The item's SHA-256 digest.
    public var digest = Digest.zero
    /// What it is handed over for.
    public var purpose = ""
    /// When it happened, in s since the epoch; nil if nothing else is claimed than `iat`.
    public var occurred: UInt64?
    /// The id of the item's last custody entry.
    public var previous: Digest?

    /// An offer; `previous` is required.
    public init(
      to: String, seal: String, digest: Digest, purpose: String, previous: Digest, occurred: UInt64? = nil
    ) {
      (self.to, self.seal, self.digest, self.purpose) = (to, seal, digest, purpose)
      (self.previous, self.occurred) = (previous, occurred)
    }

    public init() {}

    public mutating func visit<V: FieldVisitor>(_ visitor: inout V) throws(V.Failure) {
      try visitor.member("to", &to)
      try visitor.text("seal", &seal, Bounds.seal, .searchedLine)
      try visitor.itemDigest(&digest)
      try visitor.text("purpose", &purpose, Bounds.prose, .searchedProse)
      try visitor.time("occurred", &occurred)
      try visitor.digest("previous", &previous, .required)
    }
  }

  /// `evidence.accept`: the receiver signs for the item, with the seal and the digest that it has found.
  ///
  /// ```cddl
  /// accept = { seal: line<64>, digest: digest, location: line<256>, link } ; seal, location: searched
  /// ```
  ///
  /// Where either is not the item's, it is recorded all the same: the item is then disputed and stays with its custodian.
  public struct Accept: EvidencePayload {
    /// The kind.
    public static var kind: EvidenceKind { .accept }
    /// The seal that was found on it.
    public var seal = ""
    /// The SHA-256 digest that was computed of it.
    public var digest = Digest.zero
    /// Where it is kept from now on.
    public var location = ""
    /// When it happened, in s since the epoch; nil if nothing else is claimed than `iat`.
    public var occurred: UInt64?
    /// The id of the item's last custody entry.
    public var previous: Digest?

    /// An acceptance; `previous` is required: the offer.
    public init(seal: String, digest: Digest, location: String, previous: Digest, occurred: UInt64? = nil) {
      (self.seal, self.digest, self.location) = (seal, digest, location)
      (self.previous, self.occurred) = (previous, occurred)
    }

    public init() {}

    public mutating func visit<V: FieldVisitor>(_ visitor: inout V) throws(V.Failure) {
      try visitor.text("seal", &seal, Bounds.seal, .searchedLine)
      try visitor.itemDigest(&digest)
      try visitor.text("location", &location, Bounds.name, .searchedLine)
      try visitor.time("occurred", &occurred)
      try visitor.digest("previous", &previous, .required)
    }
  }

  /// `evidence.decline`: the receiver does not take the item, and says why; the item is then disputed.
  ///
  /// ```cddl
  /// decline = { reason: prose<1024>, link } ; reason: searched
  /// ```
  public struct Decline: EvidencePayload {
    /// The kind.
    public static var kind: EvidenceKind { .decline }
    /// Why.
    public var reason = ""
    /// When it happened, in s since the epoch; nil if nothing else is claimed than `iat`.
    public var occurred: UInt64?
    /// The id of the item's last custody entry.
    public var previous: Digest?

    /// A refusal to take the item; `previous` is required: the offer.
    public init(reason: String, previous: Digest, occurred: UInt64? = nil) {
      (self.reason, self.previous, self.occurred) = (reason, previous, occurred)
    }

    public init() {}

    public mutating func visit<V: FieldVisitor>(_ visitor: inout V) throws(V.Failure) {
      try visitor.text("reason", &reason, Bounds.prose, .searchedProse)
      try visitor.time("occurred", &occurred)
      try visitor.digest("previous", &previous, .required)
    }
  }
}

extension FieldVisitor {
  /// The SHA-256 digest of the item, at `digest`. Stops with `missing-digest` where it is absent.
  mutating func itemDigest(_ digest: inout Digest) throws(Failure) {
    var field: Digest? = digest
    try self.digest("digest", &field, .optional)
    guard Self.setsFields else { return }
    try require(field != nil) { Refusal(.missingDigest, "\($0) names no digest of the item") }
    if let field { digest = field }
  }

  /// The digests at `digests`. Throws `missing-digest` if there is none.
  mutating func digests(_ digests: inout Evidence.Digests) throws(Failure) {
    var field: Evidence.Digests? = digests
    try map("digests", &field)
    guard Self.setsFields else { return }
    try require(!(field?.elements.isEmpty ?? true)) { Refusal(.missingDigest, "\($0) names no digest") }
    if let field { digests = field }
  }
}
