import TransparencyLog

/// What a person reads, from the top of the page to the table of custody.
extension CertificatePage {
  mutating func addSections() {
    title()
    identity()
    deposit()
    time()
    signers()
    sentence()
    custody()
    addChecks()
  }

  private mutating func title() {
    let code = QRCode("zheng:\(certificate.ledger.hex):\(certificate.deposit.statement.id.hex)")
    let side = code.size + 8
    add(
      "title",
      """
      <header>
      <div><h1>存证证书<small lang="en">Certificate of deposit</small></h1>
      <p class="origin">\(value("origin"))</p></div>
      <svg class="qr" viewBox="0 0 \(side) \(side)" role="img" aria-label="二维码 QR code"><path class="light" d="M0 0h\(side)v\(side)H0z"/><path d="\(code.path)"/></svg>
      </header>
      <main>

      """)
  }

  private mutating func identity() {
    add("number", "<table class=\"facts\">\n\(row("证书编号", "Certificate number", value("number")))")
    add(
      "ledger",
      row("账本编号", "Ledger id", value("ledger")) + row("存证陈述编号", "Statement id", value("1-statement")))
    add(
      "depositor",
      row("存证人", "Depositor", "<b>\(value("1-name"))</b> (\(value("1-issuer")))"))
    add("case", !values.paths[0].contains("case") ? "" : row("案号", "Case", value("1-p.case")))
    add("item", row("检材编号", "Item", value("1-item")))
  }

  private mutating func deposit() {
    let paths = values.paths[0]
    var digests: HTML = ""
    for path in paths where path.hasPrefix("digests.") { digests += member(1, path) }
    add("digests", digests)
    var size: HTML = ""
    if paths.contains("size") { size = row("大小", "Size", "\(value("1-p.size")) 字节 bytes") }
    for path in paths where path.hasPrefix("manifest.") { size += member(1, path) }
    add("size", size + "</table>\n" + directoryNote)
    var claims: HTML = ""
    for path in paths
    where path != "case" && path != "size" && !path.hasPrefix("digests.") && !path.hasPrefix("manifest.") {
      claims += member(1, path)
    }
    add(
      "claims",
      """
      <h2>\(label(Bilingual("关于提取的自述", "Claims on collection")))</h2>
      \(paragraphs("以下为存证人的自述，账本不证明其属实。", "The depositor's own claims; the ledger does not prove that they are true."))
      <table class="facts">
      \(claims)</table>

      """)
    add("corrections", corrections())
  }

  /// What the digests are of, where a directory was deposited.
  private var directoryNote: HTML {
    guard certificate.deposit.payload["manifest"] != nil else { return "" }
    return paragraphs(
      "存证的是一个目录：上述摘要与大小是其清单文件的。清单中每个文件都可用 zheng evidence check 核验。",
      "A directory was deposited: digests and size are those of its manifest file. Each file that it lists is checked with zheng evidence check."
    )
  }

  /// Corrections of the deposit, beside it.
  private func corrections() -> HTML {
    let rows = certificate.rows.filter { $0.kind == "evidence.correct" && $0.about == 1 }
    guard !rows.isEmpty else { return "" }
    let notes = rows.map { row -> HTML in
      """
      <tr><th>\(label(Bilingual("第 \(row.number) 行", "Row \(row.number)")))</th><td>\(text(row, "what"))\
      <small>\(text(row, "why"))</small></td></tr>

      """
    }
    return """
      <div class="correction"><h3>\(label(Bilingual("对存证陈述的更正（原文不变）", "Corrections of the deposit (the original stays)")))</h3>
      <table class="facts">
      \(notes)</table></div>

      """
  }

  private func text(_ row: CertificateRow, _ key: String) -> HTML {
    guard case .text? = row.payload[key] else { return "–" }
    return value("\(row.number)-p.\(key)")
  }

  /// A member of row `number`'s payload.
  private func member(_ number: Int, _ path: String) -> HTML {
    let label = CertificateWords.label(path)
    let shown = values["\(number)-p.\(path)"]
    let word = CertificateWords.values[shown].map { zh -> HTML in " \(zh)" }
    return row(label.zh, label.en, value("\(number)-p.\(path)") + (word ?? ""))
  }

  // MARK: When, and by whose word

