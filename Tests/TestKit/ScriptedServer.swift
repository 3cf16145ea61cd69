import Foundation
import Synchronization

/// A server on a free port that answers one request after the other as it is told, each on a connection of its own.
public final class ScriptedServer: Sendable {
  /// What is answered.
  public enum Answer: Sendable {
    /// This text; then it hangs up.
    case text(String)
    /// These bytes; then it hangs up.
    case bytes([UInt8])
    /// It hangs up without a word.
    case hangUp
    /// It says nothing and does not hang up.
    case silence
    /// This head, and then bytes without an end.
    case endless(String)
  }

  /// The port on which it listens.
  public let port: Int
  private let host: String
  private let descriptor: Int32
  private let count = Mutex(0)
  private let open = Mutex<[Int32]>([])

  /// How many requests have come.
  public var requestCount: Int { count.withLock { $0 } }

  /// The URL of the server.
  public var url: String { "http://\(host):\(port)" }

  /// Answers by a script, where nil is to hang up without a word, and closes the port behind it.
  public convenience init(_ script: [String?], at host: String = "127.0.0.1") throws {
    try self.init(limit: script.count, at: host) { number, _ in script[number].map(Answer.text) ?? .hangUp }
  }

  /// - Parameters:
  ///   - limit: how many requests are answered.
  ///   - host: the address of this machine on which it listens.
  ///   - answer: called on a thread of its own with the number of the request, from 0, and all of its bytes.
  public init(
    limit: Int = .max, at host: String = "127.0.0.1", _ answer: @escaping @Sendable (Int, [UInt8]) -> Answer
  ) throws {
    self.host = host
    descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = inet_addr(host)
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let (descriptor, size) = (descriptor, length)
    let status = withUnsafeMutablePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(descriptor, $0, size) | listen(descriptor, 64) | getsockname(descriptor, $0, &length)
      }
    }
    guard status == 0 else { throw CocoaError(.fileReadUnknown) }
    port = Int(in_port_t(bigEndian: address.sin_port))
    Thread { [self] in
      for number in 0..<limit {
        let connection = accept(descriptor, nil, nil)
        guard connection >= 0 else { return }
        let request = ScriptedServer.request(connection)
        if !request.isEmpty { count.withLock { $0 += 1 } }
        switch answer(number, request) {
        case .text(let text): _ = ScriptedServer.send(Array(text.utf8), connection)
        case .bytes(let bytes): _ = ScriptedServer.send(bytes, connection)
        case .hangUp: break
        case .silence:
          open.withLock { $0.append(connection) }
          continue
        case .endless(let head):
          let block = [UInt8](repeating: UInt8(ascii: " "), count: 1 << 20)
          if ScriptedServer.send(Array(head.utf8), connection) {
            while ScriptedServer.send(block, connection) {}
          }
        }
        close(connection)
      }
    }.start()
  }

  deinit {
    shutdown(descriptor, Int32(SHUT_RDWR))
    close(descriptor)
    for connection in open.withLock({ $0 }) { close(connection) }
  }

  /// A request with its whole body.
  private static func request(_ connection: Int32) -> [UInt8] {
    var (bytes, buffer): ([UInt8], [UInt8]) = ([], Array(repeating: 0, count: 65_536))
    while true {
      let count = recv(connection, &buffer, buffer.count, 0)
      guard count > 0 else { return bytes }
      bytes += buffer[..<count]
      guard let end = body(of: bytes) else { continue }
      let head = String(decoding: bytes[..<end], as: UTF8.self).lowercased()
      let field = head.components(separatedBy: "\r\n").first { $0.hasPrefix("content-length:") }
      let length = field.flatMap { Int($0.dropFirst(15).filter { $0 != " " }) } ?? 0
      if bytes.count - end >= length { return bytes }
    }
  }

  /// Where the body of `request` begins; nil where its head is not whole.
  public static func body(of request: [UInt8]) -> Int? {
    let mark = Array("\r\n\r\n".utf8)
    guard request.count >= 4 else { return nil }
    return (0...request.count - 4).first { request[$0..<$0 + 4].elementsEqual(mark) }.map { $0 + 4 }
  }

  /// What the server at `port` of this machine answers to `request`, until it hangs up.
  public static func ask(_ port: Int, _ request: [UInt8]) -> [UInt8] {
    let connection = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    defer { close(connection) }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = inet_addr("127.0.0.1")
    address.sin_port = in_port_t(port).bigEndian
    let size = socklen_t(MemoryLayout<sockaddr_in>.size)
    let status = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { connect(connection, $0, size) }
    }
    guard status == 0, send(request, connection) else { return [] }
    var (bytes, buffer): ([UInt8], [UInt8]) = ([], Array(repeating: 0, count: 65_536))
    while true {
      let count = recv(connection, &buffer, buffer.count, 0)
      guard count > 0 else { return bytes }
      bytes += buffer[..<count]
    }
  }

  private static func send(_ bytes: [UInt8], _ connection: Int32) -> Bool {
    var sent = 0
    while sent < bytes.count {
      let count = bytes.withUnsafeBytes {
        Foundation.send(connection, $0.baseAddress! + sent, bytes.count - sent, Int32(MSG_NOSIGNAL))
      }
      guard count > 0 else { return false }
      sent += count
    }
    return true
  }

  /// An answer with this status, header fields and body.
  public static func answer(_ status: String, _ headers: [String] = [], _ body: String = "") -> String {
    let lines = ["HTTP/1.1 \(status)", "Content-Length: \(body.utf8.count)", "Connection: close"] + headers
    return lines.joined(separator: "\r\n") + "\r\n\r\n" + body
  }
}
