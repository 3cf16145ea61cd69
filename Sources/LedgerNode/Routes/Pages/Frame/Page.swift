import Certificates
import Hummingbird
import Ledger
import LedgerClient
import LedgerCrypto
import Scenarios
import TransparencyLog
import Workflows

/// What a page is made with: the ledger as it stands, the language, and what was asked for.
///
/// All texts come from `PageTexts`, all values are escaped by their type, and what is missing is an error.
struct Page {
  let route: PageRoute
  let language: Language
  /// Whether the address says which language, so that links keep it.
  let keepsLanguage: Bool
  let query: Query
  let ledger: DirectoryLedger
  /// The ledger after its newest block.
  let state: LedgerState
  let newest: BlockPlace
  /// The wall clock, in ms since the epoch.
  let now: UInt64
  /// What a person types, where the operator says so.
  let commands: NodeSettings.Commands?
  /// The audits that people asked for.
  let audits: NodeAudits.Standing
  /// The member whose token came with the request, where members read.
  let member: String?
  /// What a form sent.
  let form: FormBody
  /// How the validators are doing, where this node is one of several.
  let consensus: NodeConsensus?

  /// The text called `key`.
  func text(_ key: String, _ values: [String: HTML] = [:]) throws -> HTML {
    try PageTexts.text(key, language, values)
  }

  /// The text called `key`, and below it, smaller, in the other language.
  func both(_ key: String, _ values: [String: HTML] = [:]) throws -> HTML {
    try "\(text(key, values))\(inOther(key, values))"
  }

  /// The text called `key` in the other language, smaller, on a line of its own.
  func inOther(_ key: String, _ values: [String: HTML] = [:]) throws -> HTML {
    let other = language.other
    return try "<span class=\"other\" lang=\"\(other.tag)\">\(PageTexts.text(key, other, values))</span>"
  }

  // MARK: Values

  /// A text from outside, in which nothing is hidden.
  ///
  /// - Throws: `PageTexts.Missing`, for an empty one.
  func shown(_ value: String) throws -> HTML {
    guard !value.isEmpty else { throw PageTexts.Missing(description: "a value is empty") }
    return "<span class=\"value\">\(Printable.text(value))</span>"
  }

  /// What a name of the roster is in this language, or in the other where it has only that.
  func shown(_ name: LocalizedName) throws -> HTML {
    let (own, other) = language == .zh ? (name.zh, name.en) : (name.en, name.zh)
    if let own { return try shown(own) }
    return try "<span lang=\"\(language.other.tag)\">\(shown(other ?? ""))</span>"
  }

  /// What the member `id` is called, with a link to where it stands among the members.
  func member(_ id: String) throws -> HTML {
    guard let member = state.roster.member(id) else { return try shown(id) }
    return try link("organisations", [("member", id)], shown(member.name))
  }

  /// Bytes in groups of four digits, which copy as one; with `isShort` the first four of them.
  func hash(_ bytes: [UInt8], isShort: Bool = false) -> HTML { Page.groups(bytes, isShort: isShort) }

  static func groups(_ bytes: [UInt8], isShort: Bool = false) -> HTML {
    let digits = Array(Hex.encode(bytes).utf8)
    var html: HTML = isShort ? "<span class=\"hash short\">" : "<span class=\"hash\">"
    for start in stride(from: 0, to: isShort ? min(16, digits.count) : digits.count, by: 4) {
      html += "<i>\(String(decoding: digits[start..<min(start + 4, digits.count)], as: UTF8.self))</i>"
    }
    return html + (isShort && digits.count > 16 ? "…</span>" : "</span>")
  }

  func hash(_ digest: Digest, isShort: Bool = false) -> HTML { hash(digest.bytes, isShort: isShort) }

  /// How far the ledger's clocks are ahead of UTC.
  private var offset: UTCOffset { state.roster.terms.parameters.utcOffset }

  /// What the ledger's clocks are called.
  func clock() throws -> HTML {
    guard offset != .standard else { return try text("clock.beijing") }
    return "\(offset.description)"
  }

  /// The day on which a moment falls, by the ledger's clocks.
  func civil(_ milliseconds: UInt64) -> CivilDate { CivilDate(at: milliseconds, offset) }

  /// A moment in ms since the epoch, as the ledger's clocks have it.
  func time(_ milliseconds: UInt64, isShort: Bool = false) throws -> HTML {
    let date = civil(milliseconds)
    let second = (milliseconds - min(milliseconds, date.start(offset))) / 1000 % 86_400
    let clock = [second / 3600, second / 60 % 60, second % 60].map { $0 < 10 ? "0\($0)" : String($0) }
      .joined(separator: ":")
    let text = isShort ? clock : "\(day(date)) \(clock)"
    return "<time datetime=\"\(Timestamp.text(milliseconds: milliseconds))\">\(text)</time>"
  }

  /// A day, in full.
  func day(_ date: CivilDate) -> String {
    let parts = date.description.split(separator: "-").compactMap { Int($0) }
    guard language == .en else { return "\(parts[0])年\(parts[1])月\(parts[2])日" }
    let months = [
      "January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
      "November", "December",
    ]
    return "\(parts[2]) \(months[parts[1] - 1]) \(parts[0])"
  }