  /// By whose word the times hold.
  private var word: Bilingual {
    let verdict = certificate.deposit.proven.verdict
    guard certificate.policy.quorum != nil else {
      return Bilingual("策略不要求见证签名，故不证明任何时间", "the policy asks for no cosignature, so no time is proven")
    }
    let validators = certificate.policy.validators
    let all = certificate.policy.witnesses.map(\.name) + certificate.policy.absent.map(\.name)
    if all.count == 1, validators.count == 1 {
      return Bilingual(
        "这是运营者自己的说法：验证者只有一个", "by the operator's own word: there is one validator only")
    }
    var parts: [Bilingual] = []
    for (zh, en, isValidator) in [("验证者", "validators", true), ("见证者", "witnesses", false)] {
      let count = all.count { validators.contains($0) == isValidator }
      let signed = verdict.witnesses.count { validators.contains($0.name) == isValidator }
      if count > 0 { parts.append(Bilingual("\(count) 个\(zh)中 \(signed) 个", "\(signed) of \(count) \(en)")) }
    }
    return Bilingual(
      "以 \(parts.map(\.zh).joined(separator: "、"))的签名为据",
      "by the word of \(parts.map(\.en).joined(separator: " and "))")
  }

  private mutating func time() {
    let witnesses = certificate.deposit.proven.verdict.witnesses.indices.map { place -> HTML in
      "<div>\(value("1-witness.\(place + 1)")): \(value("1-witness-time.\(place + 1)"))</div>"
    }
    add(
      "time",
      """
      <h2>\(label(Bilingual("时间", "Time")))</h2>
      <table class="facts">
      \(row("区块", "Block", value("1-block")))\
      \(row("账本时间", "Ledger time", "\(value("1-block-time"))<small>出块者的说法 by the word of the block's proposer</small>"))\
      \(row("存在不晚于 (T)", "Existed no later than (T)", "<b>\(value("1-bound"))</b><small>\(word.both)</small>\(witnesses)"))</table>

      """)
  }

  private mutating func signers() {
    let validators = certificate.policy.validators
    func names(_ isValidator: Bool) -> String {
      certificate.deposit.proven.verdict.witnesses.filter { validators.contains($0.name) == isValidator }
        .map { VisibleText.shown($0.name.description) }.joined(separator: ", ")
    }
    let witnesses = names(false)
    add(
      "signers",
      """
      <h2>\(label(Bilingual("谁签了名", "Who signed")))</h2>
      <table class="facts">
      \(row("存证人", "Depositor", "\(value("1-algorithm")) \(value("1-key"))<small>该密钥当时有效，以验证者的签名为据 a key in force then, by the validators' word; 自述签署于 says it signed at \(value("1-issued"))</small>"))\
      \(row("日志", "Log", "\(VisibleText.shown(certificate.deposit.proven.verdict.log.name)): 第 \(value("1-index")) 条 entry, 检查点 checkpoint \(value("1-checkpoint")), 根 root \(value("1-root"))"))\
      \(row("验证者", "Validators", "\(names(true).isEmpty ? "–" : names(true))"))\
      \(witnesses.isEmpty ? "" : row("见证者", "Witnesses", "\(witnesses)"))</table>

      """)
  }

  private mutating func sentence() {
    let isTimed = certificate.deposit.proven.verdict.time != nil
    let zh: HTML =
      isTimed
      ? "<b>自存证以来未被改变，存证不晚于 \(values["1-bound"])</b>（\(word.zh)）。凡 SHA-256 摘要与上文相同的文件，即逐比特为 \(values["1-name"]) 所存证的文件。"
      : "<b>自存证以来未被改变；存证时间未证明</b>（\(word.zh)）。凡 SHA-256 摘要与上文相同的文件，即逐比特为 \(values["1-name"]) 所存证的文件。"
    let en: HTML =
      isTimed
      ? "<b>Unchanged since its deposit, no later than \(values["1-bound"])</b> (\(word.en)). A file with the SHA-256 above is, bit for bit, the one that \(values["1-name"]) deposited."
      : "<b>Unchanged since its deposit, at a time that is not proven</b> (\(word.en)). A file with the SHA-256 above is, bit for bit, the one that \(values["1-name"]) deposited."
    add(
      "proven",
      """
      <h2>\(label(Bilingual("证明了什么", "What is proven")))</h2>
      \(paragraphs(zh, en, class: "two proven"))\
      <h2>\(label(Bilingual("没有证明什么", "What is not proven")))</h2>
      \(paragraphs(
        "不证明内容属实、由谁制作、如何取得，也不证明存证之前未被改动；关于提取、地点与人员的记载均为签署者的自述。",
        "Not that the content is true, who made it or how it was obtained, nor that it was unchanged before its deposit. What is said of collection, places and people is the signers' own claim."
      ))
      """)
  }

  // MARK: Custody

