import Ledger
import LedgerCrypto
import TestKit

/// An audit of a test ledger, which follows it block by block and makes the state anew.
final class TestAudit {
  /// The state after the last block that was followed.
  private(set) var tree = StateInMemory()
  /// How many blocks were followed.
  private(set) var height = 0

  private let isSigned: Bool
  private let ruleState = RuleState()
  private var audit: BlockAudit
  private var registry = MemoryRegistry()
  private var canGoOn = true

  init(from founding: LedgerState, rules: [any RuleSet], isSigned: Bool) {
    audit = BlockAudit(from: founding, depth: .everything, rules: rules, ruleState: ruleState)
    self.isSigned = isSigned
  }

  /// The rule sets' state.
  var values: [StateKey: [UInt8]] { ruleState.recent.compactMapValues { $0 } }

  /// Audits the blocks that were cut since.
  ///
  /// - Returns: the faults; where a block has no other, one for a header that names another state.
  func follow(_ ledger: TestLedger) -> [Fault] {
    var faults: [Fault] = []
    var checker = EntryChecker()
    var hasher = StateHasher()
    for block in ledger.blocks[height...] where canGoOn {
      var (bytes, ranges): ([UInt8], [Range<Int>]) = ([], [])
      for entry in block.entries {
        ranges.append(bytes.count..<bytes.count + entry.count)
        bytes += entry
      }
      let checked = block.entries.map {
        isSigned ? checker.check($0.span, keys: ledger.roster.keys) : checker.trust($0.span)
      }
      let outcome = audit.audit(
        .init(bytes, ranges, checked, stored: checked.map(\.leaf)),
        checkpoint: try? StoredCheckpoint(parsing: block.checkpoint.span), earlier: &registry)
      faults += outcome.faults
      var root: Digest?
      do throws(Refusal) { root = try tree.apply(outcome.changes, using: &hasher) } catch {
        faults.append(Fault(error, block: UInt64(height), entry: block.first))
      }
      if outcome.faults.isEmpty, outcome.header?.state != root {
        faults.append(Fault(.stateMismatch, block: UInt64(height), "the header names another state"))
      }
      height += 1
      canGoOn = outcome.canGoOn
    }
    return faults
  }
}
