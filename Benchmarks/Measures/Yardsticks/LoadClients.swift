import Foundation
import Workflows

/// Clients of an HTTP server on this machine that cost next to nothing: connections that stay open, on one thread, and no more of
/// HTTP than a well-behaved server needs. Each client waits for the answer to one request before it sends the next.
struct LoadClients {
  private struct Client {
    let descriptor: Int32
    /// What has come of its answer.
    var received: [UInt8] = []
    /// How many bytes it has, once its head is there.
    var expected: Int?
  }

  private var clients: [Client] = []
  private var buffer = [UInt8](repeating: 0, count: 1 << 16)

  /// `count` connections to `port`.
  init(_ count: Int, port: Int) throws {
    for _ in 0..<count {
      let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
      guard descriptor >= 0 else { throw LoadClients.failure("socket") }
      clients.append(Client(descriptor: descriptor))
      var one: Int32 = 1
      setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &one, socklen_t(MemoryLayout<Int32>.size))
      var address = sockaddr_in()
      address.sin_family = sa_family_t(AF_INET)
      address.sin_port = in_port_t(port).bigEndian
      address.sin_addr.s_addr = inet_addr("127.0.0.1")
      let status = withUnsafePointer(to: &address) {
        $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
          connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
        }
      }
      guard status == 0 else { throw LoadClients.failure("connect") }
    }
  }

  /// Closes the connections.
  func close() { for client in clients { Foundation.close(client.descriptor) } }

  /// Posts each of `bodies` once, and waits for all answers.
  ///
  /// - Parameter header: one more header field.
  /// - Returns: how long it took, in s.
  /// - Throws: where the status of an answer is another than `status`, or a connection ends.
  mutating func post(
    _ bodies: [[UInt8]], to path: String, _ header: String? = nil, expecting status: Int
  ) throws -> Double {
    let fields = ["Host: localhost", "Content-Type: application/cose"] + (header.map { [$0] } ?? [])
    let head = "POST \(path) HTTP/1.1\r\n" + fields.map { $0 + "\r\n" }.joined()
    let requests = bodies.map { Array((head + "Content-Length: \($0.count)\r\n\r\n").utf8) + $0 }
    let wanted = Array("HTTP/1.1 \(status) ".utf8)
    var polled = clients.map { pollfd(fd: $0.descriptor, events: Int16(POLLIN), revents: 0) }
    let start = ContinuousClock.now
    var (sent, answered) = (0, 0)
    for number in clients.indices where sent < requests.count { try send(requests, &sent, by: number) }
    while answered < requests.count {
      guard poll(&polled, nfds_t(polled.count), 30_000) > 0 else {
        throw WorkflowError(.inputOutput, "io", "\(path) gave no answer for 30 s, after \(answered) answers")
      }
      for number in clients.indices where polled[number].revents != 0 {
        guard try receive(by: number) else { continue }
        guard clients[number].received.starts(with: wanted) else {
          throw WorkflowError(
            .inputOutput, "io",
            "\(path) answered: \(String(decoding: clients[number].received.prefix(2000), as: UTF8.self))")
        }
        clients[number].received.removeAll(keepingCapacity: true)
        clients[number].expected = nil
        answered += 1
        if sent < requests.count { try send(requests, &sent, by: number) }
      }
    }
    return (ContinuousClock.now - start) / .seconds(1)
  }

  private func send(_ requests: [[UInt8]], _ sent: inout Int, by number: Int) throws {
    let request = requests[sent]
    sent += 1
    // An entry and its head fit what the system takes at once.
    let count = request.withUnsafeBytes {
      Foundation.send(clients[number].descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
    }
    guard count == request.count else { throw LoadClients.failure("send") }
  }

  /// Takes what has come for a client.
  ///
  /// - Returns: whether its answer is whole.
  private mutating func receive(by number: Int) throws -> Bool {
    let count = recv(clients[number].descriptor, &buffer, buffer.count, 0)
    guard count > 0 else { throw LoadClients.failure("recv") }
    clients[number].received += buffer[..<count]
    if clients[number].expected == nil {
      let received = clients[number].received
      clients[number].expected = LoadClients.byteCount(received.span)
    }
    return clients[number].expected == clients[number].received.count
  }

  /// How many bytes the answer has whose head `bytes` begin with, by its `Content-Length`; nil while the head is not whole.
  ///
  /// By hand and in one pass, since it is done for every answer.
  private static func byteCount(_ bytes: Span<UInt8>) -> Int? {
    var (line, length) = (0, 0)
    for at in bytes.indices where bytes[at] == UInt8(ascii: "\n") {
      // A line of nothing but the carriage return before this.
      if at - line == 1 { return at + 1 + length }
      // "c" and "L" of content-length, and its colon: no other header field of a node has them there.
      if at - line > 16, bytes[line] | 0x20 == UInt8(ascii: "c"), bytes[line + 8] | 0x20 == UInt8(ascii: "l"),
        bytes[line + 14] == UInt8(ascii: ":")
      {
        for place in line + 15..<at where (48...57).contains(bytes[place]) {
          length = length * 10 + Int(bytes[place] - 48)
        }
      }
      line = at + 1
    }
    return nil
  }

  private static func failure(_ call: String) -> WorkflowError {
    WorkflowError(.inputOutput, "io", "\(call): \(String(cString: strerror(errno)))")
  }
}
