public import LedgerCrypto

extension Evidence {
  /// A digest algorithm that evidence may be named by. SHA-256 is required; the others inform, or outlive it.
  public enum DigestAlgorithm: String, CaseIterable, Sendable {
    // In the canonical order of the keys, in which payloads are read and written.
    case md5, sm3
    case sha1 = "sha-1"
    case sha256 = "sha-256"
    case sha384 = "sha-384"
    case sha512 = "sha-512"
    case sha3Bits256 = "sha3-256"
    case sha3Bits512 = "sha3-512"

    /// The bytes of a digest.
    public var byteCount: Int {
      switch self {
      case .md5: 16
      case .sha1: 20
      case .sm3, .sha256, .sha3Bits256: 32
      case .sha384: 48
      case .sha512, .sha3Bits512: 64
      }
    }
  }

  /// Digests of one file, at most one by each algorithm.
  ///
  /// ```cddl
  /// digests = { ? md5: bstr .size 16, ? sm3: bstr .size 32, ? "sha-1": bstr .size 20, ? "sha-256": bstr .size 32,
  ///             ? "sha-384": bstr .size 48, ? "sha-512": bstr .size 64, ? "sha3-256": bstr .size 32, ? "sha3-512": bstr .size 64 }
  /// ```
  public struct Digests: Hashable, FieldList {
    /// As errors name it.
    public static let name = "digests"

    /// A digest and what made it.
    public struct Element: Hashable, Sendable {
      /// What made it.
      public let algorithm: DigestAlgorithm
      /// The digest.
      public let bytes: [UInt8]
    }

    /// The digests in the order of `DigestAlgorithm.allCases`.
    public private(set) var elements: [Element] = []

    /// These digests. Traps unless each has the length of its algorithm.
    public init(_ digests: [DigestAlgorithm: [UInt8]]) {
      for algorithm in DigestAlgorithm.allCases {
        guard let bytes = digests[algorithm] else { continue }
        precondition(bytes.count == algorithm.byteCount, "a digest of another length than its algorithm's")
        elements.append(Element(algorithm: algorithm, bytes: bytes))
      }
    }

    /// The digest by `algorithm`.
    public subscript(_ algorithm: DigestAlgorithm) -> [UInt8]? {
      elements.first { $0.algorithm == algorithm }?.bytes
    }

    /// The SHA-256 digest.
    public var sha256: Digest? { self[.sha256].flatMap { Digest($0.span) } }

    /// The first algorithm of which both have a digest.
    func first(alsoIn other: Digests) -> DigestAlgorithm? {
      other.elements.first { self[$0.algorithm] != nil }?.algorithm
    }

    /// Adds the digests of `other` by algorithms that are missing here.
    mutating func add(_ other: Digests) {
      let all = elements + other.elements
      elements = DigestAlgorithm.allCases.compactMap { algorithm in
        all.first { $0.algorithm == algorithm }
      }
    }

    /// None.
    public init() {}

    /// Shows the digests.
    public mutating func visit<V: FieldVisitor>(_ visitor: inout V) throws(V.Failure) {
      var found: [Element] = []
      for algorithm in DigestAlgorithm.allCases {
        var bytes = self[algorithm]
        try visitor.bytes(algorithm.rawValue, &bytes, .optional, algorithm.byteCount...algorithm.byteCount)
        if V.setsFields, let bytes { found.append(Element(algorithm: algorithm, bytes: bytes)) }
      }
      if V.setsFields { elements = found }
    }
  }
}
