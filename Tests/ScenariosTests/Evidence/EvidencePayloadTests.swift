import Ledger
import LedgerCrypto
import Scenarios
import Statements
import TestKit
import Testing

@Suite("Evidence: the payloads")
struct EvidencePayloadTests {
  /// A full and a sparse payload of each kind.
  static let samples: [any EvidencePayload] = {
    let (digest, other) = (EvidenceLedger.digest("one"), EvidenceLedger.digest("other"))
    let all = Evidence.Digests(
      Dictionary(
        uniqueKeysWithValues: Evidence.DigestAlgorithm.allCases.map {
          ($0, [UInt8](repeating: 0xa5, count: $0.byteCount))
        }))
    return [
      EvidenceLedger.deposit(),
      Evidence.Deposit(
        caseReference: "(2025)豫01民初77号", category: .communication, scope: .container, size: .max,
        digests: all,
        method: "m", manifest: .init(root: digest, files: 5000, bytes: 0), format: "application/zip",
        collected: 1_749_000_000, place: "郑州", tool: "tar 1.35", source: "https://example.com/a?b=1",
        medium: "硬盘 SN WD-7781", seal: "豫封-1", collectors: ["甲", "乙"], holder: "某公司", occurred: 0),
      Evidence.Seal(seal: "S", previous: digest),
      Evidence.Seal(seal: "S", condition: "完好\n无损", previous: digest, occurred: 1 << 40),
      Evidence.Offer(to: "lab", seal: "S", digest: other, purpose: "p", previous: digest),
      Evidence.Offer(to: "a-1", seal: "S", digest: other, purpose: "p", previous: digest, occurred: 24),
      Evidence.Accept(seal: "S", digest: other, location: "l", previous: digest),
      Evidence.Accept(seal: "S", digest: other, location: "l", previous: digest, occurred: 256),
      Evidence.Decline(reason: "r", previous: digest),
      Evidence.Decline(reason: "r", previous: digest, occurred: 65_536),
      Evidence.Resolve(reason: "r", outcome: .disposed, previous: digest),
      Evidence.Resolve(reason: "r", outcome: .sealed, seal: "N", previous: digest, occurred: 1),
      Evidence.Examine(method: "m", previous: digest),
      Evidence.Examine(
        method: "m", tool: "t", writeBlocker: "w", report: other, derived: ["E-1.1", "E-1.2"],
        previous: digest,
        occurred: 1),
      Evidence.Reseal(seal: "N", previous: digest),
      Evidence.Reseal(
        seal: "N", condition: "c", report: other, derived: ["E-1.1"], previous: digest, occurred: 1),
      Evidence.Present(to: "合议庭", purpose: "质证"),
      Evidence.Present(to: "合议庭", purpose: "质证", occurred: 1),
      Evidence.Hold(order: "o"), Evidence.Hold(order: "o", reason: "r", occurred: 1),
      Evidence.Lift(order: "o"), Evidence.Lift(order: "o", reason: "r", occurred: 1),
      Evidence.Release(order: "o", outcome: .released, previous: digest),
      Evidence.Release(order: "o", outcome: .disposed, previous: digest, occurred: 1),
      Evidence.Renew(digests: all), Evidence.Renew(digests: .init([.sm3: other.bytes]), occurred: 1),
      Evidence.Correct(statement: digest, what: "a", why: "b"),
      Evidence.Correct(statement: digest, what: "a", why: "b", occurred: 1),
    ]
  }()

  private func roundTrips<Payload: EvidencePayload>(_ payload: Payload) throws {
    let encoded = payload.encoded
    #expect(try Payload(decoding: encoded) == payload)
    // The reader asks in the canonical order; the general decoder agrees.
    #expect(try CBOR(decoding: encoded).encoded == encoded)
  }

  @Test("every payload is read back as it was written")
  func roundTrip() throws {
    for sample in EvidencePayloadTests.samples { try roundTrips(sample) }
    #expect(Set(EvidencePayloadTests.samples.map { type(of: $0).kind }).count == EvidenceKind.allCases.count)
  }

  private func code<Payload: EvidencePayload>(_ type: Payload.Type, _ payload: [UInt8]) -> String {
    do {
      _ = try Payload(decoding: payload)
      return "accepted"
    } catch {
      return error.code.rawValue
    }
  }

  private func pairs(_ payload: any EvidencePayload) throws -> [(CBOR, CBOR)] {
    guard case .map(let map) = try CBOR(decoding: payload.encoded) else { return [] }
    return map.pairs.map { ($0.key, $0.value) }
  }

