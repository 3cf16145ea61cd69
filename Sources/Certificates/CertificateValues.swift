import Ledger
import LedgerCrypto
import Scenarios
import Statements
import TransparencyLog

/// Every value that a certificate shows, for its template.
///
/// Those that the proofs prove have names, `number`, `1-statement`, `2-p.location`. The page's script derives the same names and
/// texts from the proofs on its own, and compares.
struct CertificateValues: Sendable {
  /// For the template.
  private(set) var values = Values()

  private let certificate: ProvenCertificate
  /// The ledger's clocks.
  private let clock: UTCOffset
  /// What members are called, by their ids.
  private let names: [String: LocalizedName]
  /// The corrections of each row, by its number.
  private let corrections: [Int: [CertificateRow]]

  /// The values of `certificate`.
  init(_ certificate: ProvenCertificate) {
    self.certificate = certificate
    clock = certificate.listed.utcOffset
    names = Dictionary(certificate.rows.map { ($0.proven.issuer.id, $0.proven.issuer.name) }) { _, last in
      last
    }
    .merging(certificate.listed.names) { _, listed in listed }
    let correction = CertificateRow.kind(EvidenceKind.correct.contentType)
    corrections = Dictionary(grouping: certificate.rows.filter { $0.kind == correction && $0.about != nil }) {
      $0.about ?? 0
    }
    let rows = certificate.rows.map { row($0) }
    // What stands outside of the rows is of the deposit, and of the present.
    values.merge(rows[0])
    values.set("rows", rows)
    values.put("number", certificate.number)
    values.put("ledger", hash: certificate.ledger.bytes)
    values.put("origin", VisibleText.shown(certificate.deposit.proven.checkpoint.origin))
    values.put("ledger-name", called: certificate.listed.ledgerName)
    values.put("as-of-block", String(certificate.asOf.height))
    values.put("as-of-time", time: certificate.asOf.time / 1000, clock)
    let (isInBeijing, zone) = (clock == .standard, clock.description)
    values.set("zone", isInBeijing ? "北京时间" : zone)
    values.set("zone-of-all", isInBeijing ? "北京时间（\(zone)）" : zone)
    values.put("row-count", String(rows.count))
    values.set("is-one-row", if: rows.count == 1)
    values.set("is-as-of-timed", if: certificate.listed.time != nil)
    if let time = certificate.listed.time { values.put("as-of-bound", time: time, clock) }
    present(certificate.rows[certificate.rows.count - 1])
    deposit()
    witnesses()
    values.put("issued-at", time: certificate.source.issue.time, clock)
    values.set("is-issuer-named", if: certificate.source.issue.by != nil)
    if let by = certificate.source.issue.by { values.put("issued-by", VisibleText.shown(by)) }
    embedded()
  }

  /// What the member `id` is called: as of the block of the list, else as a row has it, else by its id.
  private func name(_ id: String) -> LocalizedName? {
    names[id] ?? LocalizedName(zh: id.isEmpty ? "–" : id, en: nil)
  }

  // MARK: A row

  private func row(_ row: CertificateRow) -> Values {
    var values = Values()
    let proven = row.proven
    let (claims, n) = (row.statement.claims, row.number)
    values.set("n", String(row.number))
    values.put("statement", hash: row.statement.id.bytes, of: n)
    values.put("index", String(proven.index), of: n)
    values.put("kind", VisibleText.shown(row.kind), of: n)
    values.put("issuer", proven.issuer.id, of: n)
    values.put("name", called: proven.issuer.name, of: n)
    values.put("key", hash: row.statement.keyID.bytes, of: n)
    values.put("algorithm", row.statement.algorithm.keyAlgorithm.name, of: n)
    values.put("issued", time: claims?.issuedAt ?? 0, clock, of: n)
    values.put("item", VisibleText.shown(claims?.subject ?? "–"), of: n)
    values.put("block", String(proven.header.height), of: n)
    values.put("block-time", time: proven.header.time / 1000, clock, of: n)
    values.set("is-timed", if: proven.verdict.time != nil)
    if let time = proven.verdict.time { values.put("bound", time: time, clock, of: n) }
    values.put("checkpoint", String(proven.checkpoint.size), of: n)
    values.put("root", hash: proven.checkpoint.root.bytes, of: n)
    values.put("custodian", row.custodian, of: n)
    values.put("custodian-name", called: name(row.custodian), of: n)
    values.put("state", row.state.rawValue, of: n)
    values.set(
      "witnesses",
      proven.verdict.witnesses.enumerated().map { place, witness in
        var values = Values()
        let name = "\(row.number)-witness.\(place + 1)"
        values["witness"] = .proven(VisibleText.shown(witness.name.description), name: name)
        values["witness-time"] = .proven(VisibleText.time(witness.timestamp, clock), name: "\(name).time")
        return values
      })
    var members: [(path: String, text: String, isHash: Bool)] = []
    flatten(.map(row.payload), path: "", name: "", into: &members)
    values.set(
      "members",
      members.map { member in
        var values = Values()
        values.set("path", member.path)
        let isPlain = !member.isHash && member.path != "to"
        values.set("is-plain", if: isPlain)
        values.set("is-annexed", if: !isPlain && row.number > 1)
        let name = "\(n)-p.\(member.path)"
        values["text"] =
          member.isHash ? .hash(member.text, name: name) : .proven(member.text, name: name)
        return values
      })
    values.set("is-short", if: row.number > 1 && members.contains { !$0.isHash && $0.path != "to" })
    if let to = text(row, "to") {
      values.put("to", called: name(to), of: n)
      values.set("is-to", if: true)
    }
    relations(row, &values)
    return values
  }

