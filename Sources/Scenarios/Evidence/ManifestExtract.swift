public import Ledger
public import LedgerCrypto
public import TransparencyLog

/// One line of a manifest, with the path that proves it: one file of a deposited directory can be shown without showing what else is
/// in it. Its file is text in UTF-8, each line with a line feed:
///
/// ```
/// zheng-manifest-extract 1
/// <the line as the manifest has it>
/// name <salt, 64 hex digits> <path, in which % and control characters are written as %XX>
/// index <the line's number among those of files, from 0>
/// <a hash of the inclusion path, base64>
/// ```
///
/// `name` discloses the path behind a commitment and may be left out. The inclusion path is that of RFC 6962 over the lines of files.
public struct ManifestExtract: Hashable, Sendable {
  /// A name and the salt of its commitment.
  public struct DisclosedName: Hashable, Sendable {
    /// The path.
    public let path: String
    /// 32 bytes.
    public let salt: [UInt8]

    public init(path: String, salt: [UInt8]) { (self.path, self.salt) = (path, salt) }
  }

  /// The line.
  public let line: EvidenceManifest.Line
  /// The name behind the line's commitment, where it is disclosed; it has been compared with the commitment.
  public let disclosedName: DisclosedName?
  /// The line's number among those of files.
  public let index: UInt64
  /// The inclusion path.
  public let path: [Digest]

  /// The first line of the file.
  public static let heading = "zheng-manifest-extract 1"
  /// The largest file that is read, in bytes.
  public static let maximumByteCount = 65_536

  /// The extract of line `index` of `manifest`. Traps if there is no such line.
  ///
  /// - Parameter name: the name behind the line's commitment.
  /// - Throws: `malformed` if that is not its name.
  public init(of manifest: EvidenceManifest, at index: Int, name: DisclosedName?) throws(Refusal) {
    try self.init(
      manifest.lines[index], name: name, index: UInt64(index), path: manifest.proof(of: index).path)
  }

  private init(_ line: EvidenceManifest.Line, name: DisclosedName?, index: UInt64, path: [Digest])
    throws(Refusal)
  {
    if let name {
      guard name.salt.count == 32 else { throw Refusal(.malformed, "a salt that has not 32 bytes") }
      let commitment: Digest
      do {
        commitment = try EvidenceManifest.commitment(to: Array(name.path.utf8), salt: name.salt)
      } catch { throw Refusal(.malformed, "\(error)") }
      guard case .commitment(commitment) = line.name else {
        throw Refusal(.malformed, "the line does not commit to the name that is told")
      }
    }
    (self.line, disclosedName, self.index, self.path) = (line, name, index, path)
  }

  /// Reads an extract; nothing is proven until `verify`.
  ///
  /// - Throws: `malformed` for anything but the one form.
  public init(parsing file: [UInt8]) throws(Refusal) {
    func refusal(_ reason: String) -> Refusal { Refusal(.malformed, "an extract of a manifest: \(reason)") }
    guard file.count <= ManifestExtract.maximumByteCount else { throw refusal("it is too large") }
    guard let text = file.span.checkedText(mayHoldNewlines: true), text.utf8.last == UInt8(ascii: "\n") else {
      throw refusal("not text that ends with a line feed")
    }
    var rows = text.utf8.dropLast().split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
      .map { String(decoding: $0, as: UTF8.self) }[...]
    guard rows.popFirst() == ManifestExtract.heading, let line = rows.popFirst() else {
      throw refusal("it does not begin with \(ManifestExtract.heading)")
    }
    var name: DisclosedName?
    if let row = rows.first, row.utf8.starts(with: "name ".utf8) {
      rows.removeFirst()
      let parts = row.unicodeScalars.split(separator: " ", maxSplits: 2)
      guard parts.count == 3, let salt = Hex.decode(String(parts[1])),
        let path = EvidenceManifest.unescapedPath(String(parts[2]))
      else { throw refusal("a name that is none") }
      name = DisclosedName(path: path, salt: salt)
    }
    guard let row = rows.popFirst(), row.utf8.starts(with: "index ".utf8),
      let index = UInt64(row.dropFirst(6)),
      rows.count <= TLogProof.maximumPathCount
    else { throw refusal("no index, or a path too long") }
    var path: [Digest] = []
    for row in rows {
      guard let hash = Base64.decode(Array(row.utf8).span).flatMap({ Digest($0) }) else {
        throw refusal("a hash that is none")
      }
      path.append(hash)
    }
    try self.init(EvidenceManifest.Line(parsing: line), name: name, index: index, path: path)
    guard self.file == file else { throw refusal("not spelled as it must be") }
  }

  /// The extract's file.
  public var file: [UInt8] {
    var text = "\(ManifestExtract.heading)\n\(String(decoding: line.bytes, as: UTF8.self))\n"
    if let name = disclosedName {
      text += "name \(Hex.encode(name.salt)) \(EvidenceManifest.escapedPath(name.path))\n"
    }
    text += "index \(index)\n"
    for hash in path { text += "\(Base64.encode(hash.bytes))\n" }
    return Array(text.utf8)
  }

  /// The file's path, where the line or `disclosedName` gives it.
  public var name: String? {
    if case .path(let path) = line.name { path } else { disclosedName?.path }
  }

  /// Checks that the line is among those that a deposit's manifest is over.
  ///
  /// - Throws: as `EvidenceManifest.verify`.
  public func verify(in deposited: Evidence.Deposit.Manifest) throws(LogError) {
    try EvidenceManifest.verify(
      line, InclusionProof(index: index, size: deposited.files, path: path), in: deposited)
  }
}

extension EvidenceManifest {
  /// `path` with % and control characters written as %XX, for files of lines.
  public static func escapedPath(_ path: String) -> String {
    var text = ""
    for scalar in path.unicodeScalars {
      if scalar == "%" || scalar.properties.generalCategory == .control {
        for byte in String(scalar).utf8 { text += "%" + Hex.encode([byte]).uppercased() }
      } else {
        text.unicodeScalars.append(scalar)
      }
    }
    return text
  }

  /// The path whose `escapedPath` is `text`; nil if there is no such path.
  public static func unescapedPath(_ text: String) -> String? {
    var bytes: [UInt8] = []
    var rest = text.utf8[...]
    while let byte = rest.popFirst() {
      guard byte == UInt8(ascii: "%") else {
        bytes.append(byte)
        continue
      }
      let digits = String(decoding: rest.prefix(2), as: UTF8.self)
      guard digits.utf8.count == 2, let value = UInt8(digits, radix: 16) else { return nil }
      bytes.append(value)
      rest = rest.dropFirst(2)
    }
    let path = String(decoding: bytes, as: UTF8.self)
    return escapedPath(path).utf8.elementsEqual(text.utf8) ? path : nil
  }
}
