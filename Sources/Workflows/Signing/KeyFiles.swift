import LedgerCrypto
import Synchronization

/// PEM files with keys.
package enum KeyFiles {
  /// No key that we know takes more.
  private static let limit = 65_536

  /// Gives the passphrase of the key in the file at a path; nil where nobody can be asked for it.
  package typealias PassphraseSource = @Sendable (_ path: String) throws -> [UInt8]?

  /// Where passphrases come from. The process's own: as a value of the task, a function makes the optimised program crash (Swift
  /// 6.3).
  private static let source = Mutex<PassphraseSource>({ _ in nil })

  /// Says where passphrases come from, for the whole process.
  package static func setPassphraseSource(_ ask: @escaping PassphraseSource) { source.withLock { $0 = ask } }

  private static func passphrase(_ path: String) throws -> [UInt8]? {
    let ask = source.withLock { $0 }
    return try ask(path)
  }

  /// The private key in the file at `path`, which may be under a passphrase.
  ///
  /// - Throws: also where others may read it: whoever has it signs in its owner's name.
  package static func privateKey(_ path: String) throws -> PrivateKey {
    Files.guardPrivateMemory()
    let pem = try pem(path)
    if pem.contains("PRIVATE KEY"), let permissions = Files.permissions(path), permissions & 0o077 != 0 {
      throw WorkflowError(
        .usage, "key-not-private",
        "\(path): others may read this private key; `chmod 600 \(ShellText.word(path))` keeps it to its owner"
      )
    }
    return try privateKey(in: pem, path)
  }

  /// Whether the key in the file at `path` is under a passphrase.
  package static func isProtected(_ path: String) throws -> Bool {
    try pem(path).contains("BEGIN ENCRYPTED PRIVATE KEY")
  }

  private static func privateKey(in pem: String, _ path: String) throws -> PrivateKey {
    if !pem.contains("PRIVATE KEY"), pem.contains("PUBLIC KEY") {
      throw malformed("\(path): a public key, where the private key that signs is needed")
    }
    let isEncrypted = pem.contains("BEGIN ENCRYPTED PRIVATE KEY")
    do {
      return try PrivateKey(pem: pem, passphrase: isEncrypted ? passphrase(path) : nil)
    } catch let error as CryptoError {
      switch error.code {
      case .passphraseNeeded:
        throw WorkflowError(
          .usage, error.code.rawValue,
          "\(path): the private key is encrypted, and no passphrase was given",
          lead: .passphrase)
      case .wrongPassphrase:
        throw WorkflowError(
          .usage, error.code.rawValue, "\(path): wrong passphrase")
      default: break
      }
      // RFC 1421's own encryption, which is not PKCS#8's, derives its key by one round of MD5.
      if pem.contains("Proc-Type: 4,ENCRYPTED") {
        let advice = "`openssl pkey -in \(ShellText.path(path)) -aes256 -out NEW.pem` converts it"
        throw malformed("\(path): a key in OpenSSL's old encrypted format, not PKCS#8; \(advice)")
      }
      throw malformed(
        "\(path): not a private key of P-256 or Ed25519 in PEM (PKCS#8 or SEC1)",
        lead: .newKey(because: error.description))
    }
  }

  /// The public key in the file at `path`, which may hold the private one.
  package static func publicKey(_ path: String) throws -> PublicKey {
    let pem = try pem(path)
    if pem.contains("PRIVATE KEY") { return try privateKey(in: pem, path).publicKey }
    do { return try PublicKey(pem: pem) } catch {
      throw malformed("\(path): not a public key of P-256 or Ed25519 in PEM (\(error.description))")
    }
  }

  private static func pem(_ path: String) throws -> String {
    String(decoding: try Files.contents(path, of: "a key file", limit: limit), as: UTF8.self)
  }

  private static func malformed(_ detail: String, lead: WorkflowError.Lead? = nil) -> WorkflowError {
    WorkflowError(.usage, "malformed-key", detail, lead: lead)
  }
}
