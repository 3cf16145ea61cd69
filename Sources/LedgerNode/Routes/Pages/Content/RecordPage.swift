import Certificates
import Ledger
import LedgerCrypto
import LedgerStore
import Statements
import TransparencyLog
import Workflows

/// *记录*: one record, each field with what it means, its bytes, and its way to the signed root.
extension Page {
  static let record = PageRoute(
    "record", of: "overview", "A record with all its fields and its proof, for people", shows: .records,
    [QueryParameter("entry", .number, "the index of the entry")]
  ) { page in
    guard let index = page.query.number("entry"), index < page.ledger.size else {
      return .content(try page.nothing())
    }
    return .content(try await page.recordPage(index))
  }

  private func recordPage(_ index: UInt64) async throws -> PageContent {
    let entry = try await LedgerEntry(index, on: ledger)
    let statement = entry.statement
    guard let claims = statement.claims else {
      return try await blockPage(entry.block.height)
    }
    let title = try text("record.title", ["entry": "\(index)"])
    let payload = statement.payload
    let proof = try await ledger.proof(of: index, atHead: false)
    let said = try payloadFacts(payload, type: statement.contentType, isExplained: true) ?? []
    return PageContent(
      title: title,
      body: try """
      <p class="above">\(block(entry.block.height))</p><h1>\(kind(statement.contentType)) · \(title)\(inOther("record.title", ["entry": "\(index)"]))</h1>
      <p class="lead">\(member(claims.issuer)) · \(time(entry.block.time))\(about(claims.subject, statement.contentType))</p>
      \(said.isEmpty ? plain(payload, statement.contentType) : "<section class=\"card\"><h2>\(text("record.says"))</h2>\(facts(said))</section>")
      <h2>\(both("record.fields"))</h2><div class="card">\(facts(fields(entry, claims)))</div>
      <h2>\(both("record.path"))</h2><p class="soft">\(text("record.path-hint", ["count": "\(proof.proof.path.count)", "size": number(entry.block.size)]))</p>
      \(drawn(proof.proof.path, index, entry.block.size))
      <details><summary>\(text("record.path-hashes"))</summary>\(hashes(proof.proof.path))</details>
      <details><summary>\(text("record.diagnostic"))</summary><pre tabindex="0">\(diagnostic(statement))</pre></details>
      \(self.proof("record", "proof/\(index)"))
      """)
  }

  /// What it is about, with a link where there is a page of it.
  private func about(_ subject: String?, _ type: String) throws -> HTML {
    guard let subject else { return "" }
    let name = Page.kindName(type)
    let html = try name.hasPrefix("evidence.") ? item(subject) : shown(subject)
    return try " · \(text("record.about", ["subject": html]))"
  }

  func plain(_ payload: [UInt8], _ type: String) throws -> HTML {
    let preview = PayloadPreview(payload, type: type, lines: 24, rest: "…")
    // Each line of a terminal's begins with a bar.
    let lines = Printable.lines(of: preview.text).map {
      $0.hasPrefix("| ") ? String($0.dropFirst(2)) : String($0)
    }
    return try """
    <section class="card"><h2>\(text("record.content"))</h2><p class="soft">\(shown(type)) · \(text("unit.bytes", ["count": number(UInt64(payload.count))]))</p>
    <pre tabindex="0">\(lines.joined(separator: "\n"))</pre></section>
    """
  }

  /// Each field of the entry with what it means.
  private func fields(_ entry: LedgerEntry, _ claims: Claims) throws -> [(name: HTML, value: HTML)] {
    let statement = entry.statement
    func row(_ key: String, _ value: HTML, field: String? = nil, is spelled: String = "") throws -> (
      name: HTML, value: HTML
    ) {
      let shown: HTML =
        field.map { "<data data-field=\"\($0)\" value=\"\(spelled)\">\(value)</data>" } ?? value
      return (
        try text("record.\(key)"), try "\(shown)<span class=\"meaning\">\(text("record.\(key)-means"))</span>"
      )
    }
    var rows = [
      try row("entry", number(entry.index), field: "entry", is: "\(entry.index)"),
      try row("id", hash(statement.id), field: "id", is: statement.id.hex),
      try row("kind", shown(statement.contentType), field: "kind", is: Page.kindName(statement.contentType)),
      try row("issuer", shown(claims.issuer), field: "issuer", is: claims.issuer),
      try row("issued", time(claims.issuedAt * 1000)),
      try row("block", block(entry.block.height), field: "block", is: "\(entry.block.height)"),
      try row("block-time", time(entry.block.time)),
    ]
    if let expires = claims.expiresAt { rows.append(try row("expires", time(expires * 1000))) }
    rows += [
      try row("nonce", hash(claims.tokenID)),
      try row("algorithm", "\(statement.algorithm == .es256 ? "ES256" : "Ed25519")"),
      try row("key", hash(statement.keyID), field: "kid", is: statement.keyID.hex),
      try row(
        "payload", hash(SHA256.digest(of: statement.payload)), field: "payload",
        is: SHA256.digest(of: statement.payload).hex),
      try row(
        "signature", hash(statement.signature), field: "signature", is: Hex.encode(statement.signature)),
    ]
    return rows
  }

