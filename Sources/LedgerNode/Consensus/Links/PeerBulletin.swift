import Consortium
import Synchronization

/// The board that the node of another validator is: what is posted goes there, what is read comes from there, and changes are what that
/// validator has handed to this node (`POST /consensus`).
final class PeerBulletin: Bulletin {
  let peer: ValidatorPeer
  private let followers = Mutex<[Int: AsyncStream<[UInt8]>.Continuation]>([:])

  /// So many messages wait for a follower that is slow; beyond that the oldest are left out, and read again later.
  private static let backlog = 1024

  init(_ peer: ValidatorPeer) { self.peer = peer }

  /// Hands a message to the other validator.
  func post(_ message: Message) async throws { try await peer.post([message.bytes]) }

  /// What the other validator has of a height: its own and what it was handed.
  func read(height: UInt64) async throws -> [[UInt8]] { try await peer.messages(height: height) }

  /// What that validator hands to this node from now on.
  func changes() -> AsyncStream<[UInt8]> {
    let (stream, continuation) = AsyncStream.makeStream(
      of: [UInt8].self, bufferingPolicy: .bufferingNewest(PeerBulletin.backlog))
    let number = followers.withLock { followers in
      let number = (followers.keys.max() ?? 0) + 1
      followers[number] = continuation
      return number
    }
    continuation.onTermination = { [weak self] _ in
      _ = self?.followers.withLock { $0.removeValue(forKey: number) }
    }
    return stream
  }

  /// Takes what that validator hands to this node.
  func take(_ messages: [[UInt8]]) {
    let followers = followers.withLock { Array($0.values) }
    for message in messages { for follower in followers { follower.yield(message) } }
  }
}
