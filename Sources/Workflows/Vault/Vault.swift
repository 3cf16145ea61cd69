import Foundation
import Ledger
import LedgerCrypto
import LedgerStore

/// The directory in which one member keeps what it delivered or received under one ledger: the data, and the salts without
/// which the ledger's commitments say nothing.
///
///     VAULT/                     mode 0700
///       vault.json               whose it is, and for which ledger
///       items                    the names of all items that were ever put in, a line each
///       .handover-…              a hand-over that is not over: where its files lie, and what it commits to
///       REQUEST.NUMBER/          a delivery; what is no letter, digit, - or _ in REQUEST is written %XX
///         data                   mode 0600
///         salt                   64 hex digits; mode 0600
///
/// An item is whole and on the disk before the ledger hears of it: it is written in a folder `.staging-…`, synced, and
/// renamed. Whoever writes holds a lock on `vault.json`, so folders of that name that are found then are left over from a
/// process that was killed, and are destroyed.
///
/// It lies apart from the ledger's directory, which is published: neither may lie in the other.
package final class Vault {
  /// The vault's directory.
  package let path: String
  /// The id of the ledger that the deliveries are recorded on.
  package let ledgerID: Digest
  /// The id of the member whose vault it is.
  package let member: String
  let context: WorkContext
  /// The lock; nil where the vault is only read.
  private let lock: Int32?

  private init(_ path: String, _ description: Description, _ context: WorkContext, lock: Int32?) {
    (self.path, self.context, self.lock) = (path, context, lock)
    (ledgerID, member) = (description.ledgerID, description.member)
  }

  deinit { if let lock { File.release(lock) } }

  /// The vault in the directory `path`, to be read.
  ///
  /// - Throws: no such input where there is no vault.
  package static func reading(_ path: String, ledger: String, _ context: WorkContext) throws -> Vault {
    try open(Files.trimmed(path), ledger, context, isWriting: false)
  }

  /// The vault in the directory `path`, to be written to.
  package static func writing(_ path: String, ledger: String, _ context: WorkContext) throws -> Vault {
    let vault = try open(Files.trimmed(path), ledger, context, isWriting: true)
    try vault.clearUp()
    return vault
  }

  /// The vault in the directory `path`, to be written to; a new one where nothing is there yet.
  package static func creating(
    _ path: String, ledger: String, ledgerID: Digest, member: String, _ context: WorkContext
  ) throws -> Vault {
    let path = Files.trimmed(path)
    guard !path.isEmpty else { throw WorkflowError.usage("the vault's directory has an empty name") }
    try Places.require(path, "a vault", apartFrom: ledger)
    if !Files.exists("\(path)/vault.json") {
      if !Files.exists(path) {
        try PrivateFiles.makeFolder(path)
      } else {
        guard try PrivateFiles.names(in: path).isEmpty else {
          throw WorkflowError.cannotCreate(
            "\(path): no vault is here, and it is not empty; name a vault, or a directory that is empty or not there"
          )
        }
        guard chmod(path, 0o700) == 0 else { throw Failure("chmod", path) }
      }
      let description = Description(ledgerID: ledgerID, member: member)
      try PrivateFiles.replace("vault.json", in: path, Array("\(description.json.line)\n".utf8))
    }
    let vault = try writing(path, ledger: ledger, context)
    try vault.require(ledgerID: ledgerID, member: member)
    return vault
  }

  private static func open(
    _ path: String, _ ledger: String, _ context: WorkContext, isWriting: Bool
  ) throws -> Vault {
    try Places.require(path, "a vault", apartFrom: ledger)
    let file = "\(path)/vault.json"
    guard let bytes = try PrivateFiles.input(file)?.read(upTo: 4096) else {
      throw WorkflowError(.noInput, "not-found", "\(path): no vault is here", lead: .vault)
    }
    let description: Description
    do { description = try Description(parsing: bytes) } catch {
      throw WorkflowError(
        .usage, "malformed-vault", "\(file): does not say whose vault this is: \(error.reason)")
    }
    var status = stat()
    if stat(path, &status) == 0, status.st_mode & 0o077 != 0 {
      context.note(
        "\(path): others may look into this vault; chmod 700 \(ShellText.path(path)) keeps them out")
    }
    guard isWriting else { return Vault(path, description, context, lock: nil) }
    let lock = Foundation.open(file, O_RDONLY | O_CLOEXEC)
    guard lock >= 0 else { throw Failure("open", file) }
    guard flock(lock, LOCK_EX | LOCK_NB) == 0 else {
      close(lock)
      throw WorkflowError(
        .busy, "busy", "\(path): another process writes to this vault; try again when it has ended")
    }
    return Vault(path, description, context, lock: lock)
  }

  /// Sees that it is the vault of `member` under the ledger with this id.
  package func require(ledgerID: Digest, member: String) throws {
    guard self.ledgerID == ledgerID else {
      throw WorkflowError.usage("\(path): this is a vault for another ledger, \(self.ledgerID)")
    }
    guard self.member == member else {
      throw WorkflowError.usage(
        "\(path): this is the vault of \(self.member), and the key is \(member)'s; each member has its own")
    }
  }

  /// Destroys what processes have left behind that were killed.
  private func clearUp() throws {
    for name in try leftoverNames {
      try destroyFolder("\(path)/\(name)")
      context.note("\(path)/\(name): left by a command that was stopped; destroyed")
    }
  }

  static let stagingPrefix = ".staging-"

  /// What `vault.json` says.
  private struct Description {
    let ledgerID: Digest
    let member: String

    var json: JSON {
      ["format": "zheng-vault-1", "ledger": .text(ledgerID.hex), "member": .text(member)]
    }

    init(ledgerID: Digest, member: String) { (self.ledgerID, self.member) = (ledgerID, member) }

    init(parsing bytes: [UInt8]) throws(Refusal) {
      var file = try StrictJSON(parsing: bytes, of: "vault.json")
      let (format, ledger) = (try file.text("format"), try file.text("ledger"))
      member = try file.text("member")
      try file.finish()
      guard format == "zheng-vault-1", let id = Digest(hex: ledger) else {
        throw file.complaint(
          "\"format\" must be \"zheng-vault-1\", and \"ledger\" a ledger id of 64 hex digits")
      }
      ledgerID = id
    }
  }
}
