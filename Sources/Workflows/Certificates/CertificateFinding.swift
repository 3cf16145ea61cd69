import Certificates
import LedgerCrypto
import TransparencyLog

/// What was found of a certificate, and of the file that someone says was deposited.
package struct CertificateFinding {
  /// How the certificate is called.
  package let path: String
  /// The judgement of the certificate alone.
  package let check: CertificateCheck
  /// The file, where one was given.
  package let file: OriginalFile?
  /// The manifest or extract in which it was looked up.
  package let manifest: String?
  /// Why nothing of the manifest was used, where the certificate is not good either.
  package let manifestFault: WorkflowError?

  /// Whether both are good.
  package var isGood: Bool { check.isGood && (file?.isDeposited ?? true) }

  /// A file that someone says is the one that was deposited, or one of the directory that was.
  package struct OriginalFile {
    package let path: String
    package let digest: Digest
    package let byteCount: UInt64
    package let isDeposited: Bool
    /// Which file of the directory it is.
    package let listed: ListedFiles.File?
  }

  /// Checks the certificate in `bytes`, which is called `path`, under `policy`.
  ///
  /// - Parameters:
  ///   - original: the file that should have been deposited.
  ///   - manifest: of a deposited directory the manifest, or an extract, in which `original` is looked up.
  ///   - digest: the SHA-256 of a file and its number of bytes.
  /// - Throws: no input; not verified, for a manifest that is none, or another deposit's, beside a good certificate.
  package init(
    _ path: String, _ bytes: [UInt8], _ policy: Policy, original: String?, manifest: String?,
    digest: (String) throws -> (digest: Digest, byteCount: UInt64)
  ) throws {
    (self.path, self.manifest) = (path, manifest)
    let check = CertificateCheck(bytes, policy)
    self.check = check
    var listed: ListedFiles?
    var manifestFault: WorkflowError?
    if let manifest, let certificate = check.certificate {
      do { listed = try CertificateFinding.listed(manifest, in: certificate) } catch  where !check.isGood {
        // What is wrong with the certificate is said first.
        manifestFault = WorkflowError(describing: error)
      }
    }
    self.manifestFault = manifestFault
    file = try original.map { original in
      let (digest, byteCount) = try digest(original)
      let line = listed?.file(digest, size: byteCount)
      return OriginalFile(
        path: original, digest: digest, byteCount: byteCount,
        isDeposited: check.certificate?.digest == digest || line != nil, listed: line)
    }
  }

  /// The files that the manifest or extract at `path` proves.
  private static func listed(_ path: String, in certificate: ProvenCertificate) throws -> ListedFiles {
    guard let bytes = try Files.contents(path, limit: ListedFiles.maximumByteCount) else {
      throw WorkflowError(.notVerified, "malformed-manifest", "\(path): too large for a manifest")
    }
    do { return try ListedFiles(bytes, in: certificate) } catch {
      throw WorkflowError(.notVerified, error.code, "\(path): \(error.detail)")
    }
  }

  /// By whose word the times hold; nil where nothing was proven.
  package var word: CosignatureSummary? {
    check.certificate.map { CosignatureSummary($0.policy, $0.deposit.proven.verdict) }
  }
}
