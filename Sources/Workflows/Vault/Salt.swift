import LedgerCrypto
import Scenarios

/// What keeps a commitment from being guessed at: 32 random bytes, in a file as 64 hex digits and a newline.
///
/// With the salt and the data anybody can compute the commitment again:
///
///     (printf 'zheng.sharing.commitment.v1\0'; printf %016x $(stat -c %s data) | xxd -r -p; cat data) |
///       openssl dgst -sha256 -mac HMAC -macopt hexkey:$(cat salt)
package struct Salt {
  let bytes: [UInt8]

  /// A fresh one.
  package init() throws { bytes = try Commitment.freshSalt() }

  /// The salt in the file at `path`.
  package init(file path: String) throws { try self.init(Files.Input(path)) }

  /// The salt that `input` gives.
  init(_ input: Files.Input) throws {
    let content = try input.read(upTo: 128)
    var text = String(decoding: content, as: UTF8.self)[...]
    while let last = text.last, last.isNewline { text.removeLast() }
    guard text.utf8.count == 64, let bytes = Hex.decode(text.lowercased()) else {
      throw WorkflowError(
        .usage, "malformed-salt",
        "\(input.path): not a salt, which is 64 hex digits, as the provider has handed it over")
    }
    self.bytes = bytes
  }

  /// The file's content.
  var content: [UInt8] { Array("\(Hex.encode(bytes))\n".utf8) }

  /// The commitment under this salt to the ordinary file at `path`.
  ///
  /// - Throws: what a file throws that can't be read, is no ordinary file, or changes meanwhile.
  package func commitment(to path: String, _ context: WorkContext) throws -> Digest {
    try commitment(to: Files.Input(path), context)
  }

  /// The commitment under this salt to what `input`, of which nothing has been read, gives.
  func commitment(to input: Files.Input, _ context: WorkContext) throws -> Digest {
    guard let byteCount = input.byteCount else {
      throw WorkflowError.usage("\(input.path): not an ordinary file; save the data to one first")
    }
    defer { context.hashed(input.path, byteCount, byteCount) }
    var commitment = try Commitment.begin(salt: bytes, byteCount: byteCount)
    var count: UInt64 = 0
    while true {
      let part = try input.read(upTo: 1 << 20)
      if part.isEmpty { break }
      try commitment.update(part.span)
      count += UInt64(part.count)
      context.hashed(input.path, count, byteCount)
    }
    guard let whole = try commitment.finalize() else {
      throw WorkflowError(.inputOutput, "io", "\(input.path): changed while it was read; try again")
    }
    return whole
  }
}
