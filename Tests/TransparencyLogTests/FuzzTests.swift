import LedgerCrypto
import TestKit
import Testing
import TransparencyLog

/// Parsers under random and mutated input: no trap, no hang, and what is accepted encodes back to the same bytes.
@Suite("Fuzzing the parsers")
struct FuzzTests {
  /// Runs `parse`, which gives the encoding of what it read, or nil for what cannot be given to the parser.
  func fuzz(_ name: String, _ samples: [[UInt8]], parse: (Span<UInt8>) throws(LogError) -> [UInt8]?) {
    var accepted = 0
    Fuzzing.run(name, samples: samples) { input in
      do throws(LogError) {
        guard let encoded = try parse(input.span) else { return }
        accepted += 1
        if encoded != input { Issue.record("\(name) accepted \(input) and wrote \(encoded)") }
      } catch {
        if error.description.isEmpty { Issue.record("a refusal without a sentence") }
      }
    }
    // A run in which nothing is accepted would test only the first check of the parser.
    #expect(accepted > 0 || Fuzzing.inputs < 10_000, "\(name): nothing was accepted")
  }

  static let notes = [
    SignedNoteTests.example, SignedNoteTests.text + "\n" + SignedNoteTests.peter + SignedNoteTests.enoch,
    SignedNoteTests.sumDB,
    Fixture.checkpoint, "\n\n\n— a AAAAAQE=\n— b AAAAAQEB\n",
  ].map { Array($0.utf8) }

  @Test("notes")
  func notes() {
    fuzz("note", Self.notes) { bytes throws(LogError) in try SignedNote(parsing: bytes).bytes }
  }

  @Test("checkpoints")
  func checkpoints() {
    let samples = [
      CheckpointTests.text, CheckpointTests.text + "extension\n",
      "o\n0\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n",
    ]
    fuzz("checkpoint", samples.map { Array($0.utf8) }) { bytes throws(LogError) in
      let input = (0..<bytes.count).map { bytes[$0] }
      // The parser takes text: bytes that are none never reach it.
      guard let text = String(validating: input, as: UTF8.self) else { return nil }
      return Array(try Checkpoint(parsing: text).text.utf8)
    }
  }

  @Test("verifier keys")
  func verifierKeys() {
    let samples = NoteVerifierKeyTests.published + Fixture.witnessVerifierKeys
    fuzz("vkey", samples.map { Array($0.utf8) }) { bytes throws(LogError) in
      let input = (0..<bytes.count).map { bytes[$0] }
      guard let text = String(validating: input, as: UTF8.self) else { return nil }
      return Array(try NoteVerifierKey(text).description.utf8)
    }
  }

  @Test("cosignatures")
  func cosignatures() {
    fuzz("cosignature", [[UInt8](repeating: 0, count: 72), Array(0..<72)]) { bytes throws(LogError) in
      try Cosignature(parsing: bytes).bytes
    }
  }

  @Test("proofs")
  func proofs() {
    let bare = Fixture.proof.replacing(TLogProofTests.extraLine, with: "")
    fuzz("proof", [Fixture.proof, bare].map { Array($0.utf8) }) { bytes throws(LogError) in
      try TLogProof(parsing: bytes).bytes
    }
  }

  @Test("tile paths")
  func tilePaths() {
    let samples = [
      "tile/0/000", "tile/0/x001/x234/067", "tile/63/999.p/255", "tile/entries/x001/000.p/1",
      "tile/entries/273",
      "tile/0/x018/x446/x744/x073/x709/x551/615",
    ]
    fuzz("tile path", samples.map { Array($0.utf8) }) { bytes throws(LogError) in
      let input = (0..<bytes.count).map { bytes[$0] }
      guard let text = String(validating: input, as: UTF8.self) else { return nil }
      return Array(try TilePath(text).description.utf8)
    }
  }

  @Test("policies, whose encoding is canonical: it is read back as the same policy")
  func policies() throws {
    let samples = (PolicyGrammarTests.acceptedTexts + PolicyGrammarTests.refusedTexts).map { Array($0.utf8) }
    var accepted = 0
    Fuzzing.run("policy", samples: samples) { input in
      guard let policy = try? Policy(parsing: input.span) else { return }
      accepted += 1
      let encoded = policy.bytes
      do {
        let again = try Policy(parsing: encoded.span)
        if again != policy || again.bytes != encoded { Issue.record("\(input) is encoded as another policy") }
        // Nothing that is accepted may trap when it is used.
        _ = policy.time(witnesses: policy.witnesses.map { _ in 1 })
      } catch {
        Issue.record("\(input) is encoded as what is refused: \(error)")
      }
    }
    #expect(accepted > 0 || Fuzzing.inputs < 10_000)
  }

  @Test("entry bundles")
  func bundles() {
    let samples: [[UInt8]] = [[0, 0], [0, 1, 7, 0, 2, 8, 9], [0, 3, 1, 2, 3, 0, 0, 0, 0]]
    Fuzzing.run("bundle", samples: samples) { input in
      for count in 0...4 {
        guard let ranges = try? EntryBundle.entries(of: input.span, count: count) else { continue }
        var encoded: [UInt8] = []
        for range in ranges { EntryBundle.append(input.span.extracting(range), to: &encoded) }
        if encoded != input { Issue.record("\(input) as \(count) entries") }
      }
    }
  }

  @Test("a forged note is never taken for the signed one")
  func forgeries() throws {
    // Inputs are fewer: each that is parsed costs signature checks.
    let original = try SignedNote(Fixture.checkpoint)
    let policy = try PolicyEvaluationTests.policy("group g 2 w1 w2 w3\nquorum g\n")
    Fuzzing.run("forgery", samples: [Array(Fixture.checkpoint.utf8)], inputs: min(Fuzzing.inputs, 3000)) {
      input in
      guard let note = try? SignedNote(parsing: input.span),
        let (checkpoint, verdict) = try? policy.evaluate(note)
      else { return }
      if note.text != original.text { Issue.record("accepted \(input)") }
      #expect(checkpoint.size == 8)
      #expect(verdict.witnesses.count >= 2)
    }
  }
}
