import Foundation
import Ledger
import LedgerCrypto

/// What a backup says of itself in `backup.json`: with it a backup that was cut is told from an older one.
struct BackupManifest {
  static let fileName = "backup.json"
  private static let format = "zheng-backup-1"
  private static let maximumByteCount = 4096

  /// The ledger, and the tree that ends with its newest block.
  let ledger: Digest
  let size: UInt64
  let root: Digest
  /// When it was made, in s since the epoch.
  let made: UInt64
  /// The SHA-256 of `policy`; nil where there is none.
  let policy: Digest?

  init(ledger: Digest, size: UInt64, root: Digest, made: UInt64, policy: Digest?) {
    (self.ledger, self.size, self.root, self.made, self.policy) = (ledger, size, root, made, policy)
  }

  var text: String {
    """
    {
      "format": "\(BackupManifest.format)",
      "ledger": "\(ledger.hex)",
      "entries": \(size),
      "root": "\(root.hex)",\(policy.map { "\n  \"policy\": \"\($0.hex)\"," } ?? "")
      "made": \(made)
    }

    """
  }

  /// The one in `directory`.
  ///
  /// - Throws: `Failure` where there is none; `Refusal` for one that is not as `text` gives it.
  init(in directory: Directory) throws {
    guard directory.exists(BackupManifest.fileName) else {
      throw Failure(
        "open", directory.path, errorNumber: ENOENT,
        reason: "no backup is here: \(BackupManifest.fileName) is not there")
    }
    let bytes = try directory.read(BackupManifest.fileName, limit: BackupManifest.maximumByteCount)
    do throws(Refusal) {
      var file = try StrictJSON(parsing: bytes, of: BackupManifest.fileName)
      guard try file.text("format") == BackupManifest.format else {
        throw file.complaint("the format is not \(BackupManifest.format), which this version reads")
      }
      (ledger, root) = (try file.digest("ledger"), try file.digest("root"))
      (size, made) = (try file.count("entries"), try file.count("made"))
      policy = try file.optionalText("policy").map { text throws(Refusal) in
        try file.digest(text, of: "policy")
      }
      try file.finish()
    } catch {
      throw Refusal(error.code, "\(directory.path(of: BackupManifest.fileName)): \(error.reason)")
    }
  }
}

extension StrictJSON {
  fileprivate mutating func digest(_ key: String) throws(Refusal) -> Digest {
    try digest(text(key), of: key)
  }

  fileprivate func digest(_ text: String, of key: String) throws(Refusal) -> Digest {
    guard let digest = Digest(hex: text) else { throw complaint("\(key) is not 64 hex digits") }
    return digest
  }

  fileprivate mutating func count(_ key: String) throws(Refusal) -> UInt64 {
    guard let number = try number(key), number >= 0 else { throw complaint("\(key) is not a count") }
    return UInt64(number)
  }
}