  /// A number with its thousands apart.
  func number(_ value: UInt64) -> HTML {
    var groups: [String] = []
    var rest = value
    while rest >= 1000 {
      let group = String(rest % 1000)
      groups.append(String(repeating: "0", count: 3 - group.count) + group)
      rest /= 1000
    }
    return "\(([String(rest)] + groups.reversed()).joined(separator: "\u{202f}"))"
  }

  // MARK: Links

  /// The address of a page of this node, with the language where this page's address has one.
  func address(_ path: String, _ query: [(String, String)] = [], language asked: Language? = nil) -> String {
    let language = asked ?? (keepsLanguage ? language : nil)
    let pairs = query + (language.map { [("lang", $0.rawValue)] } ?? [])
    let all = pairs.map { "\($0.0)=\(PercentEncoding.encode($0.1))" }.joined(separator: "&")
    return (path.isEmpty ? "./" : path) + (all.isEmpty ? "" : "?\(all)")
  }

  func link(_ path: String, _ query: [(String, String)] = [], _ text: HTML) -> HTML {
    "<a href=\"\(address(path, query))\">\(text)</a>"
  }

  func record(_ index: UInt64) throws -> HTML {
    link("record", [("entry", String(index))], try text("link.record", ["entry": "\(index)"]))
  }

  func block(_ height: UInt64) throws -> HTML {
    link("block", [("height", String(height))], try text("link.block", ["height": "\(height)"]))
  }

  func item(_ id: String) throws -> HTML { link("item", [("id", id)], try shown(id)) }

  func request(_ id: String) throws -> HTML { link("request", [("id", id)], try shown(id)) }

  /// The language, where a form must keep it.
  var keptLanguage: HTML {
    when(keepsLanguage, "<input type=\"hidden\" name=\"lang\" value=\"\(language.rawValue)\">")
  }

  // MARK: Pieces

  /// `html`, where `holds`: in an interpolation two literals would be texts, and escaped.
  func when(_ holds: Bool, _ html: @autoclosure () throws -> HTML) rethrows -> HTML {
    holds ? try html() : ""
  }

  /// Facts: names, and what they are.
  func facts(_ rows: [(name: HTML, value: HTML)]) throws -> HTML {
    var html: HTML = "<dl class=\"facts\">"
    for row in rows {
      guard !row.value.text.isEmpty, !row.name.text.isEmpty else {
        throw PageTexts.Missing(description: "a fact without a name or a value: \(row.name.text)")
      }
      html += "<dt>\(row.name)</dt><dd>\(row.value)</dd>"
    }
    return html + "</dl>"
  }

  /// A state: a word and a sign, in the colour of `tone`.
  func chip(_ tone: Tone, _ text: HTML) -> HTML {
    "<span class=\"chip \(tone.rawValue)\"><span aria-hidden=\"true\">\(tone.sign)</span> \(text)</span>"
  }

  /// How something is.
  enum Tone: String {
    case good, warn, bad, none

    var sign: String {
      switch self {
      case .good: "✓"
      case .warn: "△"
      case .bad: "✕"
      case .none: "○"
      }
    }
  }

  /// A table, whose rows stand below each other where the page is narrow: the heads of the columns, and cells.
  func table(_ caption: HTML, _ heads: [HTML], _ rows: [(style: String, cells: [HTML])]) throws -> HTML {
    var html: HTML = "<table class=\"rows\"><caption class=\"hidden\">\(caption)</caption><thead><tr>"
    for head in heads { html += "<th scope=\"col\">\(head)</th>" }
    html += "</tr></thead><tbody>"
    for row in rows {
      guard row.cells.count == heads.count else {
        throw PageTexts.Missing(description: "a row of another length")
      }
      html += row.style.isEmpty ? "<tr>" : "<tr class=\"\(row.style)\">"
      for (head, cell) in zip(heads, row.cells) {
        guard !cell.text.isEmpty else {
          throw PageTexts.Missing(description: "an empty cell below \(head.text)")
        }
        html += "<td><span class=\"head\" aria-hidden=\"true\">\(head)</span><div>\(cell)</div></td>"
      }
      html += "</tr>"
    }
    return html + "</tbody></table>"
  }

  /// Where the page's script says what it could check of what is shown.
  ///
  /// - Parameters:
  ///   - what: what is checked: `records` of a list, one `record`, a `block`, the `members`, or that something is `absent`.
  ///   - source: where the node gives the proof; where there are several, with blanks between them.
  func proof(_ what: String, _ source: String) throws -> HTML {
    try """
    <section class="proof" data-proof="\(what)" data-source="\(source)" aria-labelledby="proof-title">
    <h2 id="proof-title">\(both("proof.title"))</h2>
    <p class="proof-state" role="status">\(text("proof.by-node", ["block": block(newest.height)]))</p>
    <details hidden><summary>\(text("js.how"))</summary><ol class="steps"></ol></details>
    <p class="soft">\(text("proof.yourself", ["proof": "<a href=\"\(String(source.prefix { $0 != " " }))\">\(text("proof.download"))</a>", "policy": "<a href=\"policy\">\(text("proof.policy"))</a>"]))</p>
    </section>
    """
  }
}

/// What a page shows between its head and its foot.
struct PageContent {
  var status = HTTPResponse.Status.ok
  /// The title: plain text.
  let title: HTML
  let body: HTML
  /// After how many seconds it is asked for again, where that may help.
  var refresh: Int?
  /// Whether the page's script sees to that, where it runs.
  var isRefreshedByScript = false
  /// Whether it fills a screen of its own, without the bar above.
  var isScreen = false
}
