public import LedgerCrypto
public import TransparencyLog

extension UnverifiedMessage {
  /// The message, if its signature and those of its certificate are of validators of `committee`.
  ///
  /// - Parameter committee: that of the message's height, which the caller finds by `height`.
  /// - Throws: `unknown-validator`, `bad-signature`, `quorum`.
  public func verified(by committee: Committee) throws(ConsortiumError) -> Message {
    try committee.verify(claimed)
    return claimed
  }
}

extension Committee {
  func seat(_ place: Int) throws(ConsortiumError) -> Seat {
    guard seats.indices.contains(place) else {
      throw ConsortiumError(.unknownValidator, "the roster has no validator at place \(place)")
    }
    return seats[place]
  }

  /// The text of the checkpoint with this size and root: what a cosignature is over.
  public func checkpoint(size: UInt64, root: Digest) throws(ConsortiumError) -> Checkpoint {
    do {
      return try Checkpoint(origin: origin, size: size, root: root)
    } catch {
      throw ConsortiumError(.malformed, error.description)
    }
  }

  func verify(_ message: Message) throws(ConsortiumError) {
    let seat = try seat(message.sender)
    let isSigned: Bool
    if case .cosign(let tree) = message.ballot.content {
      let text = try checkpoint(size: tree.size, root: tree.root).text
      isSigned = message.cosignature?.isValid(over: text, by: seat.cosignerKey.publicKey) ?? false
    } else {
      isSigned = isValid(message.signature, over: message.ballot.subject, by: seat)
    }
    guard isSigned else {
      throw ConsortiumError(
        .badSignature, "the signature of \(seat.name) under its \(message.ballot.kind.rawValue)")
    }
    // The leader alone proposes; what another says is nobody's proposal.
    if message.ballot.kind == .propose,
      leader(height: message.ballot.height, round: message.ballot.round) != message.sender
    {
      throw ConsortiumError(.unknownValidator, "\(seat.name) does not lead round \(message.ballot.round)")
    }
    if let certificate = message.ballot.certificate { try verify(certificate) }
  }

  /// Sees that a certificate has exactly a quorum of signatures, and that all of them hold.
  ///
  /// - Throws: `unknown-validator`, `bad-signature`, `quorum`.
  public func verify(_ certificate: Certificate) throws(ConsortiumError) {
    guard certificate.endorsements.count == quorum else {
      throw ConsortiumError(
        .quorum, "a certificate has \(quorum) signatures, not \(certificate.endorsements.count)")
    }
    let bytes = certificate.subject.bytes(for: self)
    for endorsement in certificate.endorsements {
      let seat = try seat(endorsement.validator)
      guard seat.voteKey.isValid(signature: endorsement.signature.span, over: bytes.span) else {
        throw ConsortiumError(
          .badSignature, "the signature of \(seat.name) in a \(certificate.kind.rawValue) certificate")
      }
    }
  }

  func isValid(_ signature: [UInt8], over subject: SignedSubject, by seat: Seat) -> Bool {
    let bytes = subject.bytes(for: self)
    return seat.voteKey.isValid(signature: signature.span, over: bytes.span)
  }
}

extension Message {
  /// The cosignature that a `cosign` message carries; nil for the others.
  public var cosignature: Cosignature? {
    guard ballot.kind == .cosign else { return nil }
    return try? Cosignature(parsing: signature.span)
  }
}
