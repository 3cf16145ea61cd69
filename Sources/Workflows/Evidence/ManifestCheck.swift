import Ledger
import LedgerCrypto
import Scenarios
import TransparencyLog

/// A manifest and its deposit: files are proven to lie in the directory that was deposited.
package struct ManifestCheck {
  package let manifest: ManifestFile
  package let deposit: DepositRecord
  package let deposited: Evidence.Deposit.Manifest

  /// Finds the deposit of `manifest`, that of `item` where one is named, and compares both.
  ///
  /// - Throws: not verified, with both roots, where the manifest is not the one that was deposited.
  package init(_ manifest: ManifestFile, item: String?, on ledger: any LedgerAccess) async throws {
    self.manifest = manifest
    let root = manifest.manifest.root
    let found: DepositRecord?
    if let item {
      found = try await DepositRecord(of: ledger.evidenceItem(item), on: ledger)
    } else {
      found = try await DepositRecord.all(naming: root, on: ledger).first {
        $0.deposit.manifest?.root == root
      }
    }
    guard let found else {
      throw ManifestCheck.other(
        manifest,
        "no deposit on this ledger names its root, \(root); it was altered, or belongs to another ledger"
      )
    }
    guard let deposited = found.deposit.manifest else {
      throw ManifestCheck.other(
        manifest, "\(found.item) is a file and no directory", lead: .withoutManifest)
    }
    guard manifest.manifest.summary == deposited, found.deposit.digests.sha256 == manifest.fingerprint.digest
    else {
      throw ManifestCheck.other(
        manifest,
        """
        not the manifest of \(found.item)
          its root is     \(root), of \(Printable.count(manifest.manifest.lines.count, "file"))
          deposited was   \(deposited.root), of \(Printable.count(deposited.files, "file"))
        """)
    }
    (deposit, self.deposited) = (found, deposited)
  }

  private static func other(
    _ manifest: ManifestFile, _ detail: String, lead: WorkflowError.Lead? = nil
  ) -> WorkflowError {
    WorkflowError(.notVerified, "other-manifest", "\(manifest.path): \(detail)", lead: lead)
  }

  /// The proof that the file of `finding` lies in the directory; nil where it does not.
  package func proof(of finding: FolderCheck.Finding) throws -> LineProof? {
    guard finding.isGood, let place = finding.place else { return nil }
    let proof = try manifest.prove(place, in: deposited)
    return LineProof(index: proof.index, size: proof.size, path: proof.path)
  }
}

/// The proof that a line is one of a manifest's.
package struct LineProof: Sendable {
  /// Which line, from 0, and of how many.
  package let index, size: UInt64
  /// The hashes up to the root.
  package let path: [Digest]
}