  /// An entry in CBOR diagnostic notation (RFC 8949 §8), what is encoded in it too.
  func diagnostic(_ statement: SignedStatement) throws -> HTML {
    guard case .tagged(let tag, .array(let parts)) = try CBOR(decoding: statement.entry), parts.count == 4
    else {
      throw PageTexts.Missing(description: "an entry that is no COSE_Sign1")
    }
    var lines = ["\(tag)(["]
    for (number, part) in parts.enumerated() {
      var text = PayloadPreview.diagnostic(part)
      if case .bytes(let bytes) = part,
        number == 0 || number == 2 && statement.contentType.hasSuffix("+cbor"),
        let inner = decoded(bytes)
      {
        text = "<< \(PayloadPreview.diagnostic(inner, isOutermost: true)) >>"
      }
      lines.append(
        "  / \(["protected", "unprotected", "payload", "signature"][number]) / \(text)\(number < 3 ? "," : "")"
      )
    }
    lines.append("])")
    return "\(Printable.text(lines.joined(separator: "\n"), keepingNewlines: true))"
  }

  private func decoded(_ bytes: [UInt8]) -> CBOR? {
    do { return try CBOR(decoding: bytes) } catch { return nil }
  }

  func hashes(_ path: [Digest]) throws -> HTML {
    guard !path.isEmpty else { return try "<p>\(text("record.path-none"))</p>" }
    var html: HTML = "<ol>"
    for hash in path { html += "<li>\(self.hash(hash))</li>" }
    return html + "</ol>"
  }

  /// The way from a leaf to the root: at each step the hash that is given beside it, and whether that stands left or right.
  func drawn(_ path: [Digest], _ index: UInt64, _ size: UInt64) throws -> HTML {
    let step = 64
    let height = (path.count + 1) * step + 20
    var (fn, sn) = (index, size - 1)
    var html: HTML = try """
    <svg viewBox="0 0 640 \(height)" width="640" height="\(height)" role="img" aria-label="\(text("record.path-drawn", ["count": "\(path.count)"]))">
    """
    func box(_ x: Int, _ y: Int, _ words: HTML, _ colour: String) -> HTML {
      """
      <rect x="\(x - 95)" y="\(y - 17)" width="190" height="34" rx="6" fill="#fffefb" stroke="\(colour)" stroke-width="1.5"/>
      <text x="\(x)" y="\(y + 5)" text-anchor="middle" font-size="14">\(words)</text>
      """
    }
    var y = height - 30
    var boxes = box(320, y, try text("record.path-leaf", ["entry": "\(index)"]), "#9a1c20")
    for hash in path {
      let isLeft = fn & 1 == 1 || fn == sn
      if isLeft {
        while fn & 1 == 0, fn != 0 { (fn, sn) = (fn >> 1, sn >> 1) }
      }
      (fn, sn) = (fn >> 1, sn >> 1)
      let x = isLeft ? 110 : 530
      html += """
        <path d="M320 \(y) V\(y - step) M\(x) \(y) V\(y - step + 24) Q\(x) \(y - step) \(x + (isLeft ? 24 : -24)) \(y - step) H320" fill="none" stroke="#a8a294" stroke-width="1.5"/>
        """
      boxes += box(
        x, y, "\(String(hash.hex.prefix(4))) \(String(hash.hex.dropFirst(4).prefix(4))) …", "#a8a294")
      y -= step
      let isRoot = y <= step
      boxes += box(320, y, isRoot ? try text("record.path-root") : "SHA-256", isRoot ? "#22614a" : "#a8a294")
    }
    return html + boxes + "</svg>"
  }
}
