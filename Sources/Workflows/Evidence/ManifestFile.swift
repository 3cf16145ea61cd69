import Foundation
import Ledger
import LedgerCrypto
import Scenarios
import TransparencyLog

/// A manifest that was read, ready to prove many files.
package struct ManifestFile {
  package let path: String
  package let manifest: EvidenceManifest
  /// The manifest file's own digest and size, which the deposit names.
  package let fingerprint: Fingerprint
  /// Over the lines of files.
  let tree: MemoryTree
  /// Of the lines whose names are commitments, as far as the names file tells them.
  package let names: [Digest: ManifestExtract.DisclosedName]
  private let places: [Digest: [Int]]

  /// The most bytes that are read of a manifest: those of one with the most files, each with a long path.
  private static let limit = 1 << 30

  /// Reads the manifest at `path`, and the names file beside it where there is one.
  package init(_ path: String) throws {
    self.path = path
    guard let bytes = try Files.contents(path, limit: ManifestFile.limit) else {
      throw WorkflowError(.notVerified, "malformed-manifest", "\(path): too large for a manifest")
    }
    do { manifest = try EvidenceManifest(parsing: bytes) } catch {
      throw WorkflowError(
        .notVerified, "malformed-manifest",
        "\(path): \(error.reason)", lead: .manifest)
    }
    fingerprint = try Fingerprint(of: bytes)
    var hasher = TreeHasher()
    tree = MemoryTree(leaves: manifest.lines.map { $0.leaf(using: &hasher) }, using: &hasher)
    var places: [Digest: [Int]] = [:]
    for (place, line) in manifest.lines.enumerated() { places[line.digest, default: []].append(place) }
    self.places = places
    let beside = NamesFile.path(of: path)
    names = Files.exists(beside) ? try NamesFile.read(beside) : [:]
  }

  /// The lines of files with this digest, by their places.
  package func places(of digest: Digest) -> [Int] { places[digest] ?? [] }

  /// The path of the file at `place`, as far as it is known.
  package func name(_ place: Int) -> String? {
    switch manifest.lines[place].name {
    case .path(let path): path
    case .commitment(let commitment): names[commitment]?.path
    }
  }

  /// What the commitment to the name of the file at `place` is made of, as far as it is known.
  package func disclosedName(at place: Int) -> ManifestExtract.DisclosedName? {
    if case .commitment(let commitment) = manifest.lines[place].name { names[commitment] } else { nil }
  }

  /// The path, or what stands for it.
  package func shownName(_ place: Int) -> String {
    name(place) ?? "a file whose name is salted"
  }

  /// The proof that the file at `place` is among those of the manifest, checked against what was deposited.
  ///
  /// - Throws: `LogError` where it is not.
  func prove(_ place: Int, in deposited: Evidence.Deposit.Manifest) throws -> InclusionProof {
    var hasher = TreeHasher()
    let proof = try InclusionProof(index: UInt64(place), size: tree.size, from: tree, using: &hasher)
    try EvidenceManifest.verify(manifest.lines[place], proof, in: deposited)
    return proof
  }
}

/// The names that a manifest commits to: a file beside it that only its owner reads.
///
/// ```
/// zheng-manifest-names 1
/// <commitment, 64 hex digits> <salt, 64 hex digits> <path, in which % and control characters are written as %XX>
/// ```
///
/// Whoever destroys it leaves a manifest that tells no names and still proves every file.
package enum NamesFile {
  static let heading = "zheng-manifest-names 1"

  /// Where the names of the manifest at `path` are.
  package static func path(of manifest: String) -> String { manifest + ".names" }

  /// The file that tells `paths`, each with its salt.
  static func file(_ names: [(path: String, salt: [UInt8])]) throws -> [UInt8] {
    var text = "\(heading)\n"
    for (path, salt) in names {
      let commitment = try EvidenceManifest.commitment(to: Array(path.utf8), salt: salt)
      text += "\(commitment) \(Hex.encode(salt)) \(EvidenceManifest.escapedPath(path))\n"
    }
    return Array(text.utf8)
  }

  /// The names in the names file at `path`, by their commitments, each of which is checked.
  static func read(_ path: String) throws -> [Digest: ManifestExtract.DisclosedName] {
    let text = String(decoding: try Files.contents(path, of: "a names file", limit: 1 << 30), as: UTF8.self)
    let lines = text.unicodeScalars.split(separator: "\n")
    guard let first = lines.first, first.elementsEqual(heading.unicodeScalars) else {
      throw malformed(path, 1)
    }
    var names: [Digest: ManifestExtract.DisclosedName] = [:]
    for (number, line) in lines.enumerated().dropFirst() {
      // By scalars: a name may begin with a mark that would be one character with the space before it.
      let parts = line.split(separator: " ", maxSplits: 2)
      guard parts.count == 3, let commitment = Digest(hex: String(parts[0])),
        let salt = Hex.decode(String(parts[1])), salt.count == 32,
        let name = EvidenceManifest.unescapedPath(String(parts[2])),
        try EvidenceManifest.commitment(to: Array(name.utf8), salt: salt) == commitment
      else { throw malformed(path, number + 1) }
      names[commitment] = ManifestExtract.DisclosedName(path: name, salt: salt)
    }
    return names
  }

  private static func malformed(_ path: String, _ line: Int) -> WorkflowError {
    WorkflowError(
      .notVerified, "malformed-names",
      "\(path): line \(line) is not a commitment with the salt and the name that it is made of; move the file away to go on without names"
    )
  }
}
