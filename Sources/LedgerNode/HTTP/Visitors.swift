import Foundation
import LedgerCrypto
import NIOCore
import Synchronization

/// An address as limits know it: of IPv6 the /64 network, which is what one subscriber has.
struct VisitorAddress: Hashable, Sendable {
  private let bytes: [UInt8]

  init(_ address: SocketAddress?) {
    switch address {
    case .v4(let address): bytes = withUnsafeBytes(of: address.address.sin_addr) { Array($0) }
    case .v6(let address):
      let all = withUnsafeBytes(of: address.address.sin6_addr) { Array($0) }
      // An IPv4 address that came to an IPv6 socket (RFC 4291 §2.5.5.2).
      let isMapped = all[..<10].allSatisfy { $0 == 0 } && all[10] == 0xff && all[11] == 0xff
      bytes = Array(isMapped ? all[12...] : all[..<8])
    case .unixDomainSocket, nil: bytes = []
    }
  }
}

/// Who is connected: how often from each address, how much of the room for bodies each takes, and how good its signatures are.
///
/// An address is forgotten when its last connection ends.
final class Visitors: Sendable {
  fileprivate struct Visitor {
    var connections = 0
    var bytes = 0
    let source = SignatureSource()
  }

  /// What became of a wish for room.
  enum Room {
    case given, full, tooMuchForOne
  }

  fileprivate struct State {
    var visitors: [VisitorAddress: Visitor] = [:]
    var bytes = 0
  }

  private let state = Mutex(State())
  private let connectionLimit: Int
  private let byteLimit: Int

  /// - Parameters:
  ///   - connectionLimit: the most connections of one address.
  ///   - byteLimit: how many bytes the bodies of sequences may take together, from arrival to answer; one address half of it.
  init(connectionLimit: Int, byteLimit: Int) {
    (self.connectionLimit, self.byteLimit) = (connectionLimit, byteLimit)
  }

  /// Takes note of a connection; false where the address has as many as it may have.
  func enter(_ address: VisitorAddress) -> Bool {
    state.withLock { state in
      guard state.visitors[address, default: Visitor()].connections < connectionLimit else { return false }
      state.visitors[address, default: Visitor()].connections += 1
      return true
    }
  }

  /// Takes note that a connection that entered has ended.
  func leave(_ address: VisitorAddress) {
    state.withLock { state in
      state.visitors[address]?.connections -= 1
      state.forget(address)
    }
  }

  /// Who signatures from `address` come from.
  func source(_ address: VisitorAddress) -> SignatureSource {
    state.withLock { $0.visitors[address]?.source } ?? SignatureSource()
  }

  /// The room that one request has taken; it is given back when this goes.
  final class Share: Sendable {
    private let visitors: Visitors
    private let address: VisitorAddress
    private let byteCount = Mutex(0)

    init(_ visitors: Visitors, _ address: VisitorAddress) {
      (self.visitors, self.address) = (visitors, address)
    }

    deinit {
      let taken = byteCount.withLock { $0 }
      guard taken > 0 else { return }
      visitors.state.withLock { state in
        state.bytes -= taken
        state.visitors[address]?.bytes -= taken
        state.forget(address)
      }
    }

    /// Takes `count` bytes more.
    func add(_ count: Int) -> Room {
      let room = visitors.state.withLock { state -> Room in
        guard state.bytes + count <= visitors.byteLimit else { return .full }
        let taken = state.visitors[address]?.bytes ?? 0
        guard taken + count <= visitors.byteLimit / 2 else { return .tooMuchForOne }
        state.bytes += count
        state.visitors[address, default: Visitor()].bytes += count
        return .given
      }
      if room == .given { byteCount.withLock { $0 += count } }
      return room
    }
  }
}

extension Visitors.State {
  fileprivate mutating func forget(_ address: VisitorAddress) {
    if let visitor = visitors[address], visitor.connections <= 0, visitor.bytes <= 0 {
      visitors[address] = nil
    }
  }
}
