import Consortium
import LedgerCrypto

extension Simulation {
  /// Starts what is down, gives everybody the true board, lets everything arrive, and sees that a block more becomes final everywhere,
  /// within three rounds that an honest validator leads.
  func heal() {
    isHealed = true
    for node in honest {
      node.journal.writesLeft = nil
      if node.process == nil { start(node) }
    }
    // A board that was lost is filled anew from the journals: what the liar showed to some alone is not on it.
    board = PostedMessages()
    for node in honest {
      node.process?.read = 0
      for height in 1...node.height {
        for message in node.process?.participant.messages(height: height) ?? [] { _ = board.post(message) }
      }
    }
    if setting.lostJournals > 1 { restart() }
    let first = honest.map(\.finals.count).max() ?? 0
    lastHeight = UInt64(first) + 1
    for node in honest { handle(node, .work(isWaiting: node.height <= lastHeight)) }
    let rounds = honest.filter { $0.finals.count == first }.compactMap {
      $0.process?.participant.agreement.round
    }
    var worst = rounds.max() ?? 0
    for idle in 0..<200 {
      settle()
      guard failure == nil else { return }
      for node in honest where node.finals.count == first {
        worst = max(worst, node.process?.participant.agreement.round ?? 0)
      }
      if honest.allSatisfy({ $0.finals.count > first }) { return check(first, rounds.max() ?? 0, worst) }
      if idle % 2 == 0 {
        for node in honest { local(node, .read) }
        for node in honest where node.process?.amnesia != nil { for _ in 0..<8 { local(node, .ask) } }
      } else {
        // The shortest patience is at its end first.
        let least = honest.compactMap { $0.process?.timer }.min()
        for node in honest where node.process?.timer == least && least != nil { runOut(node) }
      }
    }
    failure = .stuck
  }

  /// Lets everything arrive that is on its way, in order.
  private func settle() {
    var next = 0
    while next < pending.count, failure == nil {
      let arrival = pending[next]
      next += 1
      arrive(arrival)
      if next == 512 {
        pending.removeFirst(next)
        next = 0
      }
    }
    pending.removeAll(keepingCapacity: true)
  }

  /// Where so many do not sign at the newest height that nothing moves, all operators sign a restart above the newest block that anybody
  /// knows to be decided, and it comes into force.
  private func restart() {
    lastHeight = honest.map(\.height).max() ?? 0
    settle()
    for node in honest { catchUp(node) }
    settle()
    let height = honest.map(\.height).max() ?? 0
    let silent = honest.count { $0.process.map { $0.participant.start > height } ?? true }
    guard failure == nil, silent > committee.count - committee.quorum else { return }
    note(.restart)
    let newest = honest.map(\.head).max { $0.height < $1.height }!
    let decision = honest.lazy.compactMap { node in
      node.head == newest ? node.process?.participant.agreement.decision : nil
    }.first
    if let decision { for node in honest { handle(node, .certificate(decision)) } }
    var nonce: [UInt8] = []
    for _ in 0..<Restart.nonceByteCount { nonce.append(UInt8(pick(256))) }
    let restart = Restart(
      of: committee, height: decision?.height ?? newest.height, block: decision?.digest ?? newest.block,
      nonce: nonce)
    var file = RestartFile(restart)
    do {
      for node in honest {
        guard let process = node.process else { continue }
        file.add(try process.participant.sign(restart, head: node.head, committee: committee), of: node.place)
      }
    } catch {
      return failure = .error("signing the restart: \(error)")
    }
    pending.removeAll()
    for node in honest {
      guard let process = node.process else { continue }
      (process.amnesia, process.read, process.timer, process.wanted) = (nil, 0, nil, [])
      guarded(node) { () throws(ConsortiumError) in
        try process.participant.adopt(file, head: node.head, committee: committee)
      }
    }
    if decision != nil { settle() }
  }

  private func check(_ height: Int, _ before: Int, _ after: Int) {
    let led = (before + 1..<max(before + 1, after + 1)).filter {
      committee.leader(height: UInt64(height) + 1, round: $0) != liar?.place
    }
    if led.count > 3 { failure = .slow }
    for node in honest {
      for (number, digest) in node.finals.enumerated() where decided[UInt64(number) + 1] != digest {
        failure = .lost
      }
    }
  }
}

extension Simulation: CustomStringConvertible {
  /// Where each honest validator is: for whoever looks into a seed.
  var description: String {
    honest.map { node in
      guard let process = node.process else { return "v\(node.place) is down" }
      let agreement = process.participant.agreement
      let said = process.participant.messages(height: node.height).map {
        "\($0.ballot.kind) \($0.ballot.round)"
      }
      return """
        v\(node.place): height \(node.height), round \(agreement.round), decided \(agreement.decision?.round ?? -1), \
        timer \(process.timer ?? -1), waits for \(process.wanted.count) blocks, \(said.joined(separator: ", "))
        """
    }
    .joined(separator: "\n")
  }
}
