import Foundation
import Ledger
import LedgerCrypto
import LedgerStore
import Scenarios

/// A hand-over of which a vault has a note: a command was stopped before it could say what became of it, or is still at it.
package struct UnfinishedHandover: Hashable, Sendable {
  /// Where the data and the salt lie, or were about to: absolute paths.
  package let data: String
  package let salt: String
  /// What the delivery commits to.
  package let commitment: Digest

  /// Those of the two files that are there.
  package var files: [String] { [data, salt].filter(Files.exists) }

  init(data: String, salt: String, commitment: Digest) {
    (self.data, self.salt, self.commitment) = (data, salt, commitment)
  }

  fileprivate var json: JSON {
    [
      "format": "zheng-handover-1", "data": .text(data), "salt": .text(salt),
      "commitment": .text(commitment.hex),
    ]
  }

  fileprivate init(parsing bytes: [UInt8], of name: String) throws(Refusal) {
    var file = try StrictJSON(parsing: bytes, of: name)
    let (format, commitment) = (try file.text("format"), try file.text("commitment"))
    (data, salt) = (try file.text("data"), try file.text("salt"))
    try file.finish()
    guard format == "zheng-handover-1", let digest = Digest(hex: commitment) else {
      throw file.complaint(
        "\"format\" must be \"zheng-handover-1\", and \"commitment\" a digest of 64 hex digits")
    }
    self.commitment = digest
  }
}

extension Vault {
  private static let notePrefix = ".handover-"
  /// The most bytes of a note.
  private static let noteLimit = 65_536

  /// Keeps a note of `handover`, durably.
  ///
  /// - Returns: its name.
  func note(_ handover: UnfinishedHandover) throws -> String {
    let name = Vault.notePrefix + Hex.encode(try randomBytes(6))
    try PrivateFiles.replace(name, in: path, Array("\(handover.json.line)\n".utf8))
    return name
  }

  /// Removes the note `name`, durably; one that is not there is no error.
  func removeNote(_ name: String) throws {
    guard unlink("\(path)/\(name)") == 0 || errno == ENOENT else {
      throw Failure("unlink", "\(path)/\(name)")
    }
    try FileSystem.syncFolder(path)
  }

  /// The hand-overs of which there are notes, by the notes' names.
  ///
  /// - Throws: usage `malformed-vault`, where a note can't be read.
  var unfinishedHandovers: [(name: String, handover: UnfinishedHandover)] {
    get throws {
      try PrivateFiles.names(in: path).filter { $0.hasPrefix(Vault.notePrefix) }.compactMap {
        name -> (name: String, handover: UnfinishedHandover)? in
        guard let input = try PrivateFiles.input("\(path)/\(name)") else { return nil }
        let bytes = try input.read(upTo: Vault.noteLimit)
        do { return (name, try UnfinishedHandover(parsing: bytes, of: name)) } catch let error as Refusal {
          throw WorkflowError(
            .usage, "malformed-vault",
            "\(path)/\(name): does not say which files were to be handed over: \(error.reason); look for them, and remove it"
          )
        }
      }
    }
  }

  /// Names what hand-overs have left that were stopped, and forgets those of which nothing is left or which are records.
  ///
  /// - Parameter delivery: the recorded delivery with a commitment, or nil where the ledger has none; itself nil where the ledger
  ///   can't say yet, as while its index lags.
  package func settleHandovers(_ delivery: ((Digest) throws -> VaultItem?)?) throws {
    for (name, handover) in try unfinishedHandovers {
      guard !handover.files.isEmpty else {
        try removeNote(name)
        continue
      }
      guard let delivery else { continue }
      let item = try delivery(handover.commitment)
      context.note(handover.advice(item))
      if item != nil { try removeNote(name) }
    }
  }
}

extension UnfinishedHandover {
  /// What lies where, and what to do with it.
  ///
  /// - Parameter item: the recorded delivery that it is of; nil where there is none.
  package func advice(_ item: VaultItem?) -> String {
    let list = files.map { Printable.text($0) }.joined(separator: " and ")
    if let item {
      return """
        \(list): left to be handed over by a command that was stopped after delivery \(item.delivery) of \
        \(Printable.text(item.request)) was recorded; hand the data and the salt to the demander
        """
    }
    return """
      \(list): personal data or a salt, written by a deliver that is not recorded; where none is running any more, nobody is to \
      have them, so destroy them: shred -u \(files.map(ShellText.path).joined(separator: " "))
      """
  }
}
