import Foundation
import LedgerCrypto

/// STATE: where a machine keeps what must survive a ledger's directory, or has none.
package enum StateFolder {
  /// The folder of the ledger `ledger`.
  ///
  /// - Parameter state: STATE; nil for `ZHENG_STATE`, else `$XDG_STATE_HOME/zheng`, else `~/.local/state/zheng`.
  package static func path(of ledger: Digest, in state: String?) throws(Failure) -> String {
    let root: String
    if let state { root = state } else { root = try standard }
    return "\(root)/\(ledger.hex)"
  }

  /// The folder of the validator called `validator` below that of the ledger `ledger`: what it must never forget lies there.
  ///
  /// - Parameter state: as above.
  package static func path(
    of ledger: Digest, validator: String, in state: String?
  ) throws(Failure) -> String {
    let plain = validator.utf8.map { byte in
      switch byte {
      case 0x30...0x39, 0x41...0x5a, 0x61...0x7a, UInt8(ascii: "-"), UInt8(ascii: "_"):
        String(UnicodeScalar(byte))
      default: "%\(String(byte >> 4, radix: 16))\(String(byte & 15, radix: 16))"
      }
    }
    return "\(try path(of: ledger, in: state))/\(plain.joined())"
  }

  /// STATE where nothing else is said.
  package static var standard: String {
    get throws(Failure) {
      let environment = ProcessInfo.processInfo.environment
      func value(_ name: String) -> String? { environment[name].flatMap { $0.isEmpty ? nil : $0 } }
      if let own = value("ZHENG_STATE") { return own }
      if let state = value("XDG_STATE_HOME") { return "\(state)/zheng" }
      if let home = value("HOME") { return "\(home)/.local/state/zheng" }
      throw Failure(
        "open", "last-signed", reason: "neither ZHENG_STATE nor HOME is set; set ZHENG_STATE to a folder")
    }
  }

  /// Makes the folder at `path`, and those that it lies in, for this user alone.
  package static func make(_ path: String) throws(Failure) {
    guard !path.isEmpty, path != "/", !FileSystem.exists(path) else { return }
    try make(FileSystem.parent(of: path))
    try FileSystem.makeFolder(path, permissions: 0o700)
  }
}
