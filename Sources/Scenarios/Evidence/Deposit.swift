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
    public struct Manifest: Hashable, Sendable {
      /// The RFC 6962 root over the manifest's lines.
      public let root: Digest
      /// How many files it lists, at least one.
      public let files: UInt64
      /// The sum of their sizes, in bytes.
      public let bytes: UInt64

      /// A manifest.
      public init(root: Digest, files: UInt64, bytes: UInt64) {
        (self.root, self.files, self.bytes) = (root, files, bytes)
      }

      init(_ reader: inout PayloadReader) throws(Refusal) {
        root = try reader.digest("root")
        bytes = try reader.unsigned("bytes")
        files = try reader.unsigned("files", in: 1...UInt64.max)
      }

      func write(to writer: inout PayloadWriter) {
        writer.digest("root", root)
        writer.unsigned("bytes", bytes)
        writer.unsigned("files", files)
      }
    }

    /// The case that it belongs to.
    public var caseReference: String
    /// What the data are.
    public var category: Category
    /// What the digests are of.
    public var scope: Scope
    /// The bytes of the file that the digests are of.
    public var size: UInt64
    /// The digests; with SHA-256.
    public var digests: Digests
    /// How it was collected.
    public var method: String
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
    /// Who collected it.
    public var collectors: [String]
    /// From whom it was taken.
    public var holder: String?
    /// When it happened, in s since the epoch; nil where nothing else is claimed than `iat`.
    public var occurred: UInt64?
    /// None: it names no entry.
    public var previous: Digest? { nil }

    /// A deposit.
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

    /// Decodes a payload; throws `malformed`, `missing-digest`, `personal-data`.
    public init(decoding payload: [UInt8]) throws(Refusal) {
      var reader = try PayloadReader(payload, of: "deposit")
      caseReference = try reader.text("case", Bounds.caseReference, .searchedLine)
      seal = try reader.optionalText("seal", Bounds.seal, .searchedLine)
      size = try reader.unsigned("size")
      tool = try reader.optionalText("tool", Bounds.name, .searchedLine)
      place = try reader.optionalText("place", Bounds.name, .searchedLine)
      scope = try reader.word("scope", Scope.self)
      format = try reader.optionalText("format", Bounds.reference, .searchedLine)
      holder = try reader.optionalText("holder", Bounds.name, .searchedLine)
      medium = try reader.optionalText("medium", Bounds.claim, .searchedLine)
      method = try reader.text("method", Bounds.claim, .searchedLine)
      source = try reader.optionalText("source", Bounds.claim, .searchedLine)
      digests = try Digests("digests", from: &reader)
      category = try reader.word("category", Category.self)
      manifest = try reader.optionalMap("manifest") { (map: inout PayloadReader) throws(Refusal) in
        try Manifest(&map)
      }
      occurred = try reader.optionalTime("occurred")
      collected = try reader.optionalTime("collected")
      collectors = try reader.optionalTexts("collectors", most: 8, each: Bounds.reference, .searchedLine)
      try reader.finish()
      guard digests.sha256 != nil else {
        throw Refusal(.missingDigest, "a deposit names the SHA-256 digest of what is deposited")
      }
    }

    /// The payload, in its one encoding.
    public var encoded: [UInt8] {
      var writer = PayloadWriter(capacity: 512)
      writer.text("case", caseReference)
      writer.text("seal", seal)
      writer.unsigned("size", size)
      writer.text("tool", tool)
      writer.text("place", place)
      writer.text("scope", scope.rawValue)
      writer.text("format", format)
      writer.text("holder", holder)
      writer.text("medium", medium)
      writer.text("method", method)
      writer.text("source", source)
      digests.write("digests", to: &writer)
      writer.text("category", category.rawValue)
      if let manifest { writer.map("manifest") { manifest.write(to: &$0) } }
      writer.unsigned("occurred", occurred)
      writer.unsigned("collected", collected)
      writer.optionalTexts("collectors", collectors)
      return writer.bytes
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
