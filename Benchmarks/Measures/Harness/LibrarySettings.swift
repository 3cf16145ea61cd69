import Foundation

/// What libcrypto says of its use of the processor (`OPENSSL_info(3)`, `OPENSSL_INFO_CPU_SETTINGS`; `openssl version -c` prints it
/// too): on x86 `OPENSSL_ia32cap=0x…:0x…`, and behind that ` env:` and what the environment has told it, if anything.
package struct LibrarySettings: Sendable {
  package let text: String

  package init(_ text: String) { self.text = text }

  /// The variable by which the environment has told it to use less than there is, with its value; nil where there is none.
  package var told: String? {
    guard let told = text.range(of: " env:"), let name = text.split(separator: "=").first else { return nil }
    return "\(name)=\(text[told.upperBound...])"
  }

  /// Whether it uses the instructions of x86 for SHA-256: bit 29 of its second number (`OPENSSL_ia32cap(3)`); nil where it tells
  /// none.
  package var usesSHA: Bool? {
    guard let value = text.split(separator: " ").first?.split(separator: "=").last else { return nil }
    let numbers = value.split(separator: ":").map { UInt64($0.dropFirst("0x".count), radix: 16) }
    guard numbers.count > 1, let second = numbers[1] else { return nil }
    return second >> 29 & 1 == 1
  }
}
