import Ledger
import LedgerCrypto
import LedgerIndex
import LedgerStore
import Scenarios

/// A ledger that is about to be founded.
package struct LedgerFounding {
  package let roster: Roster
  /// Who signs the founding statement.
  package let founder: Member
  private let file: ConsortiumFile
  private let administrator: PrivateKey
  private let folder: LedgerFolder
  private let context: WorkContext

  /// Reads the consortium file at `consortium`; the key of an administrator signs.
  ///
  /// - Throws: the refusal of what it says, with its place.
  package init(
    _ consortium: String, signedBy administrator: () throws -> PrivateKey, at path: String,
    _ context: WorkContext
  ) throws {
    let bytes = try Files.contents(
      consortium, of: "a consortium file", limit: ConsortiumFile.maximumByteCount)
    let parent = consortium.utf8.contains(UInt8(ascii: "/")) ? Files.parent(of: consortium) : ""
    do { file = try ConsortiumFile(parsing: bytes, relativeTo: parent, rules: Scenarios.rules) } catch let
      refusal as Refusal
    {
      throw Refusal(refusal.code, "\(consortium): \(refusal.reason)")
    }
    roster = file.roster
    self.administrator = try administrator()
    folder = LedgerFolder(path, rules: Scenarios.rules, waysOut: context.waysOut)
    self.context = context
    do { founder = try folder.founder(of: roster, administrator: self.administrator.publicKey) } catch {
      throw Refusal(error.code, "\(consortium): \(error.reason)")
    }
  }

  /// The policy file, and the folder of the keys by which blocks are signed.
  package var policy: String { folder.policy }
  package var keys: String { folder.keys }

  /// Takes away what foundings left that were stopped.
  ///
  /// - Returns: what it was.
  package func removeAbandoned() throws -> [String] { try folder.removeAbandonedFoundings() }

  /// Founds the ledger.
  ///
  /// - Returns: its id.
  package func found() throws -> Digest {
    try folder.found(file, administrator: administrator, options: context.writerOptions())
  }
}
