import LedgerCrypto

/// PEM files with keys.
package enum KeyFiles {
  /// No key that we know takes more.
  private static let limit = 65_536

  /// The private key in the file at `path`.
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

  private static func privateKey(in pem: String, _ path: String) throws -> PrivateKey {
    if !pem.contains("PRIVATE KEY"), pem.contains("PUBLIC KEY") {
      throw malformed("\(path): a public key, where the private key that signs is needed")
    }
    do { return try PrivateKey(pem: pem) } catch {
      let passphrase =
        "it has a passphrase; `openssl pkey -in \(ShellText.path(path)) -out PLAIN.pem` takes it off (\(error.description))"
      throw pem.contains("ENCRYPTED")
        ? malformed("\(path): \(passphrase)")
        : malformed(
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
