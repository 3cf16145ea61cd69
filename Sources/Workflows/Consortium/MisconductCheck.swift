import Consortium
import Ledger
import LedgerCrypto
import LedgerStore
import TransparencyLog

/// A file about what a validator has signed twice, judged; and by what it is known whose keys signed it.
package struct MisconductCheck {
  /// Who says whose the keys are.
  package enum Ground: String, Sendable {
    /// The roster in force for the block, in a copy of the ledger.
    case roster
    /// The policy, which names cosigner keys.
    case policy
    /// Nobody that was asked: a policy names no vote keys.
    case open
  }

  /// Where the file is; nil where it was not written yet.
  package var path: String?
  package let file: MisconductFile
  package let ground: Ground

  /// What was signed.
  package typealias Content = Misconduct.Testimony.Content
  /// The one thing that was signed.
  package var first: Content { file.misconduct.first.content }
  /// The other.
  package var second: Content { file.misconduct.second.content }

  /// No such file is longer, in bytes.
  package static let sizeLimit = MisconductFile.maximumByteCount

  /// Whether the bytes say that they are such a file.
  package static func isOne(_ bytes: [UInt8]) -> Bool { MisconductFile.isOne(bytes) }

  /// Judges the file in `bytes`, read from `path`.
  ///
  /// - Parameters:
  ///   - policy: of the ledger that it should be of.
  ///   - ledger: a copy of that ledger.
  /// - Throws: not verified, with what does not hold.
  package init(_ bytes: [UInt8], _ path: String, policy: Policy?, ledger: DirectoryLedger?) throws {
    func failure(_ code: String, _ reason: String) -> WorkflowError {
      WorkflowError(.notVerified, code, "\(path): \(reason)")
    }
    let file: MisconductFile
    do { file = try MisconductFile(decoding: bytes) } catch {
      throw failure(error.code.rawValue, error.description)
    }
    var ground = Ground.open
    if let policy {
      guard policy.ledger.map({ $0 == file.ledger }) ?? true,
        policy.logs.contains(where: { $0.key.name == file.origin })
      else {
        throw failure(
          "wrong-ledger", "it is of another ledger than the policy: \(file.ledger), \(file.origin)")
      }
      if let refusal = file.height.flatMap({ policy.refusal(ofBlock: $0) }) {
        throw failure("policy", refusal)
      }
      let isNamed = policy.witnesses.contains {
        $0.name == Policy.Name(file.seat.name) && $0.key == file.seat.cosignerKey
      }
      if file.isByCosignerKey {
        guard isNamed else {
          throw failure(
            "unknown-validator", "the policy has no validator \(file.seat.name) with this cosigner key")
        }
        ground = .policy
      }
    }
    if let ledger {
      guard ledger.ledgerID == file.ledger else {
        throw failure(
          "wrong-ledger", "it is of the ledger \(file.ledger), and \(ledger.place) is \(ledger.ledgerID)")
      }
      let height = try file.height ?? ledger.height(ofTree: file.size)
      guard let committee = try ledger.committee(of: height) else {
        throw failure(
          "wrong-height",
          "it is about block \(height), of which \(ledger.place) knows no validators; take a newer copy"
        )
      }
      guard file.concerns(committee.after(file.restart)) else {
        throw failure(
          "unknown-validator",
          "the roster in force for block \(height) has no validator \(file.seat.name) with these keys")
      }
      ground = .roster
    }
    (self.path, self.file, self.ground) = (path, file, ground)
  }
}

extension MisconductCheck {
  /// The record of it.
  package var draft: Draft {
    Draft(type: MisconductRules.kind, subject: file.seat.name, payload: file.bytes)
  }
}

extension MisconductFile {
  private var contents: [Misconduct.Testimony.Content] {
    [misconduct.first.content, misconduct.second.content]
  }

  /// The height of the block that both are about; nil for two trees of one size without their headers.
  package var height: UInt64? {
    contents.lazy.compactMap { content in
      switch content {
      case .ballot(let subject): subject.height
      case .tree(_, _, let header): header?.height
      }
    }.first
  }

  /// The leaves of the smaller tree of the two; 0 for messages.
  var size: UInt64 {
    contents.map { content in
      if case .tree(let size, _, _) = content { return size }
      return 0
    }.min() ?? 0
  }

  /// Whether both are cosignatures.
  var isByCosignerKey: Bool { size > 0 }
}

extension DirectoryLedger {
  /// Who decides the block of `height`: the validators of the roster that its header names, or of the one in force for the block that
  /// comes next. Nil for a later one.
  package func committee(of height: UInt64) throws -> Committee? {
    let state = try current
    guard height <= state.height else { return nil }
    guard height < state.height, let block = try reader.block(at: height) else {
      return try Committee(rosterInForce: state.roster, of: ledgerID)
    }
    let header = try BlockHeader(payload: reader.header(of: block).payload)
    return try Committee(rosterInForce: reader.roster(header.roster, at: height), of: ledgerID)
  }

  /// The height of the block in which the leaf before `size` is; that of the block that comes next where this ledger is smaller.
  func height(ofTree size: UInt64) throws -> UInt64 {
    size <= reader.size ? try reader.block(of: size - 1).height : try current.height
  }
}
