import Synchronization

/// A source of signatures: decides whether its signatures are tried by the tables of `KnownKeys` first.
///
/// A signature that a table rejects is verified again, which costs a quarter more. So that bad signatures cannot be used to slow a
/// ledger down, a source may send eight of them, and one more for every eight good ones; beyond that its signatures are verified in
/// the ordinary way, until enough of them were good. No source costs another.
public final class SignatureSource: Sendable {
  private struct Counts {
    var good = 0
    var bad = 0
  }

  /// From so many signatures on the older ones count half.
  private static let memory = 1024

  private let counts = Mutex(Counts())

  /// A source that has sent nothing yet.
  public init() {}

  /// Whether its signatures are tried by tables.
  var isTrusted: Bool { counts.withLock { $0.bad <= 8 + $0.good / 8 } }

  /// Takes note of one that was verified.
  func countVerified(isValid: Bool) {
    counts.withLock { counts in
      if isValid { counts.good += 1 } else { counts.bad += 1 }
      guard counts.good + counts.bad >= SignatureSource.memory else { return }
      counts.good /= 2
      counts.bad /= 2
    }
  }
}
