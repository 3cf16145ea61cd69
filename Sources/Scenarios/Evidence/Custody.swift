public import Ledger
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
    public var seal: String
    /// The item's condition.
    public var condition: String?
    /// When it happened, in s since the epoch; nil where nothing else is claimed than `iat`.
    public var occurred: UInt64?
    /// The id of the item's last custody entry.
    public var previous: Digest?

    /// A sealing; `previous` is required.
    public init(seal: String, condition: String? = nil, previous: Digest, occurred: UInt64? = nil) {
      (self.seal, self.condition, self.previous, self.occurred) = (seal, condition, previous, occurred)
    }

    /// Decodes a payload; throws `malformed`, `missing-digest`, `personal-data`.
    public init(decoding payload: [UInt8]) throws(Refusal) {
      var reader = try PayloadReader(payload, of: "seal")
      seal = try reader.text("seal", Bounds.seal, .searchedLine)
      occurred = try reader.optionalTime("occurred")
      previous = try reader.digest("previous")
      condition = try reader.optionalText("condition", Bounds.prose, .searchedProse)
      try reader.finish()
    }

    /// The payload, in its one encoding.
    public var encoded: [UInt8] {
      var writer = PayloadWriter()
      writer.text("seal", seal)
      writer.unsigned("occurred", occurred)
      writer.digest("previous", previous)
      writer.text("condition", condition)
      return writer.bytes
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
    public var to: String
    /// The item's seal.
    public var seal: String
    /// The item's SHA-256 digest.
    public var digest: Digest
    /// What it is handed over for.
    public var purpose: String
    /// When it happened, in s since the epoch; nil where nothing else is claimed than `iat`.
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

    /// Decodes a payload; throws `malformed`, `missing-digest`, `personal-data`.
    public init(decoding payload: [UInt8]) throws(Refusal) {
      var reader = try PayloadReader(payload, of: "offer")
      to = try reader.member("to")
      seal = try reader.text("seal", Bounds.seal, .searchedLine)
      digest = try reader.requiredDigest()
      purpose = try reader.text("purpose", Bounds.prose, .searchedProse)
      occurred = try reader.optionalTime("occurred")
      previous = try reader.digest("previous")
      try reader.finish()
    }

    /// The payload, in its one encoding.
    public var encoded: [UInt8] {
      var writer = PayloadWriter()
      writer.text("to", to)
      writer.text("seal", seal)
      writer.digest("digest", digest)
      writer.text("purpose", purpose)
      writer.unsigned("occurred", occurred)
      writer.digest("previous", previous)
      return writer.bytes
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
    public var seal: String
    /// The SHA-256 digest that was computed of it.
    public var digest: Digest
    /// Where it is kept from now on.
    public var location: String
    /// When it happened, in s since the epoch; nil where nothing else is claimed than `iat`.
    public var occurred: UInt64?
    /// The id of the item's last custody entry.
    public var previous: Digest?

    /// An acceptance; `previous` is required: the offer.
    public init(seal: String, digest: Digest, location: String, previous: Digest, occurred: UInt64? = nil) {
      (self.seal, self.digest, self.location) = (seal, digest, location)
      (self.previous, self.occurred) = (previous, occurred)
    }

    /// Decodes a payload; throws `malformed`, `missing-digest`, `personal-data`.
    public init(decoding payload: [UInt8]) throws(Refusal) {
      var reader = try PayloadReader(payload, of: "accept")
      seal = try reader.text("seal", Bounds.seal, .searchedLine)
      digest = try reader.requiredDigest()
      location = try reader.text("location", Bounds.name, .searchedLine)
      occurred = try reader.optionalTime("occurred")
      previous = try reader.digest("previous")
      try reader.finish()
    }

    /// The payload, in its one encoding.
    public var encoded: [UInt8] {
      var writer = PayloadWriter()
      writer.text("seal", seal)
      writer.digest("digest", digest)
      writer.text("location", location)
      writer.unsigned("occurred", occurred)
      writer.digest("previous", previous)
      return writer.bytes
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
    public var reason: String
    /// When it happened, in s since the epoch; nil where nothing else is claimed than `iat`.
    public var occurred: UInt64?
    /// The id of the item's last custody entry.
    public var previous: Digest?

    /// A refusal to take the item; `previous` is required: the offer.
    public init(reason: String, previous: Digest, occurred: UInt64? = nil) {
      (self.reason, self.previous, self.occurred) = (reason, previous, occurred)
    }

    /// Decodes a payload; throws `malformed`, `missing-digest`, `personal-data`.
    public init(decoding payload: [UInt8]) throws(Refusal) {
      var reader = try PayloadReader(payload, of: "decline")
      reason = try reader.text("reason", Bounds.prose, .searchedProse)
      occurred = try reader.optionalTime("occurred")
      previous = try reader.digest("previous")
      try reader.finish()
    }

    /// The payload, in its one encoding.
    public var encoded: [UInt8] {
      var writer = PayloadWriter()
      writer.text("reason", reason)
      writer.unsigned("occurred", occurred)
      writer.digest("previous", previous)
      return writer.bytes
    }
  }
}

extension PayloadReader {
  /// The SHA-256 digest at `digest`.
  ///
  /// - Throws: `missing-digest` where it is absent.
  mutating func requiredDigest() throws(Refusal) -> Digest {
    guard let digest = try optionalDigest("digest") else {
      throw Refusal(.missingDigest, "\(name) names no digest of the item")
    }
    return digest
  }
}
