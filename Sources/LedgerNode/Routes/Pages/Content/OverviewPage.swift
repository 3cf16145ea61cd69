import Certificates
import Ledger
import LedgerCrypto
import LedgerStore
import Statements
import TransparencyLog
import Workflows

/// *概览*: who keeps the ledger, how far it has come, and its newest blocks.
extension Page {
  static let overview = PageRoute(
    "overview", label: "nav.overview", "The ledger at a glance, and its newest blocks, for people",
    shows: .records
  ) { page in .content(try await page.overviewPage()) }

  private func overviewPage() async throws -> PageContent {
    let terms = state.roster.terms
    return PageContent(
      title: try text("overview.title"),
      body: try """
      <h1>\(both("overview.title"))</h1>
      <p class="lead">\(both(
          terms.validators.count == 1 ? "overview.one" : "overview.several",
          terms.validators.count == 1 ? [:] : ["validators": "\(terms.validators.count)", "quorum": "\(terms.quorum)"]))</p>
      \(terms.isCrashFaultsOnly ? try "<p>\(both("members.crash"))</p>" : "")
      <div data-live>
      \(try await figures())
      <h2>\(both("overview.chain"))</h2>
      \(try await chain(8))
      </div>
      <div class="two"><section class="card"><h2>\(both("overview.compare"))</h2>
      \(facts([
          (try text("overview.id"), hash(state.ledgerID)),
          (try text("overview.origin"), "<code>\(terms.origin)</code>"),
          (try text("overview.founded"), try time(try await founded())),
        ]))</section>
      <section class="card"><h2>\(both("overview.keepers"))</h2><ul>\(validators(terms))</ul>
      <p class="soft">\(text("overview.keepers-hint"))</p>
      \(when(consensus != nil, "<p>\(link("validators", [], try text("overview.keepers-link")))</p>"))</section></div>
      """)
  }

  /// How far the ledger has come, in four figures.
  func figures() async throws -> HTML {
    let members = state.roster.members.count { $0.isInForce(at: state.height) }
    return try """
    <dl class="stats"><div><dt>\(text("overview.records"))</dt><dd>\(number(ledger.size - state.height))</dd></div>
    <div><dt>\(text("overview.blocks"))</dt><dd>\(number(state.height))</dd></div>
    <div><dt>\(text("overview.members"))</dt><dd>\(number(UInt64(members)))</dd></div>
    <div><dt>\(text("overview.newest"))</dt><dd>\(time(newest.time, isShort: true))</dd></div></dl>
    """
  }

  private func founded() async throws -> UInt64 { try await ledger.block(of: 0).time }

  private func validators(_ terms: Terms) throws -> HTML {
    var html: HTML = ""
    for validator in terms.validators { html += "<li>\(try shown(validator.name))</li>" }
    return html
  }

  /// The newest blocks, the newest first, as a chain.
  func chain(_ most: UInt64) async throws -> HTML {
    var html: HTML =
      "<ol class=\"chain\" tabindex=\"0\" aria-label=\"\(try text("overview.chain"))\" data-size=\"\(ledger.size)\">"
    let blocks = try newestBlocks(most)
    for block in blocks {
      let count = block.row.size - 1 - block.row.first
      html += try """
      <li><p><b>\(self.block(block.row.height))</b></p>
      <p class="soft">\(time(block.row.time, isShort: true)) · \(text("overview.count", ["count": "\(count)"]))</p>
      <p>\(hash(block.hash, isShort: true))</p>
      <p>\(cosigned(block.signed, of: block.all, quorum: block.quorum))</p></li>
      """
    }
    return html + "</ol>"
  }

  /// How many validators have signed.
  func cosigned(_ signed: Int, of all: Int, quorum: Int) throws -> HTML {
    chip(
      signed == all ? .good : signed >= quorum ? .warn : .bad,
      try text("block.cosigned", ["signed": "\(signed)", "all": "\(all)"]))
  }

  /// A block with its header's leaf hash and how many validators cosigned it.
  struct ShownBlock {
    let row: BlockRow
    let header: BlockHeader
    let entry: SignedStatement
    let hash: Digest
    let signed: Int, all: Int, quorum: Int
    let cosigned: [StoredCheckpoint.CosignedTime]
  }

  func newestBlocks(_ most: UInt64) throws -> [ShownBlock] {
    var blocks: [ShownBlock] = []
    var height: UInt64? = newest.height
    while let next = height, UInt64(blocks.count) < most {
      guard let block = try shownBlock(next) else { break }
      blocks.append(block)
      height = next == 0 ? nil : next - 1
    }
    return blocks
  }

  /// The block at `height`; nil where there is none.
  func shownBlock(_ height: UInt64) throws -> ShownBlock? {
    guard let row = try ledger.reader.block(at: height) else { return nil }
    let entry = try ledger.reader.header(of: row)
    let header = try BlockHeader(payload: entry.payload)
    let roster = try ledger.reader.roster(header.roster, at: height)
    let signatures = try StoredCheckpoint(parsing: ledger.reader.checkpoint(of: row).bytes.span)
      .check(roster, height: height)
    var hasher = TreeHasher()
    return ShownBlock(
      row: row, header: header, entry: entry, hash: hasher.leaf(entry.entry.span),
      signed: signatures.cosigned.count, all: roster.terms.validators.count, quorum: roster.terms.quorum,
      cosigned: signatures.cosigned)
  }
}
