/// Verifies signatures in batches, those of keys that `KnownKeys` has tables for by them; one for each thread.
///
/// Signatures are added in any order, of any keys, and any number of them; the verdicts are exactly those of
/// `PublicKey.isValid`. By tables both multiplications of an ECDSA verification are of a fixed point, a batch shares one
/// inversion modulo n, and what is not accepted so is verified again in libcrypto's ordinary way before it is called bad. A
/// `SignatureSource` of many bad ones is verified in the ordinary way until it has sent enough good ones.
public struct BatchVerifier: ~Copyable {
  private let known: KnownKeys
  private let capacity: Int
  private var hasher = SHA256()
  private var numbers: FastVerifier?
  private var signers: [Signer] = []
  private var places: [ObjectIdentifier: Int] = [:]
  private var lastSigner = 0
  /// The signatures waiting to be verified, as records, each with its signer and the place of its verdict.
  private var records: [UInt8] = []
  private var waiting: [Waiting] = []
  private var order: [Int] = []
  private var verdicts: [Bool] = []
  private var counts = KnownKeys.Counts()

  /// The source of signatures that are added without one.
  private let unnamed = SignatureSource()

  private struct Waiting {
    let signer: Int
    let source: SignatureSource
    let verdict: Int
  }

  /// How many signatures share an inversion, and one round of the tables through the cache.
  private static let usualCapacity = 1024
  /// How many keys are remembered at once.
  private static let mostSigners = 1024
  /// How many good signatures of a key are reported to `KnownKeys` at once.
  private static let reportInterval = 16

  /// A verifier without signatures.
  public init(_ known: KnownKeys) {
    self.init(known, capacity: BatchVerifier.usualCapacity)
  }

  package init(_ known: KnownKeys, capacity: Int) {
    precondition(capacity > 0, "a batch of nothing")
    (self.known, self.capacity) = (known, capacity)
  }

  // MARK: Adding

  /// Adds `signature`, which should be `key`'s over `message`; of another length than 64 bytes it is invalid.
  public mutating func add(
    _ signature: Span<UInt8>, over message: Span<UInt8>, by key: PublicKey,
    from source: SignatureSource? = nil
  ) {
    switch key.algorithm {
    case .es256: add(signature, overDigest: hasher.digest(message), by: key, from: source)
    case .ed25519: verdicts.append(key.isValid(signature: signature, over: message))
    }
  }

  /// Adds `signature`, which should be the P-256 `key`'s over the message with this SHA-256 `digest`.
  package mutating func add(
    _ signature: Span<UInt8>, overDigest digest: Digest, by key: PublicKey,
    from source: SignatureSource? = nil
  ) {
    precondition(key.algorithm == .es256, "a digest is all that ECDSA signs, and not Ed25519")
    guard signature.count == signatureByteCount else { return verdicts.append(false) }
    let (place, source) = (place(of: key), source ?? unnamed)
    unsafe signature.withUnsafeBufferPointer { unsafe records.append(contentsOf: $0) }
    digest.append(to: &records)
    if signers[place].table != nil, source.isTrusted {
      waiting.append(Waiting(signer: place, source: source, verdict: verdicts.count))
      verdicts.append(false)
      if waiting.count == capacity { verifyWaiting() }
    } else {
      verdicts.append(verifyOrdinarily(place, waiting.count, source))
      records.removeLast(FastVerifier.recordByteCount)
    }
  }

  /// The verdicts on everything added since the last call, in the order of adding.
  public mutating func takeVerdicts() -> [Bool] {
    verifyWaiting()
    for signer in signers where signer.unreported > 0 { reportUse(of: signer) }
    known.report(counts)
    counts = .init()
    let taken = verdicts
    verdicts.removeAll(keepingCapacity: true)
    return taken
  }

  // MARK: Signers

  private mutating func place(of key: PublicKey) -> Int {
    let identity = ObjectIdentifier(key.verifier)
    if lastSigner < signers.count, ObjectIdentifier(signers[lastSigner].key.verifier) == identity {
      return lastSigner
    }
    if let place = places[identity] {
      lastSigner = place
      return place
    }
    if signers.count == BatchVerifier.mostSigners {
      verifyWaiting()
      for signer in signers where signer.unreported > 0 { reportUse(of: signer) }
      signers.removeAll(keepingCapacity: true)
      places.removeAll(keepingCapacity: true)
    }
    lastSigner = signers.count
    places[identity] = lastSigner
    signers.append(Signer(key, table: known.table(for: key)))
    return lastSigner
  }

  private func reportUse(of signer: Signer) {
    let table = known.table(for: signer.key, signatures: signer.unreported)
    signer.unreported = 0
    if signer.table == nil { signer.table = table }
  }

  // MARK: Verifying

  private mutating func verifyOrdinarily(
    _ place: Int, _ record: Int, _ source: SignatureSource
  ) -> Bool {
    let signer = signers[place]
    counts.ordinary += 1
    let isValid = signer.isValid(records.span, record)
    source.countVerified(isValid: isValid)
    if isValid, signer.table == nil {
      // Only good ones count: nobody else can have tables made in a key's name.
      signer.unreported += 1
      if signer.unreported == BatchVerifier.reportInterval { reportUse(of: signer) }
    }
    return isValid
  }

  private mutating func verifyWaiting() {
    guard !waiting.isEmpty else { return }
    if numbers == nil { numbers = FastVerifier() }
    // Key by key, so that a table stays in the cache.
    for index in waiting.indices { order.append(waiting[index].signer << 32 | index) }
    order.sort()
    let isPrepared = numbers?.prepare(records.span, count: waiting.count) ?? false
    for entry in order {
      let index = entry & 0xffff_ffff
      verdicts[waiting[index].verdict] = verify(index, numbers: isPrepared ? numbers : nil)
    }
    CryptoError.clearQueue()
    order.removeAll(keepingCapacity: true)
    waiting.removeAll(keepingCapacity: true)
    records.removeAll(keepingCapacity: true)
  }

  private mutating func verify(_ index: Int, numbers: FastVerifier?) -> Bool {
    let (place, source) = (waiting[index].signer, waiting[index].source)
    let signer = signers[place]
    guard let numbers, source.isTrusted, let table = signer.table else {
      return verifyOrdinarily(place, index, source)
    }
    let isAccepted = numbers.accepts(records.span, index, table: table)
    source.countVerified(isValid: isAccepted)
    if isAccepted {
      counts.byTable += 1
      return true
    }
    counts.again += 1
    return signer.isValid(records.span, index)
  }
}
