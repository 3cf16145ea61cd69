import Certificates
import HTTPTypes
import Hummingbird
import Ledger
import LedgerStore

/// `GET` and `POST /session`: a form at which a person changes a token for a cookie that ends with it, so that a browser can read
/// what members may.
struct Session: Sendable {
  /// The name keeps it to this host and to TLS (RFC 6265bis §4.1.3.2).
  static let cookieName = "__Host-zheng"
  private static let limit = 4096

  let access: Access

  /// The form.
  func form() -> Answer {
    let html: HTML = """
      <!doctype html>
      <html lang="en">
      <meta charset="utf-8">
      <meta name="viewport" content="width=device-width">
      <title>Read this ledger · 查阅本账本</title>
      <style>
        body { font: 16px/1.5 system-ui, sans-serif; max-width: 44rem; margin: 2rem auto; padding: 0 1rem }
        textarea { width: 100%; box-sizing: border-box; font-family: monospace }
      </style>
      <h1>Read this ledger <span lang="zh">查阅本账本</span></h1>
      <form method="post">
        <p><label for="token">Its members may read it. Paste a token that you made with your key; this browser may then read until the
        token ends.<br><span lang="zh">本账本由成员查阅。请粘贴以本单位密钥签发的令牌；令牌失效前，本浏览器可查阅。</span></label>
        <p><textarea id="token" name="token" rows="6" required autocomplete="off" spellcheck="false"></textarea>
        <p><button>Read 查阅</button>
      </form>
      </html>

      """
    return Answer(
      .ok, "text/html; charset=utf-8", .forbidden, Array(html.text.utf8),
      headers: [
        .contentSecurityPolicy:
          "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
      ])
  }

  /// Takes the form: 303 to the front page with the cookie.
  ///
  /// - Throws: as `Access` for the token; `unsupported-media-type`, `too-large`, `malformed`.
  func begin(_ request: Request, _ context: NodeContext) async throws -> Answer {
    let form = try await FormBody.read(request, most: Session.limit)
    guard let pasted = form["token"], form.count == 1 else {
      throw NodeProblem(.badRequest, "malformed", "the form has one field, token")
    }
    // What is pasted may have white space around it.
    let text = pasted.filter { !$0.isWhitespace }
    let token = try access.judge("Bearer \(text)", request, context).token
    let life = token.claims.expiresAt - min(token.claims.expiresAt, access.now())
    return Answer(
      .seeOther, "text/plain; charset=utf-8", .forbidden, [],
      headers: [
        .location: access.audience.home,
        .setCookie:
          "\(Session.cookieName)=\(text); Path=/; Max-Age=\(life); Secure; HttpOnly; SameSite=Strict",
      ])
  }

  /// The token in the cookies of a request; nil where there is none.
  static func token(_ cookies: String?) -> String? {
    cookies?.split(separator: ";").lazy.map { $0.drop { $0 == " " } }
      .first { $0.hasPrefix("\(cookieName)=") }.map { String($0.dropFirst(cookieName.count + 1)) }
  }
}
