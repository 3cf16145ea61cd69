public import Ledger
public import LedgerCrypto

extension Evidence {
  /// `evidence.deposit`: an item comes onto the ledger, and its issuer becomes its custodian.
  ///
  /// ```cddl
  /// deposit = {
  ///   case: line<128>,              ; searched
  ///   ? seal: line<64>,             ; searched; the seal that the medium bore when it was taken
  ///   size: uint,                   ; bytes of the file that the digests are of
  ///   ? tool: line<256>,            ; searched
  ///   ? place: line<256>,           ; searched
  ///   scope: "media" / "container" / "file",
  ///   ? format: line<128>,          ; searched
  ///   ? holder: line<256>,          ; searched; from whom it was taken
  ///   ? medium: line<512>,          ; searched; the original medium
  ///   method: line<512>,            ; searched; how it was collected
  ///   ? source: line<512>,          ; searched; where the data came from
  ///   digests: digests,             ; sha-256 required
  ///   category: "publication" / "communication" / "log" / "file" / "other",
  ///   ? manifest: { root: digest, bytes: uint, files: uint },
  ///   common,
  ///   ? collected: time,            ; when it was collected; never after the block's time
  ///   ? collectors: [1*8 line<128>] ; searched
  /// }
  /// ```
  ///
  /// With a `manifest` the item is a directory: `digests` and `size` are those of the manifest file (`EvidenceManifest`), and
  /// the manifest says how many files there are, of how many bytes together, and the RFC 6962 root over its lines.
  ///
  /// A `seal` counts as used from here on, though the item is `deposited` and not yet `sealed`: `evidence.seal` says that the
  /// custodian has seen it intact, or has put another one on.
  public struct Deposit: EvidencePayload {
    /// The kind.
    public static var kind: EvidenceKind { .deposit }

    /// What the digests are of.
    public enum Scope: String, CaseIterable, Sendable {
      /// A whole medium, or an image of it.
      case media
      /// An archive, or a directory with its manifest.
      case container
      /// One file.
      case file
    }

    /// What the data are, by article 14 of the Supreme People's Court's rules on civil evidence (2019).
    public enum Category: String, CaseIterable, Sendable {
      /// Published on the net: pages, posts.
      case publication
      /// Messages: mail, chat, short messages.
      case communication
      /// Registrations, transactions, logs.
      case log
      /// Documents, pictures, sound, video, programs.
      case file
      /// Whatever else is stored, processed or transmitted digitally.
      case other
    }

    /// A directory that is deposited by its manifest.
    public struct Manifest: Hashable, FieldList {
      /// As errors name it.
      public static let name = "manifest"
      /// The RFC 6962 root over the manifest's lines.
      public var root = Digest.zero
      /// How many files it lists, at least one.
      public var files: UInt64 = 0
      /// The sum of their sizes, in bytes.
      public var bytes: UInt64 = 0

      public init(root: Digest, files: UInt64, bytes: UInt64) {
        (self.root, self.files, self.bytes) = (root, files, bytes)
      }

      public init() {}

      public mutating func visit<V: FieldVisitor>(_ visitor: inout V) throws(V.Failure) {
        try visitor.digest("root", &root)
        try visitor.unsigned("bytes", &bytes)
        try visitor.unsigned("files", &files, in: 1...UInt64.max)
      }
    }

    /// The case that it belongs to.
    public var caseReference = ""
    /// What the data are.
    public var category: Category = .other
    /// What the digests are of.
    public var scope: Scope = .file
    /// The bytes of the file that the digests are of.
    public var size: UInt64 = 0
    /// The digests; with SHA-256.
    public var digests = Digests()
    /// How it was collected.
    public var method = ""
    /// The directory, where the file is a manifest.
    public var manifest: Manifest?
    /// The file's format.
    public var format: String?
    /// When it was collected, in s since the epoch.
    public var collected: UInt64?
    /// Where it was collected.
    public var place: String?
    /// What it was collected with.
    public var tool: String?
    /// Where the data came from.
    public var source: String?
    /// The original medium.
    public var medium: String?
    /// The seal that the medium bore.
    public var seal: String?
    /// The people who collected it.
    public var collectors: [String] = []
    /// From whom it was taken.
    public var holder: String?
    /// When it happened, in s since the epoch; nil if nothing else is claimed than `iat`.
    public var occurred: UInt64?
    /// None: it names no entry.
    public var previous: Digest? { nil }

    public init(
      caseReference: String, category: Category, scope: Scope, size: UInt64, digests: Digests, method: String,
      manifest: Manifest? = nil, format: String? = nil, collected: UInt64? = nil, place: String? = nil,
      tool: String? = nil, source: String? = nil, medium: String? = nil, seal: String? = nil,
      collectors: [String] = [], holder: String? = nil, occurred: UInt64? = nil
    ) {
      (self.caseReference, self.category, self.scope, self.size) = (caseReference, category, scope, size)
      (self.digests, self.method, self.manifest, self.format) = (digests, method, manifest, format)
      (self.collected, self.place, self.tool, self.source) = (collected, place, tool, source)
      (self.medium, self.seal, self.collectors, self.holder) = (medium, seal, collectors, holder)
      self.occurred = occurred
    }

    public init() {}

    public mutating func visit<V: FieldVisitor>(_ visitor: inout V) throws(V.Failure) {
      try visitor.text("case", &caseReference, Bounds.caseReference, .searchedLine)
      try visitor.text("seal", &seal, Bounds.seal, .searchedLine)
      try visitor.unsigned("size", &size)
      try visitor.text("tool", &tool, Bounds.name, .searchedLine)
      try visitor.text("place", &place, Bounds.name, .searchedLine)
      try visitor.word("scope", &scope)
      try visitor.text("format", &format, Bounds.reference, .searchedLine)
      try visitor.text("holder", &holder, Bounds.name, .searchedLine)
      try visitor.text("medium", &medium, Bounds.claim, .searchedLine)
      try visitor.text("method", &method, Bounds.claim, .searchedLine)
      try visitor.text("source", &source, Bounds.claim, .searchedLine)
      try visitor.digests(&digests)
      try visitor.word("category", &category)
      try visitor.map("manifest", &manifest)
      try visitor.time("occurred", &occurred)
      try visitor.time("collected", &collected)
      try visitor.texts("collectors", &collectors, .optional, 1...8, each: Bounds.reference, .searchedLine)
    }

    /// Throws `missing-digest`.
    public func check() throws(Refusal) {
      guard digests.sha256 != nil else {
        throw Refusal(.missingDigest, "a deposit names the SHA-256 digest of what is deposited")
      }
    }
  }

  /// The bytes that the texts of payloads may have.
  enum Bounds {
    static let caseReference = 1...128
    static let seal = 1...64
    static let reference = 1...128
    static let name = 1...256
    static let claim = 1...512
    static let prose = 1...1024
  }
}
