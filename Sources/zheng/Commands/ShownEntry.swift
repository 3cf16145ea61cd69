import Ledger
import LedgerCrypto
import Scenarios
import Workflows

extension LedgerEntry {
  /// Every part.
  var json: JSON {
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

  /// For people.
  var text: String {
    var rows: [(String, String)] = []
    if let header {
      rows = [
        ("header", "of block \(header.height), entry \(index)"),
        ("time", Timestamp.text(milliseconds: header.time)),
        ("previous", header.previous.hex), ("root", "\(header.root), of the \(header.size) entries before"),
        ("roster", header.roster.hex),
      ]
    } else {
      let place = "entry \(index), in block \(block.height) of \(Timestamp.text(milliseconds: block.time))"
      rows = [("record", place)]
      if let claims = statement.claims {
        rows.append(("who", issuer.map { "\($0.id), \(Printable.text($0.name.both))" } ?? claims.issuer))
        if let subject = claims.subject { rows.append(("subject", Printable.text(subject))) }
        rows.append(("claims", "to have said so at \(Timestamp.text(seconds: claims.issuedAt))"))
      }
      let payload = statement.payload
      rows += [
        ("type", statement.contentType),
        ("payload", "\(Printable.byteCount(UInt64(payload.count))), SHA-256 \(SHA256.digest(of: payload))"),
        (
          "",
          PayloadPreview(payload, type: statement.contentType, lines: 16, rest: "--payload prints all").text
        ),
      ]
    }
    rows += [
      ("id", statement.id.hex), ("key", "\(statement.keyID), \(key.algorithm.name)"),
      ("signature", Hex.encode(statement.signature)),
    ]
    return Printable.table(rows)
  }
}

extension LocalizedName {
  /// `{"zh":…,"en":…}` with what there is.
  var json: JSON {
    .object([("zh", zh), ("en", en)].compactMap { key, name in name.map { (key, JSON.text($0)) } })
  }
}

extension BlockHeader {
  /// Every part.
  var json: JSON {
    [
      "height": .number(height), "previous": .text(previous.hex), "size": .number(size),
      "root": .text(root.hex),
      "time": .text(Timestamp.text(milliseconds: time)), "roster": .text(roster.hex),
    ]
  }
}