  @Test("an unknown key, a missing field, another type, a following byte: each is refused, in every payload")
  func strict() throws {
    for sample in EvidencePayloadTests.samples {
      let type = type(of: sample)
      let pairs = try pairs(sample)
      func expectRefused(_ changed: [(CBOR, CBOR)], _ what: String) {
        let code = code(type, CBOR.map(CBORMap(changed)).encoded)
        #expect(code == "malformed" || code == "missing-digest", "\(type.kind.rawValue): \(what)")
      }
      for key in ["", "a", "zz", "unknown", "a-key-that-is-longer-than-all", "previous "] {
        expectRefused(pairs + [(.text(key), 1)], "with \(key)")
      }
      expectRefused(pairs + [(1, 1)], "with a number as key")
      for (place, pair) in pairs.enumerated() {
        for value: CBOR in [.null, .bool(true), .negative(0), .tagged(1, 1), [], [:], "", .bytes([])] {
          var changed = pairs
          changed[place].1 = value
          // A deposit's size may be any integer, and nothing else here is one.
          expectRefused(changed, "\(pair.0) as \(value)")
        }
      }
      #expect(code(type, sample.encoded + [0]) == "malformed")
      #expect(code(type, Array(sample.encoded.dropLast())) == "malformed")
      #expect(code(type, CBOR.array([]).encoded) == "malformed")
    }
  }

  @Test("required fields are required")
  func required() throws {
    let required: [EvidenceKind: Set<String>] = [
      .deposit: ["case", "size", "scope", "method", "digests", "category"], .seal: ["seal", "previous"],
      .offer: ["to", "seal", "digest", "purpose", "previous"],
      .accept: ["seal", "digest", "location", "previous"], .decline: ["reason", "previous"],
      .resolve: ["reason", "outcome", "previous"], .examine: ["method", "previous"],
      .reseal: ["seal", "previous"], .present: ["to", "purpose"], .hold: ["order"], .lift: ["order"],
      .release: ["order", "outcome", "previous"], .renew: ["digests"],
      .correct: ["statement", "what", "why"],
    ]
    for sample in EvidencePayloadTests.samples {
      let type = type(of: sample)
      let pairs = try pairs(sample)
      for (place, pair) in pairs.enumerated() {
        guard case .text(let key) = pair.0 else { continue }
        var fewer = pairs
        fewer.remove(at: place)
        let isRequired = required[type.kind]?.contains(key) == true
        let code = code(type, CBOR.map(CBORMap(fewer)).encoded)
        #expect((code == "accepted") != isRequired, "\(type.kind.rawValue) without \(key): \(code)")
      }
    }
  }

  /// The texts that are searched, and how many bytes each may have; `true` where it may hold line feeds.
  static let texts: [EvidenceKind: [String: (Int, Bool)]] = [
    .deposit: [
      "case": (128, false), "seal": (64, false), "tool": (256, false), "place": (256, false),
      "format": (128, false), "holder": (256, false), "medium": (512, false), "method": (512, false),
      "source": (512, false),
    ],
    .seal: ["seal": (64, false), "condition": (1024, true)],
    .offer: ["seal": (64, false), "purpose": (1024, true)],
    .accept: ["seal": (64, false), "location": (256, false)],
    .decline: ["reason": (1024, true)], .resolve: ["seal": (64, false), "reason": (1024, true)],
    .examine: ["tool": (256, false), "method": (512, false), "write-blocker": (256, false)],
    .reseal: ["seal": (64, false), "condition": (1024, true)],
    .present: ["to": (256, false), "purpose": (1024, true)],
    .hold: ["order": (128, false), "reason": (1024, true)],
    .lift: ["order": (128, false), "reason": (1024, true)], .release: ["order": (128, false)],
    .renew: [:], .correct: ["what": (1024, true), "why": (1024, true)],
  ]

