import Consortium
import Ledger
import LedgerCrypto
import LedgerStore
import TransparencyLog

// Blocks that were decided without this validator, and how far the others are.
extension Consensus {
  /// Whoever is one height ahead has most often only been quicker, so that this node goes on by itself in a moment.
  private static let patience = Duration.milliseconds(500)
  private static let pollPause = Duration.seconds(5)

  /// Takes note that somebody is said to be at `height`.
  ///
  /// - Parameter isSure: whether a validator has said so to this node.
  func noteAhead(_ height: UInt64, isSure: Bool = false) {
    guard height > self.height else { return }
    ahead = max(ahead, height)
    guard catchingUp == nil, mode == .working || isFollowing else { return }
    catchingUp = Task {
      let isPatient = isSure ? true : await Consensus.pause(Consensus.patience)
      if isPatient { await self.catchUp() }
      self.ahead = 0
      self.catchingUp = nil
    }
  }

  /// Gets final blocks from the others until it has what they have.
  private func catchUp() async {
    let first = height
    while height < ahead, !Task.isCancelled, mode == .working || isFollowing {
      let wanted = height
      for peer in links.values.compactMap(\.peer).shuffled() where height == wanted {
        do {
          guard let document = try await peer.final(wanted), document.height == wanted else { continue }
          let kept = try height == wanted ? blocks.bytes(document.block, height: wanted) : nil
          let bytes = if let kept { kept } else { try await peer.body(of: document.block, height: wanted) }
          guard height == wanted, let bytes else { continue }
          if try adopt(document, bytes) { break }
          failed("the node of \(peer.name)", NotFinal(height: wanted))
        } catch {
          if Task.isCancelled { return }
          failed("the node of \(peer.name)", error)
        }
      }
      // Nobody has it.
      guard height > wanted else { break }
    }
    if height > first {
      log.logger.notice("caught up from block \(first) to block \(height - 1)")
      readBoards()
    }
  }

  /// Takes a final block of this height that another shows.
  ///
  /// - Returns: false where it is not what a quorum has cosigned.
  /// - Throws: `ConsortiumError` for a checkpoint that is not final; what keeps the block from being judged.
  func adopt(_ document: FinalDocument, _ bytes: [UInt8]) throws -> Bool {
    guard let committee else { return false }
    let final = try FinalCheckpoint(document.checkpoint, logKey: logKey, of: committee)
    // What is judged is what they have cosigned: then it is the block, whatever the core says of it.
    guard let body = BlockBody(bytes, after: frontier), body.size == final.checkpoint.size,
      body.root == final.checkpoint.root
    else { return false }
    let block: JudgedBlock
    do { block = try judged[body.digest] ?? committer.judge(bytes) } catch let fault as Fault {
      halt(
        "the core refuses block \(height), which \(final.cosignatures.count) validators have cosigned: \(fault)"
      )
      publish()
      return true
    }
    try final.check(size: block.size, root: block.root, height: height)
    // What fails now is no fault of whoever showed it.
    do { try commit(block, document.checkpoint) } catch { fail(error) }
    drain()
    return true
  }

  // MARK: How far the others are

  /// Asks another again and again how far it is, for as long as the task runs.
  func poll(_ peer: ValidatorPeer) async {
    repeat { await look(at: peer) } while await Consensus.pause(Consensus.pollPause)
  }

  /// Asks all others once how far they are.
  func lookAtAll() async {
    await withTaskGroup(of: Void.self) { group in
      for peer in links.values.compactMap(\.peer) { group.addTask { await self.look(at: peer) } }
    }
  }

  private func look(at peer: ValidatorPeer) async {
    do {
      guard let document = try await peer.final(nil) else { return }
      hear(document, from: peer.name)
    } catch {
      if !Task.isCancelled { failed("the node of \(peer.name)", error) }
    }
  }

  func hear(_ document: FinalDocument, from name: String) {
    guard mode == .working || isFollowing else { return }
    sightings.see(name, height: document.height + 1, at: now())
    if !document.isAmnesic { shown[name] = document }
    noteAhead(document.height + 1, isSure: true)
    do { try resume() } catch { fail(error) }
    drain()
  }

  // MARK: Amnesia

  /// The journal is lost: asks the others how far they are.
  func ask() {
    guard !wasAmnesic else { return }
    wasAmnesic = true
    shown = [:]
    log.logger.error(
      "\(validator) does not know what it has signed, and signs nothing before enough others have shown how far they are"
    )
    Task { await self.lookAtAll() }
  }

  /// Signs again, from the height that the others show, once enough have.
  private func resume() throws {
    guard let office, office.participant.isAmnesic, let committee = effectiveCommittee else { return }
    var amnesia = Amnesia(committee: committee, place: office.participant.agreement.place)
    for (place, seat) in committee.seats.enumerated() {
      // Whose newest block is not here yet is counted when it is.
      guard let document = shown[seat.name], document.height < height else { continue }
      amnesia.note(shownHeight(document, committee), shownBy: place)
    }
    let actions = try office.participant.resume(amnesia, cosigned: committer.reader.size)
    guard !actions.isEmpty else { return }
    wasAmnesic = false
    log.logger.notice("\(validator) signs again from height \(office.participant.start) on")
    for action in actions { try perform(action, of: height) }
    events.append(.work(isWaiting: committer.isWorkWaiting))
  }

  /// The height of the newest certificate or final block that another shows. Too much would only be safer.
  private func shownHeight(_ document: FinalDocument, _ committee: Committee) -> UInt64 {
    guard let certificate = document.certificate else { return document.height }
    if document.height + 1 < height { return document.height + 1 }
    do {
      let message = try UnverifiedMessage(decoding: certificate).verified(by: committee)
      return message.ballot.height == height && message.ballot.certificate != nil ? height : document.height
    } catch {
      return document.height
    }
  }
}

/// What another shows as a final block is none.
private struct NotFinal: Error, CustomStringConvertible {
  let height: UInt64

  var description: String { "what it shows as block \(height) is not what a quorum has cosigned" }
}
