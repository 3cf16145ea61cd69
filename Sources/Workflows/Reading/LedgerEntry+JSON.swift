import Ledger
import LedgerCrypto
import Scenarios

extension LedgerEntry {
  /// Every part.
  package var json: JSON {
    get throws {
      let claims = statement.claims
      var fields: [(String, JSON)] = [
        ("index", .number(index)), ("block", .number(block.height)), ("id", .text(statement.id.hex)),
        ("time", .text(Timestamp.text(milliseconds: block.time))),
      ]
      if let claims {
        fields += [
          ("issuer", .text(claims.issuer)), ("issuerName", issuer?.name.json ?? .null),
          ("subject", JSON(claims.subject)), ("issuedAt", .text(Timestamp.text(seconds: claims.issuedAt))),
        ]
        if let expiry = claims.expiresAt {
          fields.append(("expiresAt", .text(Timestamp.text(seconds: expiry))))
        }
        fields += [
          ("ledger", JSON(claims.audience?.hex)), ("tokenId", .text(Hex.encode(claims.tokenID))),
        ]
      }
      if let header { fields.append(("header", header.json)) }
      let payload = statement.payload
      fields += [
        ("type", .text(statement.contentType)), ("bytes", .number(UInt64(payload.count))),
        ("digest", .text(SHA256.digest(of: payload).hex)), ("payload", .text(LedgerEntry.base64(payload))),
        ("algorithm", .text(key.algorithm.name)), ("kid", .text(statement.keyID.hex)),
        ("publicKey", .text(try key.pem())),
        ("sigStructure", .text(LedgerEntry.base64(statement.sigStructure))),
        ("signature", .text(LedgerEntry.base64(statement.signature))),
      ]
      if let signatureDER { fields.append(("signatureDER", .text(LedgerEntry.base64(signatureDER)))) }
      fields.append(("entry", .text(LedgerEntry.base64(statement.entry))))
      return .object(fields.map { ($0.0, $0.1) })
    }
  }
}

extension LocalizedName {
  /// `{"zh":…,"en":…}` with what there is.
  package var json: JSON {
    .object([("zh", zh), ("en", en)].compactMap { key, name in name.map { (key, JSON.text($0)) } })
  }
}

extension BlockHeader {
  /// Every part.
  package var json: JSON {
    [
      "height": .number(height), "previous": .text(previous.hex), "first": .number(first),
      "size": .number(size),
      "state": .text(state.hex),
      "root": .text(root.hex),
      "time": .text(Timestamp.text(milliseconds: time)), "roster": .text(roster.hex),
    ]
  }
}