  private mutating func custody() {
    add(
      "custody",
      """
      <h2>\(label(Bilingual("保管流转", "Custody")))</h2>
      <table class="custody">
      <thead><tr><th>#</th><th>\(label(Bilingual("事项", "What")))</th><th>\(label(Bilingual("签署者", "By")))</th>\
      <th>\(label(Bilingual("内容", "Particulars")))</th><th>\(label(Bilingual("此后保管人与状态", "Custodian and state after it")))</th></tr></thead>

      """)
    for row in certificate.rows { add("custody-row-\(row.number)", custodyRow(row)) }
    add(
      "custody-end",
      """
      </table>
      \(paragraphs(
        "以上各行均逐条附有证明，并由“上一条”逐条相接。<b>没有其他各行</b>，则<b>无人担保</b>：出具者截至区块 \(value("as-of-block"))（\(value("as-of-time"))，不晚于 \(value("as-of-bound"))）列出以上各行，其后经手者可能删去更正、保全等行或最后几行，本证书无法证明其完整。",
        "Every row is proven on its own, and each custody entry names the one before it. That <b>there are no others</b>, <b>nobody vouches for</b>: whoever made this certificate listed these as of block \(values["as-of-block"]), and whoever passed it on could have left out rows, such as a hold, a correction or the newest."
      ))
      """)
  }

  private func custodyRow(_ row: CertificateRow) -> HTML {
    let n = row.number
    let details =
      n == 1
      ? HTML(stringLiteral: "见上文 as above")
      : HTML(
        trusted: values.paths[n - 1].filter { $0 != "previous" }.map { path in
          let label = CertificateWords.label(path)
          let item: HTML = "<div><i>\(label.both)</i> \(value("\(n)-p.\(path)"))</div>"
          return item.text
        }.joined())
    let previous: HTML =
      values.paths[n - 1].contains("previous")
      ? "<div class=\"id\"><i>上一条 Follows</i> \(value("\(n)-p.previous"))</div>" : ""
    let about: HTML =
      switch (row.kind, row.about) {
      case ("evidence.correct", let number?):
        "<div class=\"note\">更正第 \(number) 行 corrects row \(number)</div>"
      case (_, let number?): "<div class=\"note\">会签第 \(number) 行 countersigns row \(number)</div>"
      default: ""
      }
    let corrected = certificate.rows.filter { $0.kind == "evidence.correct" && $0.about == n }.map {
      row -> HTML in
      "<div class=\"note\">见第 \(row.number) 行的更正 corrected by row \(row.number): \(row.payloadText("what"))</div>"
    }
    let differs: HTML =
      row.differs.isEmpty
      ? ""
      : "<div class=\"note\">不符：所收\(row.differs.map(\.zh).joined(separator: "、"))与存证不同 MISMATCH: the \(row.differs.map(\.en).joined(separator: " and ")) received is not the item's</div>"
    let waits: HTML =
      ["evidence.release", "evidence.resolve"].contains(row.kind)
        && !certificate.rows.contains { $0.kind == "countersign" && $0.about == n }
      ? "<div class=\"note\">尚无会签，不生效 not countersigned, without effect</div>" : ""
    let words: HTML = CertificateWords.kinds[row.kind] == nil ? "" : "<b>\(value("\(n)-kind-words"))</b> "
    let state = CertificateWords.values[row.state].map { zh -> HTML in " \(zh)" } ?? ""
    let item: HTML = n == 1 ? "" : "检材 item \(value("\(n)-item")); "
    return """
      <tbody><tr><td>\(n)</td><td>\(words)\(value("\(n)-kind"))<div class="id">\(value("\(n)-statement"))</div></td>\
      <td>\(value("\(n)-name")) (\(value("\(n)-issuer")))\
      <div class="id">\(value("\(n)-algorithm")) \(value("\(n)-key"))</div></td>\
      <td>\(details)\(previous)\(differs)\(about)\(corrected)\(waits)</td>\
      <td>\(value("\(n)-custodian"))<div>\(value("\(n)-state"))\(state)</div></td></tr>
      <tr class="times"><td></td><td colspan="4">\(item)\
      区块 block \(value("\(n)-block")), 第 \(value("\(n)-index")) 条 entry; 账本时间 ledger time \(value("\(n)-block-time")); \
      <b>不晚于 no later than \(value("\(n)-bound"))</b>; 自述 said at \(value("\(n)-issued"))\(rest(row))</td></tr></tbody>

      """
  }

  /// What proves the row: the checkpoint and its witnesses.
  private func rest(_ row: CertificateRow) -> HTML {
    guard row.number > 1 else { return "" }
    let n = row.number
    let witnesses = row.proven.verdict.witnesses.indices.map { place -> HTML in
      "; \(value("\(n)-witness.\(place + 1)")) \(value("\(n)-witness-time.\(place + 1)"))"
    }
    return
      "<div class=\"id\">检查点 checkpoint \(value("\(n)-checkpoint")), 根 root \(value("\(n)-root"))\(witnesses)</div>"
  }
}

extension CertificateRow {
  /// A text of the payload as it is shown.
  func payloadText(_ key: String) -> String {
    guard case .text(let text)? = payload[key] else { return "–" }
    return VisibleText.shown(text)
  }
}
