public import LedgerCrypto
import Scenarios
import Statements
import TransparencyLog

/// The files of a deposited directory, as its manifest, or an extract of one line, proves them.
public struct ListedFiles: Sendable {
  /// One file.
  public struct File: Hashable, Sendable {
    /// Its SHA-256.
    public let digest: Digest
    /// Its size in bytes.
    public let size: UInt64
    /// Its path in the directory, where that is told.
    public let name: String?
  }

  /// What is listed: all files of a manifest, one of an extract.
  public let files: [File]

  /// The most bytes that are read of a manifest.
  public static let maximumByteCount = 1 << 30

  /// What `bytes`, a manifest or an extract, list of the directory that `certificate` is of.
  ///
  /// - Throws: `malformed-manifest` for what is neither; `other-manifest` for that of another deposit, and where no directory was
  ///   deposited.
  public init(_ bytes: [UInt8], in certificate: ProvenCertificate) throws(CertificateFault) {
    func fault(_ code: String, _ detail: String) -> CertificateFault {
      CertificateFault("manifest", code, detail)
    }
    let deposit: Evidence.Deposit
    do { deposit = try Evidence.Deposit(decoding: certificate.deposit.statement.payload) } catch {
      throw fault("other-manifest", "the deposit can't be read: \(error)")
    }
    guard let deposited = deposit.manifest else {
      throw fault("other-manifest", "\(certificate.item) is a file and no directory")
    }
    if bytes.starts(with: ManifestExtract.heading.utf8) {
      let extract: ManifestExtract
      do { extract = try ManifestExtract(parsing: bytes) } catch {
        throw fault("malformed-manifest", error.reason)
      }
      do { try extract.verify(in: deposited) } catch {
        throw fault("other-manifest", "the extract is not of the manifest that was deposited: \(error)")
      }
      files = [File(digest: extract.line.digest, size: extract.line.size, name: extract.name)]
      return
    }
    let manifest: EvidenceManifest
    do { manifest = try EvidenceManifest(parsing: bytes) } catch {
      throw fault("malformed-manifest", error.reason)
    }
    guard manifest.summary == deposited, certificate.digest == SHA256.digest(of: bytes) else {
      throw fault("other-manifest", "not the manifest that was deposited as \(certificate.item)")
    }
    files = manifest.lines.map { line in
      let name: String? = if case .path(let path) = line.name { path } else { nil }
      return File(digest: line.digest, size: line.size, name: name)
    }
  }

  /// The file with this digest and size.
  public func file(_ digest: Digest, size: UInt64) -> File? {
    files.first { $0.digest == digest && $0.size == size }
  }
}
