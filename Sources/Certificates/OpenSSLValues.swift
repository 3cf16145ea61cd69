import Ledger
import LedgerCrypto
import Statements
import TransparencyLog

/// What a shell script with openssl alone needs to check a row: nothing but numbers, hex and base64.
struct OpenSSLValues {
  /// For the template.
  private(set) var values = Values()

  init(_ row: CertificateRow) {
    if case .map(let digests)? = row.payload["digests"], case .bytes(let digest)? = digests["sha-256"] {
      values.set("openssl-digest", Hex.encode(digest))
    }
    set("openssl-statement", row.statement.sigStructure)
    set("openssl-entry", row.statement.entry)
    if let key = row.proven.issuer.keys.first(where: { $0.id == row.statement.keyID })?.key {
      var signer = OpenSSLValues.signed(key, row.statement.signature)
      signer.set("is-es256", if: key.algorithm == .es256)
      values.set("openssl-depositor", [signer])
    }
    path(row.proof.proof, size: row.proven.checkpoint.size)
    values.set("openssl-root", Base64.encode(row.proven.checkpoint.root.bytes))
    let note = row.proof.proof.checkpoint
    set("openssl-checkpoint", Array(note.text.utf8))
    let verdict = row.proven.verdict
    if let line = note.signatures.first(where: { $0.names(verdict.log) }) {
      values.set("openssl-log", [OpenSSLValues.signed(verdict.log.publicKey, line.signature)])
    }
    var witnesses: [Values] = []
    for (place, witness) in verdict.witnesses.enumerated() {
      let cosignatures = note.signatures.filter { $0.names(witness.witness.key) }.compactMap {
        try? Cosignature(parsing: $0.signature.span)
      }
      guard let cosignature = cosignatures.first(where: { $0.timestamp == witness.timestamp }) else {
        continue
      }
      var values = OpenSSLValues.signed(witness.witness.key.publicKey, cosignature.signature)
      values.set("place", String(place + 1))
      values.set(
        "message", OpenSSLValues.lines(Cosignature.message(timestamp: cosignature.timestamp, text: note.text))
      )
      witnesses.append(values)
    }
    values.set("openssl-witnesses", witnesses)
  }

  private mutating func set(_ name: String, _ bytes: [UInt8]) { values.set(name, OpenSSLValues.lines(bytes)) }

  private static func lines(_ bytes: [UInt8]) -> String { VisibleText.base64Lines(Base64.encode(bytes)) }

  /// The key as a SubjectPublicKeyInfo (RFC 5280, RFC 5480, RFC 8410), written out so that it never depends on a library, and the
  /// signature as openssl reads it.
  private static func signed(_ key: PublicKey, _ signature: [UInt8]) -> Values {
    let es256 = "3059301306072a8648ce3d020106082a8648ce3d03010703420004"
    let ed25519 = "302a300506032b6570032100"
    var values = Values()
    let prefix = Hex.decode(key.algorithm == .es256 ? es256 : ed25519) ?? []
    values.set("key-pem", lines(prefix + key.rawBytes))
    values.set(
      "signature",
      lines(key.algorithm == .es256 ? ECDSASignature.der(fromRaw: signature.span) ?? [] : signature))
    return values
  }

  /// The path from the leaf to the root, each sibling on its side (RFC 9162 §2.1.3.2).
  private mutating func path(_ proof: TLogProof, size: UInt64) {
    var steps: [Values] = []
    var (index, last) = (proof.index, size - 1)
    for hash in proof.path {
      var step = Values()
      step.set("sibling", Base64.encode(hash.bytes))
      let isLeft = !index.isMultiple(of: 2) || index == last
      step.set("is-left", if: isLeft)
      steps.append(step)
      if isLeft { while index.isMultiple(of: 2), index != 0 { (index, last) = (index >> 1, last >> 1) } }
      (index, last) = (index >> 1, last >> 1)
    }
    values.set("openssl-path", steps)
  }
}
