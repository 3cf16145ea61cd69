import Foundation

/// PEM text and the DER in it, made and read apart from the code under test.
enum PEMText {
  static func make(_ label: String, _ der: [UInt8]) -> String {
    let lines = Data(der).base64EncodedString(options: [.lineLength64Characters, .endLineWithLineFeed])
    return "-----BEGIN \(label)-----\n\(lines)\n-----END \(label)-----\n"
  }

  static func der(_ pem: String) -> [UInt8] {
    let lines = pem.split(separator: "\n").filter { !$0.hasPrefix("-----") }
    return [UInt8](Data(base64Encoded: lines.joined())!)
  }

  /// `der` with its one occurrence of `old` replaced by `new`, of the same length.
  static func replacing(_ old: [UInt8], by new: [UInt8], in der: [UInt8]) -> [UInt8] {
    precondition(old.count == new.count)
    let place = Data(der).range(of: Data(old))!.lowerBound
    return Array(der[..<place]) + new + Array(der[(place + old.count)...])
  }
}
