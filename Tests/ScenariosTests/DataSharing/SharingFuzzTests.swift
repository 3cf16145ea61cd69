import Ledger
import LedgerCrypto
import Scenarios
import TestKit
import Testing

@Suite("Payloads and records of data sharing, fuzzed")
struct SharingFuzzTests {
  @Test(
    "a payload is refused, or it is the one encoding of what was read",
    arguments: Codec.payloads + Codec.records)
  func inputs(codec: Codec) throws {
    let count = Fuzzing.inputs / 20
    Fuzzing.run("sharing \(codec.name)", samples: codec.samples, inputs: count) { bytes in
      do {
        let again = try codec.pass(bytes)
        if again != bytes { Issue.record("\(Hex.encode(bytes)) is written back as \(Hex.encode(again))") }
      } catch let error as Refusal {
        if error.code != .malformed { Issue.record("\(error)") }
      } catch { Issue.record("\(error)") }
    }
  }
}
