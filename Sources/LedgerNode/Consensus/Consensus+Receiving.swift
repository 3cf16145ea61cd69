import Consortium
import LedgerCrypto

// What comes in from the others.
extension Consensus {
  /// So many messages of the next height are kept until it is worked on, and of so many it is known that they were looked at.
  private static let earlyLimit = 1024, seenLimit = 65_536
  /// So many rounds above this one are remembered for others.
  private static let horizon = 64

  /// Takes a message from whomever: nobody's word before it verifies.
  func receive(_ bytes: [UInt8]) {
    guard mode == .working || isFollowing else { return }
    let message: UnverifiedMessage
    do { message = try UnverifiedMessage(decoding: bytes) } catch {
      return log.log(.consensus, "a message is refused: \(error)")
    }
    if message.height == height {
      take(message, bytes)
    } else if message.height > height {
      // Who validates a height is known when the one before is final.
      if message.height == height + 1, early.count < Consensus.earlyLimit { early.append(bytes) }
      noteAhead(message.height)
    } else if message.height + 1 == height, let previous {
      takeLate(message, bytes, of: previous)
    }
  }

  var isFollowing: Bool { if case .following = mode { true } else { false } }

  private func take(_ unverified: UnverifiedMessage, _ bytes: [UInt8]) {
    guard let office else { return }
    let key = SHA256.digest(of: bytes)
    guard !seen.contains(key) else { return }
    if seen.count >= Consensus.seenLimit { seen = [] }
    seen.insert(key)
    let committee = office.participant.agreement.committee
    let message: Message
    do { message = try unverified.verified(by: committee) } catch {
      return log.log(.consensus, "a message is refused: \(error)")
    }
    note(message, of: committee)
    if message.ballot.round <= office.participant.agreement.round + Consensus.horizon {
      _ = known.post(message)
    }
    handle(.message(message))
  }

  /// A cosignature that was not needed any more says what its validator's clock says.
  private func takeLate(_ unverified: UnverifiedMessage, _ bytes: [UInt8], of committee: Committee) {
    guard seen.insert(SHA256.digest(of: bytes)).inserted else { return }
    do { note(try unverified.verified(by: committee), of: committee) } catch {
      log.log(.consensus, "a message is refused: \(error)")
    }
    publish()
  }

  private func note(_ message: Message, of committee: Committee) {
    let name = committee.seats[message.sender].name
    sightings.see(name, height: message.ballot.height, round: message.ballot.round, at: now())
    if let cosignature = message.cosignature {
      sightings.cosigned(
        name, height: message.ballot.height, at: cosignature.timestamp, arrival: now() / 1000)
    }
  }

  // MARK: Reading

  /// Between two readings of the boards that nobody asked for by the clock, so much time passes at least.
  private static let readingPause = Duration.seconds(1)

  /// Reads this height from every board, soon: what was posted before may have been missed.
  func readBoards() {
    guard reading == nil, mode == .working else { return }
    let wait = lastReading.map { ContinuousClock.now.duration(to: $0 + Consensus.readingPause) } ?? .zero
    reading = Task {
      if wait > .zero { guard await Consensus.pause(wait) else { return } }
      self.lastReading = .now
      self.reading = nil
      let height = self.height
      for (name, link) in self.links {
        let board = link.board
        Task {
          do { for bytes in try await board.read(height: height) { self.receive(bytes) } } catch {
            self.failed(name.isEmpty ? "the board" : "the node of \(name)", error)
          }
        }
      }
    }
  }

  /// Posts again what a board should have of this validator's and does not: it was lost, or shows an old state.
  func compare(_ found: [[UInt8]], height: UInt64, on name: String) {
    guard height == self.height, mode == .working, let office, let link = links[name] else { return }
    let found = Set(found)
    for message in office.participant.messages(height: height) where !found.contains(message.bytes) {
      link.outbox.add(message)
    }
  }

  /// Has the board forget what is a hundred heights old.
  func forgetOld() {
    guard let etcd, height.isMultiple(of: 100), height > 100 else { return }
    let first = height - 100
    Task {
      do { try await etcd.forget(below: first) } catch { self.failed("the board", error) }
    }
  }

  // MARK: For the others

  /// What is known of a height: this validator's messages and those of others, the newest rounds first where they are too many.
  func messages(height: UInt64) -> [[UInt8]] {
    let all = known.messages(height: height)
    let own = office?.participant.messages(height: height) ?? []
    var places = Set(all.map(BoardPlace.init))
    var results: [[UInt8]] = []
    var byteCount = 0
    let sorted = (all + own.filter { places.insert(BoardPlace($0)).inserted })
      .sorted { $0.ballot.round > $1.ballot.round }
    for message in sorted {
      let bytes = message.bytes
      byteCount += bytes.count
      guard byteCount <= MessageList.heightLimit else { break }
      results.append(bytes)
    }
    return results
  }

  /// The body of a block that is not final yet; nil where it is not here.
  func undecidedBody(of block: Digest, height: UInt64) throws -> [UInt8]? {
    guard height == self.height else { return nil }
    return try blocks.bytes(block, height: height)
  }

  /// `document` with the decision of its height, where that is at hand.
  func withDecision(_ document: FinalDocument) -> FinalDocument {
    var document = document
    document.decision =
      office?.participant.messages(height: document.height).last {
        $0.ballot.kind == .cosign
      }?.bytes
    return document
  }

  /// `document`, the newest, with what this validator shows beside it.
  func withCertificate(_ document: FinalDocument) -> FinalDocument {
    var document = withDecision(document)
    document.isAmnesic = office?.participant.isAmnesic ?? true
    if document.height + 1 == height {
      document.certificate = known.messages(height: height).first { $0.ballot.certificate != nil }?.bytes
    }
    return document
  }
}
