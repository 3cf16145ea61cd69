import Ledger
import LedgerCrypto
import LedgerIndex
import LedgerStore
import Scenarios
import TransparencyLog

/// The founding of a ledger by several validators, each on its own machine, by a file that is passed round.
package struct JointFounding {
  /// What is passed round.
  package typealias File = FoundingFile

  /// The file as it was read or made last.
  package private(set) var file: File
  /// Its path.
  package let path: String
  private let context: WorkContext

  /// Proposes what the consortium file says; an administrator signs it. The file is written to `path`, where none is.
  package init(
    _ path: String, proposing consortium: String, signedBy administrator: () throws -> PrivateKey,
    isDry: Bool, _ context: WorkContext
  ) throws {
    let founders = try LedgerFounding.consortiumFile(consortium)
    let key = try administrator()
    do {
      file = try FoundingFile(
        proposing: founders, administrator: key, now: context.now / 1000, rules: Scenarios.rules)
    } catch let refusal as Refusal {
      throw Refusal(refusal.code, "\(consortium): \(refusal.reason)")
    }
    (self.path, self.context) = (path, context)
    if !isDry { try Files.create(path, file.bytes) }
  }

  /// Reads the files at `paths`, which are copies of one founding, and what is signed in any of them.
  package init(_ paths: [String], _ context: WorkContext) throws {
    let files = try paths.map { path in
      let bytes = try Files.contents(path, of: "a founding file", limit: FoundingFile.maximumByteCount)
      do { return try FoundingFile(parsing: bytes, rules: Scenarios.rules) } catch let refusal as Refusal {
        throw Refusal(refusal.code, "\(path): \(refusal.reason)")
      }
    }
    guard let first = files.first, let path = paths.first else {
      throw WorkflowError.usage("no founding file is named")
    }
    file = first
    for other in files.dropFirst() { try file.merge(other) }
    (self.path, self.context) = (path, context)
  }

  /// Signs as the validator called `name`, whose keys lie in the folder `keys`, and writes the file anew.
  package mutating func sign(as name: String, keys: String) throws {
    do {
      try file.sign(
        as: name, with: ValidatorKeyFolder(keys), at: .now(wall: context.now), state: context.stateFolder,
        LedgerFolder(path, rules: Scenarios.rules, remedies: context.remedies))
    } catch let refusal as Refusal {
      throw Refusal(refusal.code, "\(path): \(refusal.reason)")
    }
    try Files.replace(path, file.bytes)
  }

  /// Makes the ledger at `ledger` for the validator called `name`.
  ///
  /// - Returns: the ledger's policy file.
  package func finish(_ ledger: String, as name: String, keys: String, logKey: PrivateKey) throws -> String {
    let folder = LedgerFolder(ledger, rules: Scenarios.rules, remedies: context.remedies)
    do {
      _ = try folder.found(
        file, as: name, with: ValidatorKeyFolder(keys), logKey: logKey, at: .now(wall: context.now),
        state: context.stateFolder)
    } catch let refusal as Refusal {
      throw Refusal(refusal.code, "\(path): \(refusal.reason)")
    }
    return folder.policy
  }

  /// Makes the keys of a validator in the folder `keys`.
  ///
  /// - Returns: the public keys in PEM, by their use.
  package static func makeKeys(_ name: String, in keys: String) throws -> [(use: String, pem: String)] {
    try ValidatorKeyFolder(keys).make(name).map { ($0.use, try $0.key.pem()) }
  }
}
