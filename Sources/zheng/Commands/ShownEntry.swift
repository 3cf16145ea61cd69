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
        ("header", "of block \(header.height), entry \(index)"),
        ("time", Timestamp.text(milliseconds: header.time)),
        ("previous", header.previous.hex), ("records", header.records),
        ("root", "\(header.root), of the \(header.size) entries before"),
        ("state", "\(header.state), after its records"),
        ("roster", header.roster.hex),
      ]
    } else {
      let place = "entry \(index), in block \(block.height) of \(Timestamp.text(milliseconds: block.time))"
      rows = [("record", place)]
      if let claims = statement.claims {
        rows.append(("who", issuer.map { "\($0.id), \(Printable.text($0.name.both))" } ?? claims.issuer))
        if let subject = claims.subject { rows.append(("subject", Printable.text(subject))) }
        rows.append(("claims", "to have said so at \(Timestamp.text(seconds: claims.issuedAt))"))
        if let expiry = claims.expiresAt {
          rows.append(("expires", "cannot be recorded in a block after \(Timestamp.text(seconds: expiry))"))
        }
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

extension BlockHeader {
  /// The entries of its block's records.
  fileprivate var records: String {
    switch size - first {
    case 0: "none"
    case 1: "entry \(first)"
    default: "entries \(first) to \(size - 1)"
    }
  }
}
