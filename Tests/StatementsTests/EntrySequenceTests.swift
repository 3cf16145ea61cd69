import Foundation
import Statements
import TestKit
import Testing

@Suite("CBOR sequences of entries")
struct EntrySequenceTests {
  private static func split(_ bytes: [UInt8]) throws -> [[UInt8]] {
    try EntrySequence.split(bytes.span).map { Array(bytes[$0]) }
  }

  private static func error(_ bytes: [UInt8]) -> SequenceError? {
    do throws(SequenceError) {
      _ = try EntrySequence.split(bytes.span)
      return nil
    } catch { return error }
  }

  @Test("a sequence is its items end to end, and no bytes are no items")
  func whole() throws {
    #expect(try Self.split([]) == [])
    let samples = try FuzzTests.samples()
    for count in 0...samples.count {
      let items = Array(samples.prefix(count))
      #expect(try Self.split(Array(items.joined())) == items)
    }
    // As RFC 8742 §2 has it: sequences end to end are a sequence.
    #expect(try Self.split(Array((samples + samples).joined())) == samples + samples)
  }

  @Test(
    "a sequence cut short at any byte is refused, but between two items, and says which item and where it begins"
  )
  func cutShort() throws {
    let items = try Array(FuzzTests.samples().prefix(3))
    let bytes = Array(items.joined())
    let begins = [0, items[0].count, items[0].count + items[1].count, bytes.count]
    for length in 0..<bytes.count {
      let error = Self.error(Array(bytes.prefix(length)))
      if let whole = begins.firstIndex(of: length) {
        #expect(error == nil)
        #expect(try Self.split(Array(bytes.prefix(length))) == Array(items.prefix(whole)))
      } else {
        let at = try #require(begins.lastIndex { $0 < length })
        #expect(error?.number == at + 1 && error?.offset == begins[at], "cut at \(length): \(error as Any)")
        #expect(error?.reason.code == .malformed)
      }
    }
  }

  /// What is no entry, though some of it is CBOR (RFC 8949 appendix A, and appendix F's that is not well-formed).
  static let foreign: [String] = [
    "00", "20", "40", "60", "80", "a0", "f6", "f7", "f97e00", "fb3ff199999999999a",
    "c074323031332d30332d32315432303a30343a30305a",
    "d74401020304", "83010203", "9fff", "5f42010243030405ff", "bf61610161629f0203ffff", "d284", "d28440a040",
    "d2844040a040",
    "d28440a04040", "d28440a1010240" + "40", "d28340a04040", "d28540a0404040", "d20ff6", "1c", "5c", "ff",
    "d818", "d812",
    "d28440a05affffffff00", "d28440a05bffffffffffffffff010203", "d2849fff", "0a", "20200a",
  ]

  @Test("what is no entry is refused wherever it stands", arguments: foreign)
  func refused(_ digits: String) throws {
    let samples = try FuzzTests.samples()
    for place in 0...2 {
      var items = Array(samples.prefix(2))
      items.insert(hex(digits), at: place)
      let error = Self.error(Array(items.joined()))
      #expect(error?.number == place + 1)
      #expect(error?.offset == items.prefix(place).reduce(0) { $0 + $1.count })
      #expect(error?.description.contains("statement \(place + 1), which begins at byte") == true)
    }
  }

  @Test("an item of 65,535 bytes is taken, one of a byte more is too large")
  func largest() throws {
    let around = HandMadeEntry { $0.payload = Hand.bytes(count: 1_000) }.bytes.count - 1_000
    func entry(_ count: Int) -> [UInt8] {
      HandMadeEntry { $0.payload = Hand.bytes(count: count - around) }.bytes
    }
    let (small, largest) = (entry(2_000), entry(65_535))
    #expect(largest.count == 65_535)
    #expect(try Self.split(largest + small + largest) == [largest, small, largest])
    let error = Self.error(small + entry(65_536) + small)
    #expect(error?.number == 2 && error?.offset == 2_000 && error?.reason.code == .tooLarge)
    #expect(Self.error(small + entry(70_000))?.reason.code == .tooLarge)
  }

  @Test("what is split is exactly what the general decoder finds, and each item is an entry")
  func fuzz() throws {
    let samples = try FuzzTests.samples()
    let sequences = samples + [Array(samples.prefix(2).joined()), Array(samples.suffix(3).joined())]
    var accepted = 0
    Fuzzing.run("entry sequence", samples: sequences, inputs: Fuzzing.inputs / 2) { bytes in
      let items = try? CBOR.decodeSequence(bytes.span, maximum: 64)
      guard let parts = try? Self.split(bytes) else {
        // Then some item is no entry.
        #expect(items == nil || !items!.allSatisfy { modelAccepts($0.encoded) }, "\(bytes)")
        return
      }
      accepted += 1
      #expect(Array(parts.joined()) == bytes)
      #expect(items?.map(\.encoded) == parts)
      for part in parts { #expect(FuzzTests.judge(part)) }
    }
    #expect(accepted > 0)
  }

  private static func hasCBOR2() async throws -> Bool {
    guard Shell.has("python3") else { return false }
    return try await Shell.run("python3", ["-c", "import cbor2"]).status == 0
  }

  @Test(
    "PyPI's cbor2 reads our sequence item by item, and we read what it writes",
    .enabled("there is no python3 with cbor2 on this machine") { try await hasCBOR2() })
  func cbor2() async throws {
    let program = """
      import io, sys, cbor2
      source = io.BytesIO(sys.stdin.buffer.read())
      while source.tell() < len(source.getbuffer()):
          item = cbor2.CBORDecoder(source).decode()
          assert item.tag == 18 and len(item.value) == 4 and len(item.value[3]) == 64
          cbor2.dump(item, sys.stdout.buffer)
      """
    let samples = try FuzzTests.samples()
    let written = try await Shell.run("python3", ["-c", program], input: Array(samples.joined()))
    #expect(written.status == 0, "\(written.errorText)")
    #expect(try Self.split(written.standardOutput) == samples)
  }
}
