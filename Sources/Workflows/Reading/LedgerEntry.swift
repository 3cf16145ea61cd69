import Ledger
import LedgerCrypto
import Statements
import TransparencyLog

/// An entry with what the ledger says about it: its block, and whose key signed it.
package struct LedgerEntry {
  package let index: UInt64
  package let statement: SignedStatement
  package let block: BlockPlace
  /// The key that `kid` names, by the roster of the entry's block.
  package let key: PublicKey
  /// The issuer as that roster has it; nil for a block header.
  package let issuer: Member?
  /// The content of a block header.
  package let header: BlockHeader?

  /// Entry `index` of `ledger`, which reaches so far.
  package init(_ index: UInt64, on ledger: any LedgerAccess) async throws {
    self.index = index
    statement = try await ledger.statement(index)
    block = try await ledger.block(of: index)
    let blockHeader = try BlockHeader(payload: await ledger.statement(block.size - 1).payload)
    let roster = try await ledger.roster(blockHeader.roster, at: block.height)
    guard let key = roster.keys[statement.keyID] else {
      throw Fault(
        .unknownSigner, block: block.height, entry: index,
        "the key \(statement.keyID) is not in the block's roster")
    }
    self.key = key
    issuer = statement.claims.flatMap { roster.member($0.issuer) }
    header = statement.claims == nil ? blockHeader : nil
  }

  /// The signature in DER; nil for Ed25519, which has no such form.
  package var signatureDER: [UInt8]? {
    statement.algorithm.keyAlgorithm == .es256 ? ECDSASignature.der(fromRaw: statement.signature.span) : nil
  }

  /// `bytes` in base64 (RFC 4648 §4).
  package static func base64(_ bytes: [UInt8]) -> String { Base64.encode(bytes) }
}
