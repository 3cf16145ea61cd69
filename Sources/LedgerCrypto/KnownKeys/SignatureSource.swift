import Synchronization

/// Who sends signatures: whether theirs are tried by the tables of `KnownKeys` first.
///
/// What a table does not accept is verified twice, a quarter dearer. So that who sends bad signatures, in whosoever's name, gains
/// nothing by it, there may be eight of them, and one more for each eight good ones; beyond that a source's signatures are verified
/// in the ordinary way, until enough of them were good. What one source sends costs no other.
public final class SignatureSource: Sendable {
  private struct Counts {
    var good = 0
    var bad = 0
  }

  /// From so many signatures on the older ones count half.
  private static let memory = 1024

  private let counts = Mutex(Counts())

  /// A source of nothing yet.
  public init() {}

  /// Whether its signatures are tried by tables.
  var isTrusted: Bool { counts.withLock { $0.bad <= 8 + $0.good / 8 } }

  /// Takes note of one that was verified.
  func took(isValid: Bool) {
    counts.withLock { counts in
      if isValid { counts.good += 1 } else { counts.bad += 1 }
      guard counts.good + counts.bad >= SignatureSource.memory else { return }
      counts.good /= 2
      counts.bad /= 2
    }
  }
}
