public import Consortium
import Foundation
public import LedgerClient
public import LedgerCrypto
import NIOCore

/// A board on etcd: each validator writes below its own prefix, each place once, and reads everybody's.
///
/// ```
/// /zheng/LEDGER/by/VALIDATOR/HEIGHT/ROUND/{enter,propose,vote,skip,confirm}
/// /zheng/LEDGER/by/VALIDATOR/HEIGHT/cosign
/// /zheng/LEDGER/by/VALIDATOR/peer
/// ```
///
/// `HEIGHT` has 20 digits and `ROUND` 6, so that ranges sort.
public final class EtcdBulletin: Bulletin {
  private let gateway: EtcdGateway
  private let prefix: String
  private let validator: String
  private let validators: @Sendable () -> [String]

  /// How many values an answer has at most.
  private static let pageCount = 256

  /// The board of the validator called `validator`.
  ///
  /// - Parameters:
  ///   - members: the URLs of etcd's members, without a path.
  ///   - validators: the names of those whose messages are read, now.
  ///   - milliseconds: how long one call may take.
  public init(
    _ members: [String], ledger: Digest, validator: String, validators: @escaping @Sendable () -> [String],
    user: EtcdUser? = nil, tls: NodeTLS = NodeTLS(), milliseconds: Int64 = 5_000
  ) throws {
    gateway = try EtcdGateway(members, user: user, tls: tls, patience: .milliseconds(milliseconds))
    prefix = "/zheng/\(ledger.hex)/by/"
    (self.validator, self.validators) = (validator, validators)
  }

  /// Posts a message of this validator, unless its place is taken.
  public func post(_ message: Message) async throws {
    let put = EtcdPut(
      key: Data((prefix + BoardPlace(message).key(of: validator)).utf8), value: Data(message.bytes))
    let _: EtcdTransactionAnswer = try await gateway.call("/v3/kv/txn", EtcdCreation(put))
  }

  /// Every message of `height`, those of one validator after those of another.
  public func read(height: UInt64) async throws -> [[UInt8]] {
    var messages: [[UInt8]] = []
    for name in validators() {
      var key = Data((prefix + BoardPlace.prefix(of: name, height: height)).utf8)
      let end = EtcdBulletin.end(key)
      while true {
        let page: EtcdRangeAnswer = try await gateway.call(
          "/v3/kv/range", EtcdRange(key: key, end: end, limit: String(EtcdBulletin.pageCount)))
        let values = page.kvs ?? []
        messages += values.compactMap { $0.value.map(Array.init) }
        guard page.more == true, let last = values.last?.key else { break }
        key = last + [0]
      }
    }
    return messages
  }

  /// What is posted from now on. It ends where the connection or the store is lost, and where the store's revision falls: a snapshot was
  /// restored, and the height is to be read anew.
  public func changes() async throws -> AsyncStream<[UInt8]> {
    let (stream, continuation) = AsyncStream.makeStream(of: [UInt8].self)
    let key = Data(prefix.utf8)
    let watch = EtcdWatch(creation: .init(key: key, end: EtcdBulletin.end(key)))
    let gateway = gateway
    let peer = Data("/peer".utf8)
    // Whoever follows may rely on what is posted from the return of this call on.
    let (began, beginning) = AsyncThrowingStream.makeStream(of: Void.self)
    let task = Task {
      do {
        try await gateway.stream("/v3/watch", watch, of: EtcdWatchAnswer.self) { line in
          if line.created == true { beginning.finish() }
          for event in line.events ?? [] where event.type != "DELETE" {
            guard let key = event.kv?.key, !key.suffix(peer.count).elementsEqual(peer) else { continue }
            if let value = event.kv?.value { continuation.yield(Array(value)) }
          }
          return line.canceled != true
        }
        beginning.finish(throwing: BoardError(.refused, "the watch ended before it began"))
      } catch {
        beginning.finish(throwing: error)
      }
      continuation.finish()
    }
    await gateway.cancelWhereItFalls(task)
    continuation.onTermination = { _ in task.cancel() }
    for try await _ in began {}
    return stream
  }

  /// Deletes this validator's messages of heights below `height`.
  public func forget(below height: UInt64) async throws {
    let first = Data((prefix + BoardPlace.prefix(of: validator, height: 0)).utf8)
    let end = Data((prefix + BoardPlace.prefix(of: validator, height: height)).utf8)
    let _: EtcdDeleteAnswer = try await gateway.call("/v3/kv/deleterange", EtcdRange(key: first, end: end))
  }

  /// The first key behind all that begin with `prefix`.
  private static func end(_ prefix: Data) -> Data {
    var end = prefix
    // A prefix of ours ends with a slash.
    end[end.endIndex - 1] += 1
    return end
  }

  // MARK: One process

  /// Says at which URL this validator's node is, for ten seconds: `renew` says so again.
  ///
  /// - Parameter process: a random number of the process.
  /// - Throws: `taken` where another process says so; the others of `BoardError`.
  public func announce(_ url: String, process: UInt64) async throws -> EtcdAnnouncement {
    let lease: EtcdLeaseAnswer = try await gateway.call("/v3/lease/grant", EtcdLease(seconds: "10"))
    guard let id = lease.id else { throw BoardError(.malformed, "a lease without a number") }
    let key = Data("\(prefix)\(validator)/peer".utf8)
    let put = EtcdPut(key: key, value: Data("\(process) \(url)".utf8), lease: id)
    let answer: EtcdTransactionAnswer = try await gateway.call("/v3/kv/txn", EtcdCreation(put))
    guard answer.succeeded == true else {
      let _: EtcdLeaseAnswer = try await gateway.call("/v3/lease/revoke", EtcdLease(id: id))
      throw BoardError(
        .taken, "another process runs as the validator \(validator); stop it, or wait ten seconds")
    }
    return EtcdAnnouncement(lease: id)
  }

  /// Renews an announcement.
  ///
  /// - Throws: `taken` where it has run out: it is announced again, if nobody else is there.
  public func renew(_ announcement: EtcdAnnouncement) async throws {
    let streamed: EtcdLeaseRenewal = try await gateway.call(
      "/v3/lease/keepalive", EtcdLease(id: announcement.lease))
    guard streamed.result?.seconds.flatMap(Int.init) ?? 0 > 0 else {
      throw BoardError(.taken, "the announcement of \(validator) has run out")
    }
  }

  /// Ends an announcement.
  public func withdraw(_ announcement: EtcdAnnouncement) async throws {
    let _: EtcdLeaseAnswer = try await gateway.call("/v3/lease/revoke", EtcdLease(id: announcement.lease))
  }

  /// The URL that a validator's node has announced; nil where it is down. It is nobody's word: what is there proves itself.
  public func url(of name: String) async throws -> String? {
    let answer: EtcdRangeAnswer = try await gateway.call(
      "/v3/kv/range", EtcdRange(key: Data("\(prefix)\(name)/peer".utf8)))
    guard let value = answer.kvs?.first?.value else { return nil }
    let parts = String(decoding: value, as: UTF8.self).split(separator: " ", maxSplits: 1)
    return parts.count == 2 ? String(parts[1]) : nil
  }
}

/// That this process is the one that runs as its validator.
public struct EtcdAnnouncement: Sendable {
  let lease: String
}

struct EtcdLeaseRenewal: EtcdAnswer {
  var result: EtcdLeaseAnswer?
  var header: EtcdHeader? { result?.header }
}
