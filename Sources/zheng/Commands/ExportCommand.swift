import ArgumentParser
import LedgerNode
import Workflows

/// `zheng export`.
struct ExportCommand: AsyncResultCommand {
  static let configuration = CommandConfiguration(
    commandName: "export", abstract: "Write the ledger as static files for any web server (C2SP tlog-tiles).",
    discussion: """
      OUT gets checkpoint, policy, tile/ and tile/entries/, which other software can read: serve OUT as it is, below \
      any prefix. C2SP asks for `checkpoint` as text/plain; charset=utf-8 and for the rest as \
      application/octet-stream; servers go by file extensions, which these files lack. With Caddy:

        zheng export ledger public
        caddy run --config - --adapter caddyfile <<'END'
        :8000
        root * public
        file_server
        header /tile/* Content-Type application/octet-stream
        header /checkpoint Content-Type "text/plain; charset=utf-8"
        header /checkpoint Cache-Control no-cache
        END

      OUT/verify.html is for people: one page that checks a certificate or a proof against the original file, with \
      no node and no network. It contains the policy, so publish it where readers trust you; it can also be sent \
      alone.

      Partial tiles of earlier checkpoints are written too where the full tile does not exist yet: holders of those \
      checkpoints may ask for them.

      With --state the file `state` holds the scenarios' values as of the newest block, so that others can verify \
      the whole state tree without Zheng: Examples/verify_export.py.
      """)

  @OptionGroup var ledger: DirectoryArgument
  @Argument(
    help: "A new or empty directory, or an earlier export, which is brought up to date.",
    completion: .directory) var out: String
  @Flag(help: "Also write `state`: the scenarios' values as of the newest block.") var state =
    false
  @OptionGroup var options: OutputOptions

  func run(_ output: Output) async throws {
    let path = Files.trimmed(out)
    guard !path.isEmpty else {
      throw CommandError.usage(localized("OUT, the directory to write to, has an empty name"))
    }
    _ = try ledger.folder
    do { try Places.require(path, "an export", apartFrom: ledger.path) } catch {
      let problem = Problem(error)
      throw problem.status == .noInput ? CommandError.cannotCreate(problem.detail) : error
    }
    let opened = try ledger.opened()
    let page = try VerifyPage(await opened.state())
    let progress = Progress(localized("exporting"), unit: "entries")
    defer { progress.finish() }
    let summary = try opened.export(to: path, withState: state, page: page.bytes) {
      progress.update($0, of: $1)
    }
    progress.finish()
    try output.result(
      [
        "out": .text(path), "entries": .number(summary.entries), "files": .number(summary.files),
        "bytes": .number(summary.byteCount), "seconds": .double(progress.seconds),
      ],
      text:
        localized(
          "exported \(summary.entries) entries to \(path): \(summary.files) files, \(sized(summary.byteCount))"
        )
    )
  }
}
