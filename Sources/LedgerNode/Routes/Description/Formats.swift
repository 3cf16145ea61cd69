import Ledger
import LedgerCrypto
import Scenarios

/// `GET /formats`: how statements and their payloads are made, for who writes them by a program of its own.
enum Formats {
  static func answer(ledger: Digest) -> Answer { .text(Array(text(ledger).utf8), .none) }

  static func text(_ ledger: Digest) -> String {
    let scenarios = Scenarios.all.map { scenario in
      let table = scenario.table.split(separator: "\n").map { "; \($0)\n" }.joined()
      return """
        ; ---- \(scenario.name): who may do what, from which state to which; the payload of each kind under its content type; what the
        ; state has. The subject of a statement is the id of its item, request or entry, and `previous` the id of the last statement
        ; about it.

        \(table)
        \(scenario.cddl)

        """
    }
    return ([statements(ledger)] + scenarios).joined(separator: "\n")
  }

  /// The envelope, as `EntryView`, `Claims` and `SigStructure` read it.
  private static func statements(_ ledger: Digest) -> String {
    """
    ; Statements of the ledger \(ledger.hex)
    ; and their payloads, in CDDL (RFC 8610). All CBOR is deterministic (RFC 8949, 4.2.1): shortest heads, definite lengths,
    ; the keys of maps in the order of their encodings. Payloads of the kinds below: shorter keys first, then bytewise.

    ; ---- A statement: what POST /entries takes as application/cose, at most 65535 bytes

    statement = #6.18([
      protected: bstr .cbor protected,
      unprotected: {},
      payload: bstr,
      signature: bstr .size 64,         ; ES256: r and s, s at most half the order of P-256; or Ed25519
    ])

    protected = {
      1: -7 / -8 / -9 / -19,            ; ES256 or EdDSA (Ed25519), or their RFC 9864 ids
      3: tstr .size (3..255),           ; the content type of the payload
      4: bstr .size 32,                 ; the key: its SHA-256 COSE Key Thumbprint (RFC 9679)
      15: claims,
    }

    claims = {                          ; RFC 8392
      1: tstr .size (1..64),            ; iss: the member id of who signs
      ? 2: tstr .size (1..255),         ; sub: what it is about; of a kind below the id of its item, request or entry
      3: tstr .size 64,                 ; aud: the ledger id in hex, as above
      ? 4: uint,                        ; exp: s since the epoch; no block of a later time records it
      6: uint,                          ; iat: s since the epoch
      7: bstr .size 16,                 ; cti: random
    }

    ; The signature is over this (RFC 9052, 4.4), whose SHA-256 is the statement id:
    sig-structure = ["Signature1", body-protected: bstr, external-aad: h'', payload: bstr]

    ; Types that begin with \(Kind.prefix) are kept for kinds that the rules know; any other media type is a plain
    ; record, whose payload is any bytes.

    ; ---- A second signature under a statement that waits for one: \(Kind.countersign)

    countersign = { statement: bstr .size 32 }

    """
  }
}
