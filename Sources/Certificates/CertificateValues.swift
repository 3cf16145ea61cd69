import LedgerCrypto
import Statements

/// Every value that a certificate shows and that its proofs prove, by its name: `number`, `1-statement`, `2-p.location`.
///
/// The page's script derives the same names and texts from the proofs on its own, and compares.
struct CertificateValues: Sendable {
  private var texts: [String: String] = [:]
  /// The paths of each row's payload, in its order.
  private(set) var paths: [[String]] = []

  /// What `name` stands for. Traps on a name that there is not.
  subscript(_ name: String) -> String {
    guard let text = texts[name] else { preconditionFailure("a certificate has no value \(name)") }
    return text
  }

  /// The values of `certificate`.
  init(_ certificate: ProvenCertificate) {
    let notProven = "未证明 not proven"
    texts["number"] = certificate.number
    texts["ledger"] = certificate.ledger.hex
    texts["origin"] = VisibleText.shown(certificate.deposit.proven.checkpoint.origin)
    texts["as-of-block"] = String(certificate.asOf.height)
    texts["as-of-time"] = VisibleText.time(milliseconds: certificate.asOf.time)
    texts["as-of-bound"] = certificate.asOfTime.map { VisibleText.time(seconds: $0) } ?? notProven
    for row in certificate.rows {
      let proven = row.proven
      let claims = row.statement.claims
      func put(_ name: String, _ text: String) { texts["\(row.number)-\(name)"] = text }
      put("statement", row.statement.id.hex)
      put("index", String(proven.index))
      put("kind", VisibleText.shown(row.kind))
      if let words = CertificateWords.kinds[row.kind] { put("kind-words", words.both) }
      put("issuer", proven.issuer.id)
      put("name", VisibleText.shown(proven.issuer.name.both))
      put("key", row.statement.keyID.hex)
      put("algorithm", row.statement.algorithm.keyAlgorithm.name)
      put("issued", VisibleText.time(seconds: claims?.issuedAt ?? 0))
      put("item", VisibleText.shown(claims?.subject ?? "–"))
      put("block", String(proven.header.height))
      put("block-time", VisibleText.time(milliseconds: proven.header.time))
      put("bound", proven.verdict.time.map { VisibleText.time(seconds: $0) } ?? notProven)
      put("checkpoint", String(proven.checkpoint.size))
      put("root", proven.checkpoint.root.hex)
      put("custodian", row.custodian)
      put("state", VisibleText.shown(row.state))
      for (place, witness) in proven.verdict.witnesses.enumerated() {
        put("witness.\(place + 1)", VisibleText.shown(witness.name.description))
        put("witness-time.\(place + 1)", VisibleText.time(seconds: witness.timestamp))
      }
      var members: [(String, String)] = []
      CertificateValues.flatten(.map(row.payload), path: "", name: "", into: &members)
      for (path, text) in members { put("p.\(path)", text) }
      paths.append(members.map(\.0))
    }
  }

  /// Each member of a payload with its path; one text or number a row.
  private static func flatten(
    _ item: CBOR, path: String, name: String, into members: inout [(String, String)]
  ) {
    func add(_ text: String) { members.append((VisibleText.shown(path), text)) }
    switch item {
    case .map(let map):
      for (key, value) in map.pairs {
        let name =
          switch key {
          case .text(let text): text
          default: Hex.encode(key.encoded)
          }
        flatten(value, path: path.isEmpty ? name : "\(path).\(name)", name: name, into: &members)
      }
    case .array(let items):
      for (place, value) in items.enumerated() {
        flatten(value, path: "\(path).\(place + 1)", name: name, into: &members)
      }
    case .text(let text): add(VisibleText.shown(text))
    case .bytes(let bytes): add(Hex.encode(bytes))
    case .unsigned(let number):
      // Times in payloads are at most 2^40.
      add(CertificateWords.times.contains(name) ? VisibleText.time(seconds: number) : String(number))
    case .negative(let number): add("-1 - \(number)")
    case .bool(let value): add(value ? "true" : "false")
    case .null: add("null")
    case .tagged(let tag, let item): add("\(tag)(\(Hex.encode(item.encoded)))")
    }
  }
}
