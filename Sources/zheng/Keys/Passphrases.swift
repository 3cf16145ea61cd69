import Foundation
import Synchronization
import Workflows

/// The passphrases of the keys that a command reads: from a descriptor, or from the person at the terminal, who is asked once a key.
final class Passphrases: Sendable {
  private struct State {
    var descriptor: Int32?
    /// What the descriptor gave.
    var given: [UInt8]?
    /// What a person typed, by the key's path.
    var typed: [String: [UInt8]] = [:]
  }

  /// Longer ones are not read: a descriptor that is not one of a passphrase may have no end.
  private static let mostBytes = 1024

  private let state = Mutex(State())

  /// Takes them from `descriptor`.
  func use(_ descriptor: Int32) { state.withLock { $0.descriptor = descriptor } }

  /// The passphrase of the key in the file at `path`; nil where nobody can be asked.
  func passphrase(of path: String, terminal: String?) throws -> [UInt8]? {
    if let given = try fromDescriptor() { return given }
    if let typed = state.withLock({ $0.typed[path] }) { return typed }
    let question = localized("Passphrase of \(Printable.text(path)): ")
    guard let typed = try terminal.flatMap({ try Terminal.secret(question, at: $0) }) else { return nil }
    state.withLock { $0.typed[path] = typed }
    return typed
  }

  /// A passphrase for a new key; a person types it twice.
  ///
  /// - Throws: usage.
  func new(for path: String, terminal: String?) throws -> [UInt8] {
    if let given = try fromDescriptor() { return given }
    guard let terminal,
      let typed = try Terminal.secret(localized("New passphrase of \(Printable.text(path)): "), at: terminal)
    else {
      throw CommandError.usage(
        localized(
          "--passphrase: there is no terminal to ask at; give the passphrase with --key-passphrase-fd N"))
    }
    guard !typed.isEmpty else { throw CommandError.usage(localized("--passphrase: the passphrase is empty")) }
    guard try Terminal.secret(localized("The same again: "), at: terminal) == typed else {
      throw CommandError.usage(localized("--passphrase: the two passphrases differ; nothing was written"))
    }
    return typed
  }

  /// The first line of the descriptor, or all that it has.
  private func fromDescriptor() throws -> [UInt8]? {
    let (descriptor, given) = state.withLock { ($0.descriptor, $0.given) }
    guard let descriptor else { return nil }
    if let given { return given }
    var bytes: [UInt8] = []
    var byte: UInt8 = 0
    while bytes.count <= Passphrases.mostBytes {
      let count = read(descriptor, &byte, 1)
      if count < 0, errno == EINTR { continue }
      guard count >= 0 else {
        throw CommandError.usage("--key-passphrase-fd \(descriptor): \(String(cString: strerror(errno)))")
      }
      guard count > 0, byte != UInt8(ascii: "\n") else { break }
      bytes.append(byte)
    }
    guard (1...Passphrases.mostBytes).contains(bytes.count) else {
      throw CommandError.usage(
        localized(
          "--key-passphrase-fd \(descriptor): a passphrase is a line of 1 to \(Passphrases.mostBytes) bytes"))
    }
    state.withLock { $0.given = bytes }
    return bytes
  }
}
