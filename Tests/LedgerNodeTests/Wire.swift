import Foundation
import TestKit
import Testing

/// What a server said.
struct WireResponse: Sendable {
  let status: Int
  let headers: [String: String]
  let body: [UInt8]

  var text: String { String(decoding: body, as: UTF8.self) }

  subscript(_ header: String) -> String? { headers[header] }

  func json<Value: Decodable>(_ type: Value.Type) throws -> Value {
    try JSONDecoder().decode(type, from: Data(body))
  }
}

/// A connection whose every byte a test decides. Blocks: for use inside `OwnThread.run`.
final class Wire {
  struct Closed: Error {}

  private let descriptor: Int32
  private var received: [UInt8] = []

  /// Connects. What is not answered within an hour fails: no test relies on it, it only ends one that would hang.
  init(port: Int, at host: String = "127.0.0.1") throws {
    descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var limit = timeval(tv_sec: 3600, tv_usec: 0)
    setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
    var one: Int32 = 1
    setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &one, 4)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = in_port_t(port).bigEndian
    address.sin_addr.s_addr = inet_addr(host)
    let status = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
    guard status == 0 else { throw Closed() }
  }

  deinit { close(descriptor) }

  func send(_ bytes: [UInt8]) throws {
    var done = 0
    while done < bytes.count {
      let count = bytes.withUnsafeBytes {
        Foundation.send(descriptor, $0.baseAddress! + done, bytes.count - done, Int32(MSG_NOSIGNAL))
      }
      guard count > 0 else { throw Closed() }
      done += count
    }
  }

  func send(_ text: String) throws { try send(Array(text.utf8)) }

  /// Says that nothing more comes.
  func finishSending() { shutdown(descriptor, Int32(SHUT_WR)) }

  /// Has it end with a reset instead of in peace.
  func reset() {
    var now = linger(l_onoff: 1, l_linger: 0)
    setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &now, socklen_t(MemoryLayout<linger>.size))
  }

  /// Has `send` throw where the node takes nothing for so many seconds.
  func giveUp(after seconds: Int) {
    var limit = timeval(tv_sec: seconds, tv_usec: 0)
    setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
  }

  /// Sends a whole request and reads its response.
  func request(
    _ method: String, _ path: String, _ headers: [String] = [], body: [UInt8]? = nil, hasBody: Bool = true
  ) throws -> WireResponse {
    var head = "\(method) \(path) HTTP/1.1\r\nHost: localhost\r\n"
    for header in headers { head += header + "\r\n" }
    if let body { head += "Content-Length: \(body.count)\r\n" }
    try send(Array((head + "\r\n").utf8) + (body ?? []))
    return try response(hasBody: hasBody && method != "HEAD")
  }

  func post(_ entry: [UInt8], _ headers: [String] = ["Content-Type: application/cose"]) throws -> WireResponse
  {
    try request("POST", "/entries", headers, body: entry)
  }

  /// Reads a response.
  func response(hasBody: Bool = true) throws -> WireResponse {
    let end = Array("\r\n\r\n".utf8)
    while received.firstRange(of: end) == nil { try receive() }
    let range = received.firstRange(of: end)!
    let lines = String(decoding: received[..<range.lowerBound], as: UTF8.self).components(separatedBy: "\r\n")
    received.removeSubrange(..<range.upperBound)
    var headers: [String: String] = [:]
    for line in lines.dropFirst() {
      let parts = line.split(separator: ":", maxSplits: 1)
      headers[parts[0].lowercased()] = parts[1].trimmingCharacters(in: .whitespaces)
    }
    if hasBody, headers["transfer-encoding"] == "chunked" {
      return WireResponse(
        status: Int(lines[0].split(separator: " ")[1])!, headers: headers, body: try chunks())
    }
    let count = hasBody ? Int(headers["content-length"] ?? "0")! : 0
    while received.count < count { try receive() }
    let body = Array(received.prefix(count))
    received.removeFirst(count)
    return WireResponse(status: Int(lines[0].split(separator: " ")[1])!, headers: headers, body: body)
  }

  /// The body of a chunked response (RFC 9112 §7.1).
  private func chunks() throws -> [UInt8] {
    var body: [UInt8] = []
    while let chunk = try chunk() { body += chunk }
    return body
  }

  /// The next chunk of a response whose head was read; nil at its end.
  func chunk() throws -> [UInt8]? {
    let end = Array("\r\n".utf8)
    while received.firstRange(of: end) == nil { try receive() }
    let line = received.firstRange(of: end)!
    let count = Int(String(decoding: received[..<line.lowerBound], as: UTF8.self), radix: 16)!
    received.removeSubrange(..<line.upperBound)
    while received.count < count + 2 { try receive() }
    let chunk = Array(received[..<count])
    received.removeSubrange(..<(count + 2))
    return count == 0 ? nil : chunk
  }

  /// Whether the server has closed the connection, with nothing more to read.
  func isClosed() -> Bool {
    do {
      try receive()
      return false
    } catch { return true }
  }

  private func receive() throws {
    var buffer = [UInt8](repeating: 0, count: 65_536)
    let count = recv(descriptor, &buffer, buffer.count, 0)
    guard count > 0 else { throw Closed() }
    received += buffer.prefix(count)
  }
}
