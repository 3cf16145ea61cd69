import Foundation
import Ledger
import LedgerCrypto
import LedgerStore
import Statements

/// A ledger of one member in a temporary directory, and statements for it. The directory goes with the last reference.
final class Samples: @unchecked Sendable {
  let folder: LedgerFolder
  let ledgerID: Digest
  let key: PrivateKey
  /// How the ledger is written: what was signed last lies beside it.
  let options: LedgerWriter.Options
  private let directory: String

  /// - Parameter algorithm: of the member's key.
  init(_ algorithm: KeyAlgorithm = .es256) throws {
    key = try PrivateKey(generating: algorithm)
    directory = NSTemporaryDirectory() + "zheng-stages-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
    var options = LedgerWriter.Options()
    options.stateFolder = directory + "/state"
    self.options = options
    folder = LedgerFolder(directory + "/ledger", rules: [PlainRecords()])
    let consortium: [String: Any] = [
      "origin": "stages.example/zheng", "name": ["en": "Stages"],
      "members": [
        ["id": "member", "name": ["en": "Member"], "roles": [], "keys": [try key.publicKey.pem()]]
      ],
      "administrators": ["members": ["member"]],
    ]
    let file = try JSONSerialization.data(withJSONObject: consortium)
    ledgerID = try folder.found(
      ConsortiumFile(parsing: Array(file), relativeTo: ""), administrator: key, options: options)
  }

  deinit {
    do { try FileManager.default.removeItem(atPath: directory) } catch {
      print("\(directory) stays: \(error)")
    }
  }

  /// The draft of a record of 256 bytes, other than all before.
  func draft() throws -> StatementDraft {
    let claims = Claims(
      issuer: "member", subject: "case-7", audience: ledgerID,
      issuedAt: UInt64(max(0, Date().timeIntervalSince1970)), tokenID: try randomBytes(16))
    return StatementDraft(
      contentType: "application/octet-stream", claims: claims, payload: try randomBytes(256))
  }

  /// Where each of `entries` lies when they are laid one behind the other.
  static func ranges(_ entries: [[UInt8]]) -> [Range<Int>] {
    var end = 0
    return entries.map { entry in
      end += entry.count
      return end - entry.count..<end
    }
  }

  /// A signed entry.
  func entry() throws -> [UInt8] { try draft().signed(by: key).entry }

  /// `count` records that a block may take, checked as far as they need no other entry; their signatures are believed.
  func candidates(_ count: Int) throws -> [LedgerWriter.Candidate] {
    var checker = EntryChecker()
    var candidates: [LedgerWriter.Candidate] = []
    for _ in 0..<count {
      let entry = try entry()
      candidates.append(.init(entry: entry, checked: checker.trust(entry.span)))
    }
    return candidates
  }
}
