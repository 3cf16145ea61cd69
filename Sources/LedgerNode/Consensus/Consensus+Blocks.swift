import Consortium
import Ledger
import LedgerCrypto
import LedgerStore

// Blocks that are not decided yet: made, looked for, judged.
extension Consensus {
  /// Makes a block of what waits, has it on the disk, and says so; nothing where nothing good waits, or where it can't be made now.
  func draft(_ height: UInt64, _ round: Int, _ byteCount: Int) throws {
    let block: JudgedBlock
    do {
      guard let made = try committer.draft(byteCount: byteCount) else { return }
      block = made
    } catch let refusal as Refusal {
      return log.log(.consensus, "no block is proposed: \(refusal.reason)", level: .warning)
    } catch let failure as Failure {
      return log.log(.consensus, "no block is proposed: \(failure)", level: .warning)
    } catch let unavailable as CommitterUnavailable {
      if case .stopping = unavailable { return }
      return halt("\(unavailable)")
    }
    try blocks.keep(block.bytes, block.digest, height: height)
    judged[block.digest] = block
    events.append(.drafted(height: height, round: round, block.digest, size: block.bytes.count))
  }

  /// Judges the block with this digest, from the disk, or as soon as it comes from somebody.
  func judge(_ digest: Digest) throws {
    if let bytes = try blocks.bytes(digest, height: height), try judge(bytes, digest) { return }
    guard wanted[digest] == nil else { return }
    let height = height
    wanted[digest] = Task { await self.fetch(digest, height) }
  }

  /// Judges `bytes`, has a good block on the disk, and says what it is.
  ///
  /// - Returns: false where they are not the block with this digest.
  func judge(_ bytes: [UInt8], _ digest: Digest) throws -> Bool {
    guard BlockBody(bytes, after: frontier)?.digest == digest else { return false }
    let block: JudgedBlock
    do { block = try committer.judge(bytes) } catch let fault as Fault {
      log.log(.consensus, "block \(digest) of height \(height) is invalid: \(fault)", level: .warning)
      events.append(.judged(digest, size: bytes.count, .invalid))
      return true
    } catch let unavailable as CommitterUnavailable {
      if case .stopping = unavailable { return true }
      halt("\(unavailable)")
      return true
    }
    try blocks.keep(bytes, digest, height: height)
    judged[digest] = block
    let isTimely = committer.isTimely(block)
    if !isTimely {
      log.log(
        .consensus,
        "block \(digest) of height \(height), by \(block.proposer.name), is of another time than this clock's",
        level: .warning)
    }
    events.append(.judged(digest, size: bytes.count, isTimely ? .valid : .untimely))
    return true
  }

  // MARK: Looking for blocks

  /// Before the next is asked, so much time passes: one that does not answer keeps nobody waiting.
  private static let stagger = Duration.milliseconds(500)
  private static let longestPause = Duration.seconds(5)

  /// Looks for a block until it is here or its height is over.
  private func fetch(_ digest: Digest, _ height: UInt64) async {
    var pause = Duration.milliseconds(200)
    var unfit: Set<String> = []
    while height == self.height, !Task.isCancelled {
      let peers = suppliers(of: digest).filter { !unfit.contains($0.name) }
      // Who gave something else is not asked again.
      let (found, others) = await withTaskGroup(of: (name: String, isGood: Bool)?.self) { group in
        for (number, peer) in peers.enumerated() {
          group.addTask {
            guard await Consensus.pause(Consensus.stagger * number) else { return nil }
            do {
              guard let bytes = try await peer.body(of: digest, height: height) else { return nil }
              return (peer.name, await self.supply(bytes, digest, height))
            } catch {
              if !Task.isCancelled { self.failed("the node of \(peer.name)", error) }
              return nil
            }
          }
        }
        var others: [String] = []
        for await result in group {
          guard let result else { continue }
          if result.isGood {
            group.cancelAll()
            return (true, others)
          }
          others.append(result.name)
        }
        return (false, others)
      }
      if found { return }
      unfit.formUnion(others)
      guard await Consensus.pause(pause) else { return }
      pause = min(pause * 2, Consensus.longestPause)
    }
  }

  /// Takes a body that was looked for.
  ///
  /// - Returns: whether it need not be looked for any more.
  private func supply(_ bytes: [UInt8], _ digest: Digest, _ height: UInt64) -> Bool {
    guard height == self.height, mode == .working, wanted[digest] != nil else { return true }
    do {
      guard try judge(bytes, digest) else { return false }
      wanted[digest] = nil
      drain()
    } catch { fail(error) }
    return true
  }

  /// The others' nodes, those first that have proposed, voted for or confirmed the block.
  private func suppliers(of digest: Digest) -> [ValidatorPeer] {
    let committee = effectiveCommittee
    let senders = known.messages(height: height).filter { $0.ballot.digest == digest }.map(\.sender)
    let names = senders.compactMap { committee?.seats[$0].name }
    let peers = links.values.compactMap(\.peer)
    return peers.filter { names.contains($0.name) } + peers.filter { !names.contains($0.name) }
  }
}
