import Ledger
import LedgerCrypto
import Scenarios
import Workflows

extension LedgerEntry {
  /// For people.
  var text: String {
    var rows: [(String, String)] = []
    if let header {
      rows = [
        ("header", localized("of block \(header.height), entry \(index)")),
        ("time", Timestamp.text(milliseconds: header.time)),
        ("previous", header.previous.hex), ("records", header.records),
        ("root", localized("\(header.root), of the \(header.size) entries before")),
        ("state", localized("\(header.state), after its records")),
        ("roster", header.roster.hex),
      ]
    } else {
      let place = localized(
        "entry \(index), in block \(block.height) of \(Timestamp.text(milliseconds: block.time))")
      rows = [("record", place)]
      if let claims = statement.claims {
        rows.append(("who", issuer.map { "\($0.id), \(Printable.text($0.name.both))" } ?? claims.issuer))
        if let subject = claims.subject { rows.append(("subject", Printable.text(subject))) }
        rows.append(("claims", localized("to have said so at \(Timestamp.text(seconds: claims.issuedAt))")))
        if let expiry = claims.expiresAt {
          rows.append(
            ("expires", localized("cannot be recorded in a block after \(Timestamp.text(seconds: expiry))")))
        }
      }
      let payload = statement.payload
      rows += [
        ("type", statement.contentType),
        ("payload", "\(sized(UInt64(payload.count))), SHA-256 \(SHA256.digest(of: payload))"),
        (
          "",
          PayloadPreview(
            payload, type: statement.contentType, lines: 16, rest: localized("--payload prints all")
          ).text
        ),
      ]
    }
    rows += [
      ("id", statement.id.hex), ("key", "\(statement.keyID), \(key.algorithm.name)"),
      ("signature", Hex.encode(statement.signature)),
    ]
    return labelled(rows)
  }
}

extension BlockHeader {
  /// The entries of its block's records.
  fileprivate var records: String {
    switch size - first {
    case 0: localized("none")
    case 1: localized("entry \(first)")
    default: localized("entries \(first) to \(size - 1)")
    }
  }
}
