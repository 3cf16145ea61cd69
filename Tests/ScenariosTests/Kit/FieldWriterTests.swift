import Testing

@testable import Scenarios

@Suite("The writer of payloads")
struct FieldWriterTests {
  @Test("the head of a map grows with its pairs, and the reader takes it", arguments: [1, 23, 24, 25, 255])
  func heads(_ count: Int) throws {
    let keys: [String] = (100..<100 + count).map { "k\($0)" }
    var writer = FieldWriter()
    for key in keys { var seven: UInt64? = 7; writer.unsigned(key, &seven, .required, in: 0...9) }
    let head: [UInt8] = count < 24 ? [0xa0 | UInt8(count)] : [0xb8, UInt8(count)]
    #expect(Array(writer.bytes.prefix(head.count)) == head)
    #expect(writer.bytes.count == head.count + 6 * count)
    var reader = try FieldReader(writer.bytes, of: "map")
    for key in keys { var read: UInt64 = 0; try reader.unsigned(key, &read); #expect(read == 7) }
    try reader.finish()
  }
}