  private func text(_ row: CertificateRow, _ key: String) -> String? {
    guard case .text(let text)? = row.payload[key] else { return nil }
    return text
  }

  /// How the row stands to others.
  private func relations(_ row: CertificateRow, _ values: inout Values) {
    let before = row.number > 1 ? certificate.rows[row.number - 2] : nil
    values.set("is-move", if: before.map { $0.custodian != row.custodian } ?? true)
    values.set("is-mismatch", if: !row.differs.isEmpty)
    values.set(
      "differences",
      row.differs.map { difference in
        var values = Values()
        values.set("what", difference.rawValue)
        let received = row.payload[difference == .digest ? "digest" : "seal"]
        values["received"] = CertificateValues.value(received)
        let own =
          difference == .digest
          ? certificate.digest.map { CBOR.bytes($0.bytes) } : row.sealBefore.map(CBOR.text)
        values["deposited"] = CertificateValues.value(own)
        return values
      })
    let isCorrection = row.kind == CertificateRow.kind(EvidenceKind.correct.contentType)
    if let about = row.about {
      values.set("about", String(about))
      values.set("is-correction", if: isCorrection)
    }
    values.set("is-waiting", if: row.number == certificate.waiting)
    values.set("corrected", corrections(of: row.number))
  }

  private func corrections(of number: Int) -> [Values] {
    (corrections[number] ?? []).map { row in
      var values = Values()
      values.set("by", String(row.number))
      values.set("what", text(row, "what").map { VisibleText.shown($0) } ?? "–")
      values.set("why", text(row, "why").map { VisibleText.shown($0) } ?? "–")
      return values
    }
  }

  // MARK: The item, now and as it was deposited

  private mutating func present(_ last: CertificateRow) {
    values.put("now-state", last.state.rawValue)
    values.put("now-custodian", last.custodian)
    values.put("now-custodian-name", called: name(last.custodian))
    values.set("is-settled", if: last.state == .sealed || last.state == .deposited)
    values.set("is-over", if: last.state.isTerminal)
    values.set("is-disputed", if: last.state == .disputed)
    values.set(
      "was-disputed", if: last.state != .disputed && certificate.rows.contains { $0.state == .disputed })
    values.set(
      "mismatches",
      certificate.rows.filter { !$0.differs.isEmpty }.map { row in
        var values = self.row(row)
        values.set("mismatch-row", String(row.number))
        return values
      })
    values.set(
      "holds",
      certificate.holds.map { number in
        var values = Values()
        values.set("hold-row", String(number))
        values.set("order", text(certificate.rows[number - 1], "order").map { VisibleText.shown($0) } ?? "–")
        return values
      })
    values.set(
      "waiting", certificate.waiting.map { number in [self.row(certificate.rows[number - 1])] } ?? [])
  }

  private mutating func deposit() {
    guard case .list(let members)? = values["members"] else { return }
    func path(_ member: Values) -> String {
      if case .text(let path)? = member["path"] { path } else { "" }
    }
    values.set("case", members.filter { path($0) == "case" })
    // That by which files are compared comes first.
    let digests = members.filter { path($0).hasPrefix("digests.") }
    values.set(
      "digests",
      digests.filter { path($0) == "digests.sha-256" } + digests.filter { path($0) != "digests.sha-256" })
    values.set("size", members.filter { path($0) == "size" })
    values.set("manifest", members.filter { path($0).hasPrefix("manifest.") })
    values.set("is-directory", if: certificate.isDirectory)
    values.set(
      "claims",
      members.filter { member in
        let path = path(member)
        return path != "case" && path != "size" && !path.hasPrefix("digests.") && !path.hasPrefix("manifest.")
      })
    values.set("corrections", corrections(of: 1))
  }

