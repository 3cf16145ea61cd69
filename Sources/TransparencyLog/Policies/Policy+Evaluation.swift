import LedgerCrypto

extension Policy {
  /// What a policy's evaluation of a checkpoint found.
  public struct Verdict: Hashable, Sendable {
    /// A witness's valid cosignature.
    public struct Witnessing: Hashable, Sendable {
      /// The witness.
      public let witness: Witness
      /// Its name in the policy.
      public var name: Name { witness.name }
      /// When it cosigned, in seconds since the epoch, by its own word; the earliest where it cosigned twice.
      public let timestamp: UInt64
    }

    /// The key of the log that signed.
    public let log: NoteVerifierKey
    /// The policy's witnesses that cosigned, in its order; not only those that the quorum needed.
    public let witnesses: [Witnessing]
    /// The checkpoint existed no later than this, in seconds since the epoch, by the word of the quorum; nil for
    /// `quorum none`.
    ///
    /// A witness gives its timestamp, a k-of-n group the k-th smallest of those of its members that witnessed. So
    /// fewer than k liars can only postpone it.
    public let time: UInt64?
  }

  /// The checkpoint that `note` is, if the policy accepts it.
  ///
  /// Lines of keys that the policy does not list are ignored.
  ///
  /// - Throws: `malformedCheckpoint`; `badSignature` if a signature of any listed key does not hold; `unknownKey`
  ///   where no listed log signed; `wrongOrigin` if one did whose key's name is not the origin; `quorum` if
  ///   too few witnesses cosigned.
  public func evaluate(_ note: SignedNote) throws(LogError) -> (checkpoint: Checkpoint, verdict: Verdict) {
    let checkpoint = try Checkpoint(parsing: note.text)
    let verified = try note.verified(by: logs.map(\.key) + witnesses.map(\.key))
    let signers = Set(verified.map(\.key))
    guard
      let log = logs.first(where: {
        signers.contains($0.key) && $0.key.name.hasSameBytes(as: checkpoint.origin)
      })
    else {
      guard logs.contains(where: { signers.contains($0.key) }) else {
        throw LogError(
          .unknownKey,
          "no log of the policy signed the checkpoint: it is of another log, or the policy is not for the log key in force there"
        )
      }
      throw LogError(.wrongOrigin, "the log that signed is not \(checkpoint.origin)")
    }
    let timestamps = Dictionary(
      verified.compactMap { signature in signature.timestamp.map { (signature.key, $0) } },
      uniquingKeysWith: min)
    let times = witnesses.map { timestamps[$0.key] }
    let time = self.time(witnesses: times)
    if let quorum, time == nil {
      throw LogError(.quorum, shortfall(of: quorum, cosigned: times))
    }
    let witnessings = zip(witnesses, times).compactMap { witness, time in
      time.map { Verdict.Witnessing(witness: witness, timestamp: $0) }
    }
    return (checkpoint, Verdict(log: log.key, witnesses: witnessings, time: time))
  }

  /// The validators and the witnesses missing from the quorum, separately.
  private func shortfall(of quorum: Name, cosigned times: [UInt64?]) -> String {
    let validators = validators
    func count(_ what: String, _ isCounted: (Name) -> Bool) -> String? {
      let (all, other) = (
        zip(witnesses, times).filter { isCounted($0.0.name) }, absent.filter { isCounted($0.name) }
      )
      guard !all.isEmpty || !other.isEmpty else { return nil }
      return "\(all.count { $0.1 != nil }) of \(all.count + other.count) \(what)"
    }
    let counts = [
      count("validators") { validators.contains($0) }, count("witnesses") { !validators.contains($0) },
    ]
    let unchecked = absent.map {
      "; \($0.name) counts as absent, since its key is of type 0x\(Hex.encode([$0.type])), which can't be checked here"
    }
    return
      "\(counts.compactMap { $0 }.joined(separator: " and ")) cosigned, which does not meet the quorum \(quorum)"
      + unchecked.joined()
  }

  /// The time by which the quorum had witnessed; nil if it had not, or there is no quorum.
  ///
  /// - Parameter witnesses: for each witness in order its timestamp, or nil if it did not cosign.
  package func time(witnesses: [UInt64?]) -> UInt64? {
    guard let quorum else { return nil }
    var groupTimes: [UInt64?] = []
    func time(of name: Name) -> UInt64? {
      switch definitions[name] {
      case .witness(let index): witnesses[index]
      case .group(let index): groupTimes[index]
      case .absent: nil
      case nil: preconditionFailure("a policy names only what it defines")
      }
    }
    // Members precede their groups, so one pass is enough, however deep they nest.
    for group in groups {
      let times = group.members.compactMap { time(of: $0) }.sorted()
      groupTimes.append(times.count >= group.threshold ? times[group.threshold - 1] : nil)
    }
    return time(of: quorum)
  }
}