  @Test("every text has its bounds, holds no control character, and is searched for personal data")
  func texts() throws {
    for sample in EvidencePayloadTests.samples {
      let type = type(of: sample)
      let pairs = try pairs(sample)
      var searched = Set<String>()
      for (place, pair) in pairs.enumerated() {
        guard case .text(let key) = pair.0 else { continue }
        func code(_ text: CBOR) -> String {
          var changed = pairs
          changed[place].1 = text
          return self.code(type, CBOR.map(CBORMap(changed)).encoded)
        }
        if key == "collectors" || key == "derived" {
          #expect(code(["电话 138-1234-5678"]) == "personal-data")
          #expect(code(["a", .text(String(repeating: "a", count: 129))]) == "malformed")
          #expect(code(.array((0..<33).map { .text("a\($0)") })) == "malformed")
          continue
        }
        guard let (most, mayHoldNewlines) = EvidencePayloadTests.texts[type.kind]?[key] else { continue }
        searched.insert(key)
        let what: Comment = "\(type.kind.rawValue): \(key)"
        #expect(code(.text(String(repeating: "a", count: most))) == "accepted", what)
        #expect(code(.text(String(repeating: "a", count: most + 1))) == "malformed", what)
        #expect(code("a\nb") == (mayHoldNewlines ? "accepted" : "malformed"), what)
        for control in ["a\u{0}", "a\u{9}", "\u{7f}", "a\u{85}b", "\u{1b}[31m"] {
          #expect(code(.text(control)) == "malformed", what)
        }
        #expect(code("联系 13812345678 王某") == "personal-data", what)
        #expect(code("１１０１０５１９４９１２３１００２Ｘ") == "personal-data", what)
      }
      let written = Set(
        pairs.compactMap { pair in if case (.text(let key), .text) = pair { key } else { nil } })
      let words: Set<String> = type.kind == .offer ? ["to"] : ["scope", "category", "outcome"]
      #expect(written.subtracting(words) == searched, "\(type.kind.rawValue)")
    }
  }

  @Test("an item's name is searched for personal data")
  func subject() throws {
    var ledger = try EvidenceLedger()
    for name in ["13812345678", "案件 138 1234 5678", "１１０１０５１９４９１２３１００２Ｘ", "110105-19491231-002x"] {
      let dump = ledger.ledger.dump
      #expect(try ledger.submit(EvidenceLedger.deposit(), by: "office", about: name).code == "personal-data")
      #expect(ledger.ledger.dump == dump)
    }
    let digest = EvidenceLedger.digest("anything").hex
    #expect(try ledger.submit(EvidenceLedger.deposit(), by: "office", about: digest).isAccepted)
  }

  @Test("Fuzz: no payload decoder traps, and what one reads is written back as the same bytes")
  func fuzz() throws {
    func run<Payload: EvidencePayload>(_ sample: Payload) {
      let samples = EvidencePayloadTests.samples.filter { type(of: $0).kind == Payload.kind }.map(\.encoded)
      Fuzzing.run("evidence.\(Payload.kind.rawValue)", samples: samples, inputs: Fuzzing.inputs / 10) {
        bytes in
        guard let payload = try? Payload(decoding: bytes) else { return }
        #expect(payload.encoded == bytes)
      }
    }
    for kind in EvidenceKind.allCases {
      let sample = try #require(EvidencePayloadTests.samples.first { type(of: $0).kind == kind })
      run(sample)
    }
  }

  @Test("Fuzz: no state decoder traps, and what one reads is written back as the same bytes")
  func fuzzState() throws {
    var ledger = try EvidenceLedger()
    for (number, stage) in EvidenceLedger.Stage.allCases.enumerated() {
      try ledger.bring(to: stage, item: "E-\(number)")
    }
    try ledger.accept(ledger.payload(.hold, about: "E-2"), by: "court", about: "E-2")
    try ledger.accept(ledger.payload(.release, about: "E-3"), by: "lab", about: "E-3")
    try ledger.accept(EvidencePayloadTests.samples[1] as! Evidence.Deposit, by: "office", about: "E-90")
    let values = ledger.ledger.values
    func samples(_ prefix: String) -> [[UInt8]] {
      values.filter { $0.key.parts[1] == prefix }.sorted {
        $0.key.bytes.lexicographicallyPrecedes($1.key.bytes)
      }
      .map(\.value)
    }
    for value in samples("item") { #expect(try Evidence.Item(decoding: value).encoded == value) }
    let inputs = Fuzzing.inputs / 10
    Fuzzing.run("evidence item", samples: samples("item"), inputs: inputs) { bytes in
      guard let value = try? Evidence.Item(decoding: bytes) else { return }
      #expect(value.encoded == bytes)
    }
    Fuzzing.run("evidence record", samples: samples("record"), inputs: inputs) { bytes in
      guard let value = try? Evidence.Record(decoding: bytes) else { return }
      #expect(value.encoded == bytes)
    }
    Fuzzing.run("evidence seal", samples: samples("seal"), inputs: inputs) { bytes in
      guard let value = try? Evidence.SealUse(decoding: bytes) else { return }
      #expect(value.encoded == bytes)
    }
    Fuzzing.run("evidence pending", samples: samples("pending"), inputs: inputs) { bytes in
      guard let value = try? Evidence.Pending(decoding: bytes) else { return }
      #expect(value.encoded == bytes)
    }
  }
}
