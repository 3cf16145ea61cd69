import Boards

// That one process works as a validator, and where its node is: on the board, for as long as it says so.
extension Consensus {
  private static let renewalPause = Duration.seconds(3)
  /// So often in a row an announcement may be taken, for a minute: the lease of a process that was killed ends within ten seconds, and is
  /// prolonged where etcd is started again or set back.
  private static let mostRefusals = 20

  /// Says on the board where this node is, until the task of `run` ends.
  ///
  /// - Parameter url: of the address on which it listens; the settings may know a better one.
  func announce(_ url: String) {
    guard let etcd, mode == .working else { return }
    let url = settings.ownURL ?? url
    announcing = Task { await self.announce(url, on: etcd) }
  }

  private func announce(_ url: String, on etcd: EtcdBulletin) async {
    let process = UInt64.random(in: .min ... .max)
    var (refusals, hasAnnounced) = (0, false)
    repeat {
      do {
        if let announcement {
          try await etcd.renew(announcement)
        } else {
          announcement = try await etcd.announce(url, process: process)
          (refusals, hasAnnounced) = (0, true)
        }
      } catch let error as BoardError where error.code == .taken {
        announcement = nil
        refusals += 1
        if !hasAnnounced, refusals > Consensus.mostRefusals { return fail(error) }
        // What a board says of a process that has worked until now is not believed: it may show an old state.
        if refusals > 1 { failed("the board", error) }
      } catch {
        if Task.isCancelled { return }
        failed("the board", error)
      }
    } while await Consensus.pause(Consensus.renewalPause)
  }
}
