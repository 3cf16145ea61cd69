import Foundation
import Scenarios
import TestKit
import Testing

@Suite("Personal data: numbers in groups, and what only looks like them")
struct PersonalDataGroupTests {
  @Test("a mobile number with full stops, middle dots or low lines between its groups is refused")
  func groups() {
    for mark in [".", "·", "_", "．", "﹒", "＿", "・", "•", "‧", " · "] {
      let groups = ["138", "1234", "5678"].joined(separator: mark)
      for text in [
        groups, "电话\(groups)。", "tel_\(groups)", "\(groups).", "+86 \(groups)", "+86\(groups)",
        "0086\(mark)\(groups)",
        "86\(mark)\(groups)", "\(groups)、\(groups)", "联系人\n\(groups)\n王某", "\(groups).jpg",
      ] {
        #expect(PersonalData.find(in: text) == .mobileNumber, "\(text)")
      }
    }
    // Nothing that is a number, an address or a version is written with middle dots.
    for text in ["138·12345678", "1381234·5678", "1·3·8·1·2·3·4·5·6·7·8", "⒈3.8.1"] {
      #expect((PersonalData.find(in: text) == .mobileNumber) == (text.count > 8), "\(text)")
    }
  }

  /// Every way of parting `count` digits in groups, as the lengths.
  static func compositions(_ count: Int) -> [[Int]] {
    count == 0 ? [[]] : (1...count).flatMap { first in compositions(count - first).map { [first] + $0 } }
  }

  static func parted(_ number: String, _ lengths: [Int], by mark: String) -> String {
    var rest = number[...]
    return lengths.map { length in
      defer { rest = rest.dropFirst(length) }
      return String(rest.prefix(length))
    }.joined(separator: mark)
  }

  @Test("of all ways to part eleven digits by full stops or low lines, only 3, 4 and 4 is a mobile number")
  func everyGrouping() {
    for mark in [".", "_"] {
      for lengths in Self.compositions(11) where lengths.count > 1 {
        let text = Self.parted("13812345678", lengths, by: mark)
        #expect((PersonalData.find(in: text) == .mobileNumber) == (lengths == [3, 4, 4]), "\(text)")
      }
      for lengths in Self.compositions(13) where lengths.count > 1 {
        let text = Self.parted("8613812345678", lengths, by: mark)
        let isPhone = [[2, 3, 4, 4], [5, 4, 4], [2, 11], [1, 1, 11]].contains(lengths)
        #expect((PersonalData.find(in: text) == .mobileNumber) == isPhone, "\(text)")
      }
    }
  }

  @Test("no address of IPv4 is a number of a person, whatever its parts and its port")
  func addresses() {
    var random = SeededGenerator(seed: Fuzzing.seed)
    // Those with the eleven digits of a mobile number: three parts of three digits, and one of two.
    for first in [13, 15, 19, 130, 138, 159, 180, 189, 192, 199] {
      for second in [0, 9, 16, 81, 168, 255] {
        for third in [1, 10, 99, 100, 254] {
          for fourth in [2, 12, 20, 123, 255] {
            let address = "\(first).\(second).\(third).\(fourth)"
            for text in [address, "\(address):8080", "\(address)/24", "源地址\(address)。", "_\(address)_"] {
              #expect(PersonalData.find(in: text) == nil, "\(text)")
            }
          }
        }
      }
    }
    for _ in 0..<20_000 {
      let address = (0..<4).map { _ in String(UInt8.random(in: 0...255, using: &random)) }.joined(
        separator: ".")
      #expect(PersonalData.find(in: address) == nil, "\(address)")
    }
  }

  @Test(
    "versions, times, amounts, file names and long numbers are left alone",
    arguments: [
      "138.0.7204.157", "Chrome/138.0.7204.157", "10.0.19045.4046", "v1.3.8.1234.5678", "6.8.0-51-generic",
      "2025.11.28 16:30:05.123", "2025-11-28T16:30:05.123456Z", "20251128_163005_123",
      "IMG_20251128_163005.jpg",
      "1705312345.678", "1705312345.6", "1705312345678901", "20251128163005123", "138123456.78",
      "13812345.678",
      "13.812.345.678", "1.381.234.567,80", "¥138,123,456.78", "138.12345678", "131.1234567, 45.7654321",
      "138_20251128.jpg", "1998_0715_012.jpg", "1999.1012.123", "13812_345678", "1.138.1234.5678",
      "138.1234.5678.9", "138.1234.56789", "6222 0213 8123 4567 890", "861234567890123", "355123456789012",
      "978-7-5118-1381-2", "GB/T 35273-2020", "(2026)豫01民初13812号", "sha256_138.1234.567",
    ])
  func others(text: String) { #expect(PersonalData.find(in: text) == nil) }

  // MARK: Identity numbers of 15 digits

  @Test(
    "an identity number of 15 digits is refused where province and date are good, for every date of its century"
  )
  func oldIdentities() {
    var calendar = Calendar(identifier: .gregorian)
    calendar.timeZone = TimeZone(secondsFromGMT: 0)!
    for year in 0...99 {
      for month in 0...13 {
        for day in 0...32 {
          let parts = DateComponents(
            calendar: calendar, timeZone: calendar.timeZone, year: 1900 + year, month: month, day: day)
          let text = String(format: "410105%02d%02d%02d123", year, month, day)
          #expect((PersonalData.find(in: text) == .identityNumber) == parts.isValidDate, "\(text)")
        }
      }
    }
  }

  @Test("every province has its numbers, and what begins with no province is another number")
  func provinces() {
    let provinces =
      Array(11...15) + Array(21...23) + Array(31...37) + Array(41...46) + Array(50...54) + Array(61...65) + [
        71
      ]
      + Array(81...83)
    for code in 0...99 {
      let text = String(format: "%02d0105491231002", code)
      #expect((PersonalData.find(in: text) == .identityNumber) == provinces.contains(code), "\(text)")
    }
  }

  @Test(
    "an identity number of 15 digits is found whatever is written around and inside it",
    arguments: [
      "身份证110105491231002号", "110105 491231 002", "110105-491231-002", "１１０１０５４９１２３１００２",
      "110105\u{200b}491231\u{200b}002", "110105.491231.002", "110105_491231_002", "110105·491231·002",
      "110105491231002,110105491231002", "<110105491231002>",
    ])
  func oldIdentity(text: String) { #expect(PersonalData.find(in: text) == .identityNumber) }

  @Test(
    "an identity number of 18 characters is found with full stops or low lines inside it",
    arguments: ["110105.19491231.002X", "110105_19491231_002X", "1101051949.1231002x"])
  func identityInGroups(text: String) { #expect(PersonalData.find(in: text) == .identityNumber) }

  @Test(
    "numbers of 14 or 16 digits, of another date, or in other groups are left alone",
    arguments: [
      "11010549123100", "1101054912310021", "110105491331002", "110105490231002", "110105490229002",
      "000105491231002", "1101.0549.1231.002", "1101_05491231_002", "123456789012345",
    ])
  func othersOf15(text: String) { #expect(PersonalData.find(in: text) == nil) }
}
