import Certificates
import Ledger
import LedgerCrypto
import Scenarios
import Statements
import Workflows

/// *证据*: an item as it stands, and everything that was said about it, in a line downwards.
extension Page {
  static let item = PageRoute(
    "item", of: "evidence", "An item of evidence: how it stands, and its custody, for people",
    shows: .records,
    [QueryParameter("id", .text(most: 400), "the item")]
  ) { page in
    guard let id = page.query.text("id") else { return .content(try page.nothing()) }
    guard try await page.ledger.value(Evidence.Item.key(id)) != nil else {
      return .content(try page.neverRecorded(id, "item"))
    }
    return .content(try await page.itemPage(id))
  }

  /// What stands where no `what`, an item or a request, is called `id`.
  func neverRecorded(_ id: String, _ what: String) throws -> PageContent {
    PageContent(
      status: .notFound, title: try text("answer.never"),
      body: try """
      <h1>\(shown(id))</h1>
      <div class="verdict none"><b>○ \(text("answer.never"))</b><p>\(both("find.never-\(what)", ["what": shown(id), "block": block(newest.height)]))</p></div>
      \(proof("absent", "state/\(what)/\(PercentEncoding.encode(id))"))
      """)
  }

  private func itemPage(_ id: String) async throws -> PageContent {
    let status = try await ItemStatus(id, on: ledger)
    let history = try await ItemHistory(of: id, on: ledger)
    let item = status.item
    let deposit = try await DepositRecord(of: item, on: ledger)
    let wasDisputed = history.events.contains { $0.other != nil || $0.what == "decline" }
    var chips = try chip(of: item)
    if wasDisputed, item.state != .disputed { chips += try chip(.bad, text("item.was-disputed")) }
    if !item.orders.isEmpty { chips += try chip(.warn, text("item.held")) }
    if status.pending != nil { chips += try chip(.warn, text("item.waiting")) }
    let events = try history.events.map { try event($0, status) }.reduce(into: HTML(trusted: "")) { $0 += $1 }
    let number = item.caseReference
    return PageContent(
      title: try shown(id),
      body: try """
      <p class="above">\(text("item.item")) · \(link("case", [("number", number)], shown(number)))</p>
      <h1>\(shown(id))</h1><p class="chips">\(chips)</p>
      \(disputes(status))
      <div class="two"><section class="card"><h2>\(text("item.now"))</h2>\(facts(now(item, deposit)))</section>
      <section class="card"><h2>\(text("item.fingerprint"))</h2>\(facts(fingerprint(item)))
      <p class="soft on-screen">\(text("item.check-hint", ["page": link("", [("number", id)], text("check.title"))]))</p></section></div>
      <h2>\(both("item.custody"))</h2>
      \(when(history.fault != nil, "<div class=\"verdict bad\"><b>✕ \(text("item.broken"))</b><p>\(both("item.broken-text"))</p></div>"))
      <ol class="line">\(events)</ol>
      \(next(status))
      <h2 class="on-screen">\(both("item.certificate"))</h2><p class="on-screen"><a class="button" href="certificate?id=\(PercentEncoding.encode(id))" download>\(text("item.certificate-get"))</a></p><p class="soft on-screen">\(text("item.certificate-hint"))</p>
      \(proof("records", "proof?item=\(PercentEncoding.encode(id))"))
      """)
  }

  /// An open dispute, with both values.
  private func disputes(_ status: ItemStatus) throws -> HTML {
    guard status.item.state == .disputed else { return "" }
    var rows: [(name: HTML, value: HTML)] = []
    if let other = status.other { rows = try differences(other) }
    return try """
    <div class="verdict bad"><b>✕ \(text("state.disputed"))</b><div><p>\(both(status.other == nil ? "item.declined" : "item.differs"))</p>\(rows.isEmpty ? "" : facts(rows))</div></div>
    """
  }

  private func differences(_ other: ReceivedOther) throws -> [(name: HTML, value: HTML)] {
    var rows: [(name: HTML, value: HTML)] = []
    if other.isDigestOther {
      rows.append((try text("item.received-digest"), try other.digest.map { hash($0) } ?? text("none")))
      rows.append((try text("item.deposited-digest"), try other.expected.map { hash($0) } ?? text("none")))
    }
    if other.isSealOther {
      rows.append((try text("item.received-seal"), try shown(other.seal)))
      rows.append(
        (try text("item.expected-seal"), try other.expectedSeal.map { try shown($0) } ?? text("none")))
    }
    return rows
  }