  /// By whose word the deposit's time holds.
  private mutating func witnesses() {
    let policy = certificate.policy
    let verdict = certificate.deposit.proven.verdict
    let all = policy.witnesses.map(\.name) + policy.absent.map(\.name)
    values.set("is-quorum", if: policy.quorum != nil)
    values.set(
      "is-only-validator", if: policy.quorum != nil && all.count == 1 && policy.validators.count == 1)
    for (what, isValidator) in [("validators", true), ("others", false)] {
      let signed = verdict.witnesses.filter { policy.validators.contains($0.name) == isValidator }
      let count = all.count { policy.validators.contains($0) == isValidator }
      values.set("\(what)-count", count == 0 ? "" : String(count))
      values.set("\(what)-signed", String(signed.count))
      values.set(
        "\(what)-names",
        signed.enumerated().map { place, witness in
          var values = Values()
          values.set("is-later", if: place > 0)
          values.set("who", VisibleText.shown(witness.name.description))
          return values
        })
    }
    values.set("log", VisibleText.shown(verdict.log.name))
  }

  // MARK: What is embedded

  private mutating func embedded() {
    values.set(
      "proofs",
      certificate.rows.map { row in
        var values = Values()
        values.set("n", String(row.number))
        values.set("proof", String(decoding: row.proof.bytes, as: UTF8.self))
        return values
      })
    values.set("state-proof", String(decoding: certificate.source.state, as: UTF8.self))
    values.set("roster", String(decoding: certificate.source.names, as: UTF8.self))
    values.set("policy", String(decoding: certificate.policy.bytes, as: UTF8.self))
    values.set("issue", String(decoding: certificate.source.issue.bytes, as: UTF8.self))
    let code = QRCode("zheng:\(certificate.ledger.hex):\(certificate.deposit.statement.id.hex)")
    values.set("qr-side", String(code.size + 8))
    values.set("qr-path", code.path)
    values.merge(OpenSSLValues(certificate.deposit).values)
  }

  /// Text or bytes that are shown beside what is proven.
  private static func value(_ item: CBOR?) -> Values.Value {
    switch item {
    case .bytes(let bytes)?: .hash(Hex.encode(bytes), name: nil)
    case .text(let text)?: .text(VisibleText.shown(text))
    default: .text("–")
    }
  }

  /// Each member of a payload with its path; one text or number a row.
  private func flatten(
    _ item: CBOR, path: String, name: String,
    into members: inout [(path: String, text: String, isHash: Bool)]
  ) {
    func add(_ text: String, isHash: Bool = false) {
      members.append((VisibleText.shown(path), text, isHash))
    }
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
    case .bytes(let bytes): add(Hex.encode(bytes), isHash: true)
    case .unsigned(let number):
      // Times in payloads are at most 2^40. The page's script has the same list.
      add(["occurred", "collected"].contains(name) ? VisibleText.time(number, clock) : String(number))
    case .negative(let number): add("-1 - \(number)")
    case .bool(let value): add(value ? "true" : "false")
    case .null: add("null")
    case .tagged(let tag, let item): add("\(tag)(\(Hex.encode(item.encoded)))")
    }
  }
}

extension Values {
  /// Sets a text that the proofs prove; one of a row is found again by the row's number and its name.
  fileprivate mutating func put(_ name: String, _ text: String, of row: Int? = nil) {
    self[name] = .proven(text, name: Values.name(name, row))
  }

  /// Sets bytes that the proofs prove.
  fileprivate mutating func put(_ name: String, hash bytes: [UInt8], of row: Int? = nil) {
    self[name] = .hash(Hex.encode(bytes), name: Values.name(name, row))
  }

  /// Sets a time: by the ledger's clocks, as its readers', and in UTC.
  fileprivate mutating func put(
    _ name: String, time seconds: UInt64, _ clock: UTCOffset, of row: Int? = nil
  ) {
    put(name, VisibleText.time(seconds, clock), of: row)
    put("\(name).utc", Timestamp.text(seconds: seconds), of: row)
  }

  /// Sets a name in both languages; where there is one only it stands for both.
  fileprivate mutating func put(_ name: String, called: LocalizedName?, of row: Int? = nil) {
    put("\(name).zh", VisibleText.shown(called?.zh ?? called?.en ?? ""), of: row)
    put("\(name).en", VisibleText.shown(called?.en ?? called?.zh ?? ""), of: row)
  }

  private static func name(_ name: String, _ row: Int?) -> String { row.map { "\($0)-\(name)" } ?? name }
}

extension CertificateRow {
  /// The name of a kind: its content type without what all of ours share.
  static func kind(_ contentType: String) -> String {
    let (prefix, suffix) = ("application/vnd.zheng.", "+cbor")
    guard contentType.hasPrefix(prefix), contentType.hasSuffix(suffix) else { return contentType }
    return String(contentType.dropFirst(prefix.count).dropLast(suffix.count))
  }
}
