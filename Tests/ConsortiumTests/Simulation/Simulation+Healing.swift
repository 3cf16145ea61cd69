import Consortium

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
    board = honest.flatMap { node in
      (1...node.height).flatMap { node.process?.participant.messages(height: $0) ?? [] }
    }
    let first = honest.map(\.finals.count).max() ?? 0
    lastHeight = UInt64(first) + 1
    let rounds = honest.filter { $0.finals.count == first }.compactMap {
      $0.process?.participant.agreement.round
    }
    var worst = rounds.max() ?? 0
    for idle in 0..<200 {
      var next = 0
      while next < pending.count, failure == nil {
        let arrival = pending[next]
        next += 1
        arrive(arrival.to, arrival.what)
        if next == 512 {
          pending.removeFirst(next)
          next = 0
        }
      }
      pending.removeAll(keepingCapacity: true)
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