  private func now(_ item: Evidence.Item, _ deposit: DepositRecord) throws -> [(name: HTML, value: HTML)] {
    func proven(_ name: String, _ spelled: String, _ value: HTML) -> HTML {
      "<data data-field=\"\(name)\" value=\"\(spelled)\">\(value)</data>"
    }
    var rows: [(name: HTML, value: HTML)] = [
      (
        try text(item.state.isTerminal ? "item.last-custodian" : "item.custodian"),
        proven("custodian", item.custodian, try member(item.custodian))
      ),
      (
        try text("item.state"), proven("state", item.state.rawValue, try text("state.\(item.state.rawValue)"))
      ),
    ]
    if let receiver = item.receiver { rows.append((try text("item.offered-to"), try member(receiver))) }
    rows.append(
      (try text("member.seal"), try item.seal.map { proven("seal", $0, try shown($0)) } ?? text("none")))
    for order in item.orders {
      rows.append(
        (
          try text("item.order"),
          try "<span class=\"w\">△ \(shown(order.order))</span> · \(member(order.court))"
        ))
    }
    if item.orders.isEmpty { rows.append((try text("item.order"), try text("none"))) }
    rows += [
      (try text("item.deposited"), try "\(time(deposit.time)) · \(member(deposit.issuer))"),
      (try text("item.entries"), try text("item.entries-count", ["count": number(item.entries)])),
    ]
    return rows
  }

  private func fingerprint(_ item: Evidence.Item) throws -> [(name: HTML, value: HTML)] {
    var rows = try item.digests.elements.map { digest in
      (name: try text("member.digests.\(digest.algorithm.rawValue)"), value: hash(digest.bytes))
    }
    rows.append((try text("member.size"), try text("unit.bytes", ["count": number(item.size)])))
    if let manifest = item.manifest {
      rows.append((try text("member.manifest.files"), number(manifest.files)))
      rows.append(
        (try text("member.manifest.bytes"), try text("unit.bytes", ["count": number(manifest.bytes)])))
      rows.append((try text("member.manifest.root"), hash(manifest.root)))
    }
    return rows
  }

  /// One statement of the line.
  private func event(_ event: ItemHistory.Event, _ status: ItemStatus) throws -> HTML {
    let statement = try SignedStatement(decoding: ledger.reader.entry(event.index) ?? [])
    let isMove = event.what == "accept" && event.other == nil
    let isWrong = event.other != nil || event.what == "decline"
    let style = isWrong ? "wrong" : isMove ? "move" : event.isCustody ? "act" : "aside"
    var what: HTML = try
      "<p class=\"act\"><b>\(text(event.what == "countersign" ? "kind.countersign" : "kind.evidence.\(event.what)"))</b> · \(member(event.issuer))</p>"
    if isMove { what += try "<p>\(text("item.moved", ["to": member(event.issuer)]))</p>" }
    if let other = event.other {
      what += try "<p class=\"b\">\(text("item.mismatch"))</p>\(facts(differences(other)))"
    }
    if let waits = event.waits {
      what += try
        "<p>\(chip(waits == .waiting ? .warn : waits == .completed ? .good : .none, text("pending.\(waits.rawValue)")))</p>"
    }
    let said =
      try payloadFacts(
        statement.payload, type: statement.contentType,
        but: [
          "previous", "digests.sha-256", "case", "occurred", "manifest.root", "manifest.files",
          "manifest.bytes",
        ]) ?? []
    if !said.isEmpty { what += try facts(said) }
    if let occurred = event.occurred, let lag = event.lag, lag >= 60 {
      what += try "<p class=\"soft\">\(text("item.occurred", ["time": time(occurred * 1000)]))</p>"
    }
    for correction in event.corrections {
      what += try
        "<p class=\"w\">△ \(text("item.corrected", ["what": shown(correction.what), "record": record(correction.index)]))</p>"
    }
    what += try "<p class=\"soft\">\(record(event.index)) · \(block(event.block))</p>"
    return try """
    <li class="\(style)" data-entry="\(event.index)" data-id="\(event.id.hex)"><div class="when">\(time(event.time))</div><span class="dot"></span><div class="what">\(what)</div></li>
    """
  }

  private func next(_ status: ItemStatus) throws -> HTML {
    guard !status.steps.isEmpty else { return "" }
    var html: HTML = try "<h2>\(both("item.next"))</h2><ul>"
    for step in status.steps {
      let who = try joined(step.who.map { try member($0) })
      html += try
        "<li>\(text("item.step", ["what": text(step.isCountersignature ? "kind.countersign" : "kind.evidence.\(step.kind.rawValue)"), "who": who]))</li>"
    }
    return html + "</ul>"
  }
}
