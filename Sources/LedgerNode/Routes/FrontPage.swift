import Certificates
import Hummingbird
import Ledger
import TransparencyLog

/// `GET /`: a page that tells a person what this is and where to look. No scripts.
enum FrontPage {
  /// - Parameter commands: as `NodeSettings`.
  static func answer(_ reading: Reading, _ commands: NodeSettings.Commands?) throws -> Answer {
    let checking: HTML = commands.map { ", for <code>\($0.check)</code>" } ?? ""
    let appending: HTML =
      commands.map { "<code>\($0.append)</code> signs on your machine; the key never leaves it. " } ?? ""
    let state = try reading.reader.state()
    let terms = state.roster.terms
    let name = terms.name.both
    let newest = reading.reader.size - 1
    let html: HTML = """
      <!doctype html>
      <html lang="en">
      <meta charset="utf-8">
      <meta name="viewport" content="width=device-width">
      <title>\(name)</title>
      <style>
        body { font: 16px/1.5 system-ui, sans-serif; max-width: 44rem; margin: 2rem auto; padding: 0 1rem }
        code { overflow-wrap: anywhere } table { border-collapse: collapse }
        td { padding: .2rem 1rem .2rem 0; vertical-align: top }
      </style>
      <h1>\(name)</h1>
      <p>This is a node of a permissioned ledger, kept with zheng (证). Its members append signed statements; nothing is ever
      changed or taken away, and anyone who holds the <a href="policy">policy</a> can check a proof without this node.</p>
      <table>
        <tr><td>Origin<td><code>\(terms.origin)</code>
        <tr><td>Ledger id<td><code>\(state.ledgerID.hex)</code>
        <tr><td>Entries<td>\(reading.reader.size)
        <tr><td>Blocks<td>\(state.height)
      </table>
      <h2>To read</h2>
      <table>
        <tr><td><a href="checkpoint">/checkpoint</a><td>the newest signed checkpoint (C2SP tlog-checkpoint)
        <tr><td><a href="entries/\(newest)">/entries/{index or id}</a><td>an entry: COSE, or JSON where Accept asks for it
        <tr><td><a href="proof/0">/proof/{index or id}</a><td>a record's offline proof\(checking);
          <code>?at=head</code> for one against the newest checkpoint
        <tr><td><a href="records">/records</a><td>records by issuer, subject, type, time or digest; CSV where Accept asks for it
        <tr><td><a href="blocks">/blocks</a><td>the blocks; <a href="events">/events</a> tells of each as it comes
        <tr><td>/state/…<td>what the ledger's state has at a key, proven
        <tr><td><a href="policy">/policy</a><td>the trust file (C2SP tlog-policy); compare it with the founders' copy
        <tr><td><a href="members">/members</a><td>who may write
        <tr><td><a href="health">/health</a><td>how the node is doing
        <tr><td>/tile/…<td>tiles and entry bundles (C2SP tlog-tiles)
        <tr><td><a href="openapi.json">/openapi.json</a><td>all of this for programs (OpenAPI 3.1)
        <tr><td><a href="formats">/formats</a><td>how statements and their payloads are made (CDDL)
      </table>
      <h2>To write</h2>
      <p>\(appending)A program sends a
      COSE_Sign1 entry (<code>application/cose</code>) with <code>POST /entries</code>, or many at once as a CBOR sequence, RFC 8742
      (<code>application/cbor-seq</code>, at most 8 MiB): the answer has a verdict for each, in their order.</p>
      </html>

      """
    return Answer(
      .ok, "text/html; charset=utf-8", .none, Array(html.text.utf8),
      headers: [.contentSecurityPolicy: "default-src 'none'; style-src 'unsafe-inline'"])
  }
}
