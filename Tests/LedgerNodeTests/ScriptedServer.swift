import Foundation
import Synchronization

/// Answers one connection after the other by a script, where nil is to hang up without a word.
final class ScriptedServer: Sendable {
  let port: Int
  private let descriptor: Int32
  private let count = Mutex(0)

  /// How many requests have come.
  var requestCount: Int { count.withLock { $0 } }

  init(_ script: [String?]) throws {
    descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = inet_addr("127.0.0.1")
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let (descriptor, size) = (descriptor, length)
    let status = withUnsafeMutablePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(descriptor, $0, size) | listen(descriptor, 8) | getsockname(descriptor, $0, &length)
      }
    }
    guard status == 0 else { throw Wire.Closed() }
    port = Int(in_port_t(bigEndian: address.sin_port))
    Thread { [self] in
      for answer in script {
        let connection = accept(descriptor, nil, nil)
        guard connection >= 0 else { return }
        // One read is enough: the requests of these tests are small, and sent at once.
        var buffer = [UInt8](repeating: 0, count: 65_536)
        if recv(connection, &buffer, buffer.count, 0) > 0 { count.withLock { $0 += 1 } }
        if let answer { _ = send(connection, answer, answer.utf8.count, Int32(MSG_NOSIGNAL)) }
        close(connection)
      }
    }.start()
  }

  deinit { close(descriptor) }

  static func answer(_ status: String, _ headers: [String] = [], _ body: String = "") -> String {
    let lines = ["HTTP/1.1 \(status)", "Content-Length: \(body.utf8.count)", "Connection: close"] + headers
    return lines.joined(separator: "\r\n") + "\r\n\r\n" + body
  }
}
