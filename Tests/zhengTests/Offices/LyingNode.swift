import Foundation
import TestKit

/// A node that passes on what an honest one answers, and alters what it is told to.
final class LyingNode: Sendable {
  private let server: ScriptedServer

  var url: String { server.url }

  /// - Parameters:
  ///   - url: of the honest node.
  ///   - other: gets the target of a request, and gives the URL of another node that answers it, or nil for the honest one.
  ///   - lie: gets the target of a request, such as `/state?key=…`, and the body of the honest answer; gives another body, or nil for
  ///     the honest one.
  init(
    before url: String, asking other: @escaping @Sendable (_ target: String) -> String?,
    _ lie: @escaping @Sendable (_ target: String, _ body: [UInt8]) -> [UInt8]?
  ) throws {
    server = try ScriptedServer { _, request in
      guard let end = ScriptedServer.body(of: request) else { return .hangUp }
      var lines = String(decoding: request[..<(end - 4)], as: UTF8.self).components(separatedBy: "\r\n")
      let target = lines[0].split(separator: " ").dropFirst().first.map(String.init) ?? ""
      let port = Int((other(target) ?? url).split(separator: ":").last ?? "") ?? 0
      lines = lines.filter { !$0.lowercased().hasPrefix("connection:") }.map {
        $0.lowercased().hasPrefix("host:") ? "Host: 127.0.0.1:\(port)" : $0
      }
      let head = (lines + ["Connection: close", "", ""]).joined(separator: "\r\n")
      let answer = ScriptedServer.ask(port, Array(head.utf8) + request[end...])
      guard let start = ScriptedServer.body(of: answer),
        let altered = lie(target, Array(answer[start...]))
      else { return answer.isEmpty ? .hangUp : .bytes(answer.closing) }
      return .bytes(
        Array(ScriptedServer.answer("200 OK", []).utf8).replacingLength(altered.count) + altered)
    }
  }
}

extension LyingNode {
  /// One that asks the honest node alone.
  convenience init(
    before url: String, _ lie: @escaping @Sendable (_ target: String, _ body: [UInt8]) -> [UInt8]?
  ) throws { try self.init(before: url, asking: { _ in nil }, lie) }
}

extension [UInt8] {
  /// An answer that says that the connection ends with it.
  fileprivate var closing: [UInt8] {
    guard let start = ScriptedServer.body(of: self) else { return self }
    let lines = String(decoding: self[..<(start - 4)], as: UTF8.self).components(separatedBy: "\r\n")
      .filter { !$0.lowercased().hasPrefix("connection:") }
    return Array((lines + ["Connection: close", "", ""]).joined(separator: "\r\n").utf8) + self[start...]
  }

  /// The head of an answer without a body, for one of `count` bytes.
  fileprivate func replacingLength(_ count: Int) -> [UInt8] {
    Array(
      String(decoding: self, as: UTF8.self).replacing("Content-Length: 0", with: "Content-Length: \(count)")
        .utf8)
  }
}
