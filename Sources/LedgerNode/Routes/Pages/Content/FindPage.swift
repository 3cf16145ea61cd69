import Certificates
import Hummingbird
import Ledger
import LedgerCrypto
import LedgerStore
import Scenarios
import Workflows

/// What the one search box finds: whatever somebody has in hand.
extension Page {
  static let find = PageRoute(
    "find",
    "Looks for a digest, an item, a case, a request, a certificate's number, a member, a block or an entry",
    shows: .records, [QueryParameter("q", .text(most: 1200), "what is looked for")]
  ) { page in
    guard let asked = page.query.text("q") else { return .content(try page.foundPage("", [])) }
    // A browser's form writes a blank as +.
    let wanted = asked.replacing("+", with: " ").trimmed
    let hits = wanted.isEmpty ? [] : try await page.hits(wanted)
    // What is found once, and proven, is shown at once.
    if hits.count == 1, hits[0].isProven {
      return .answer(
        Answer(
          .seeOther, "text/plain; charset=utf-8", .none, [],
          headers: [.location: page.address(hits[0].path, hits[0].query)]))
    }
    return .content(try page.foundPage(wanted, hits))
  }

  /// Something that was found.
  struct Hit {
    let path: String
    let query: [(String, String)]
    let what: String
    let name: String
    /// Whether the state proves it; else it is by the node's word.
    var isProven = true
  }

  /// Everything that `wanted` may mean.
  fileprivate func hits(_ wanted: String) async throws -> [Hit] {
    var hits: [Hit] = []
    let digits = wanted.lowercased().filter { !$0.isWhitespace }
    if let digest = Digest(hex: digits) {
      if try await ledger.value(.digest(digest)) != nil {
        hits.append(Hit(path: "digest", query: [("sha256", digits)], what: "find.digest", name: digits))
      }
      if let index = try await ledger.entryIndex(of: digest) {
        hits.append(
          Hit(path: "record", query: [("entry", "\(index)")], what: "find.record", name: "\(index)"))
      }
      return hits
    }
    if let number = Query.number(wanted) {
      if number < state.height {
        hits.append(Hit(path: "block", query: [("height", wanted)], what: "find.block", name: wanted))
      }
      if number < ledger.size {
        hits.append(Hit(path: "record", query: [("entry", wanted)], what: "find.record", name: wanted))
      }
    }
    if try await ledger.value(Evidence.Item.key(wanted)) != nil {
      hits.append(Hit(path: "item", query: [("id", wanted)], what: "find.item", name: wanted))
    }
    if try await ledger.value(RequestRecord.key(wanted)) != nil {
      hits.append(Hit(path: "request", query: [("id", wanted)], what: "find.request", name: wanted))
    }
    if hits.isEmpty { hits += try await records(about: wanted) }
    if state.roster.member(wanted) != nil {
      hits.append(
        Hit(path: "organisations", query: [("member", wanted)], what: "find.member", name: wanted))
    }
    if wanted.uppercased().hasPrefix("ZC-"), let item = try await certified(wanted.uppercased()) {
      hits.append(
        Hit(path: "item", query: [("id", item)], what: "find.certificate", name: item, isProven: false))
    }
    if hits.isEmpty { hits += try await cases(wanted) }
    return hits
  }

  /// The most records about a subject that are shown.
  private static let mostRecords = 100

  /// The records about the subject `wanted`, whoever owns it.
  private func records(about wanted: String) async throws -> [Hit] {
    var hits: [Hit] = []
    for key in StateQuery.subject(wanted).keys {
      for index in try await ledger.records(listedAt: key).prefix(Page.mostRecords) {
        hits.append(
          Hit(path: "record", query: [("entry", "\(index)")], what: "find.record", name: "\(index)"))
      }
    }
    return hits
  }

  /// Where the state shows that nothing has the name `wanted`.
  private func absences(_ wanted: String) -> String {
    let name = PercentEncoding.encode(wanted)
    let subjects = StateQuery.owners.map { "subject/\($0)/\(name)" }
    return (["item/\(name)", "request/\(name)"] + subjects).map { "state/\($0)" }.joined(separator: " ")
  }

  /// The item whose certificate as of some block had this number: ZC, then what the ids of the ledger and of the deposit begin with, the
  /// height of the block, and what the SHA-256 over the ids of the rows begins with.
  private func certified(_ number: String) async throws -> String? {
    let parts = number.split(separator: "-", omittingEmptySubsequences: false)
    guard parts.count == 5, parts[1].count == 8, parts[2].count == 16, parts[4].count == 8,
      state.ledgerID.hex.uppercased().hasPrefix(parts[1]), let height = Query.number(String(parts[3])),
      height < state.height
    else { return nil }
    for (key, value) in try await ledger.values(under: StateKey("evidence", "item")) {
      guard let id = key.parts.last,
        try Evidence.Item(decoding: value).deposit.hex.uppercased().hasPrefix(parts[2])
      else { continue }
      var ids: [UInt8] = []
      for index in try await ledger.records(listedAt: .subject(id, of: Evidence.scenario.name))
      where try await ledger.block(of: index).height <= height {
        ids += try await ledger.statement(index).id.bytes
      }
      return SHA256.digest(of: ids).hex.uppercased().hasPrefix(parts[4]) ? id : nil
    }
    return nil
  }

  private func cases(_ wanted: String) async throws -> [Hit] {
    var query = ItemQuery()
    (query.caseReference, query.limit) = (wanted, 1)
    var found: Hit?
    try await ledger.eachItem(query) { item in
      found = Hit(
        path: "case", query: [("number", item.item.caseReference)], what: "find.case",
        name: item.item.caseReference, isProven: false)
    }
    return found.map { [$0] } ?? []
  }

  fileprivate func foundPage(_ wanted: String, _ hits: [Hit]) throws -> PageContent {
    var body: HTML = try "<h1>\(both("find.title"))</h1>"
    if wanted.isEmpty {
      body += try "<p class=\"lead\">\(both("find.empty"))</p>"
    } else if hits.isEmpty {
      let digits = wanted.lowercased().filter { !$0.isWhitespace }
      let isDigest = Digest(hex: digits) != nil
      body += try """
      <div class="verdict none"><b>○ \(text("answer.never"))</b><p>\(both(isDigest ? "find.never-digest" : "find.never", ["what": shown(wanted), "block": block(newest.height)]))</p></div>
      \(proof("absent", isDigest ? "state/digest/\(digits) state/statement/\(digits)" : absences(wanted)))
      """
      if isDigest { body += try "<p>\(text("find.manifest"))</p>" }
    } else {
      body += try
        "<p class=\"lead\">\(both("find.several", ["what": shown(wanted)]))</p><ul class=\"search-hits\">"
      for hit in hits {
        body += try "<li>\(text(hit.what)) \(link(hit.path, hit.query, shown(hit.name)))"
        if !hit.isProven { body += try " <span class=\"soft\">\(text("find.by-word"))</span>" }
        body += "</li>"
      }
      body += "</ul>"
    }
    return PageContent(title: try text("find.title"), body: body)
  }
}

extension String {
  var trimmed: String {
    String(drop(while: \.isWhitespace).reversed().drop(while: \.isWhitespace).reversed())
  }
}
