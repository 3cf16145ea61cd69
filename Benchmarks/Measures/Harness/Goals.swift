/// What a measure should be: every limit that one is held to, in one table.
///
/// Where there is a yardstick the limit is of the ratio to it, else of the figure itself.
extension Goal {
  // MARK: Hashing, one core

  /// Merkle nodes, many at once, against OpenSSL's one-shot: a root, or a level of a tree.
  static let nodes = atLeast(8, aim: 14)
  /// A Merkle node that comes alone, against OpenSSL's reused context, by its time.
  static let singleNode = atMost(1.3)
  /// A block of leaves of 256 bytes to 4 KiB, many at once, against one of leaves of 16 KiB by the same kernels: leaves cost their
  /// blocks and nothing else.
  ///
  /// Found on a Xeon with AVX-512 and SHA-NI, by each kernel: 1.09, 1.05 and 1.02 with 16 lanes, 1.04, 1.01 and 1.00 with 8, 1.02,
  /// 1.00 and 1.00 with 4, and 1.07 to 1.10, 1.03 and 1.00 with SHA-NI. Half of what is left of 256 bytes is one pass over the messages in
  /// Swift and two in C (4 ns a leaf), half the transposition of the first blocks, during which nothing is hashed.
  static let leaves = atMost(1.1, aim: 1.05)
  /// The same by one kernel alone.
  static let leavesByOneKernel = atMost(1.1)
  /// What hashes many may not be slower than OpenSSL's reused context on the same messages.
  static let lanes = atLeast(1)
  /// Leaves appended to a frontier, by the node, against OpenSSL's one-shot.
  static let frontier = atLeast(1)

  // MARK: Signatures, one core

  /// ES256 by tables of known keys, against OpenSSL's own verification.
  static let knownKeys = atLeast(2.7, aim: 3.7)

  // MARK: The audit of a whole ledger

  /// Records, against OpenSSL's verifications on all cores at once.
  static let audit = atLeast(2.4, aim: 3.2)
  /// Two cores against one.
  static let secondCore = atLeast(1.85, aim: 1.95)
  /// A record of a large ledger against one of a small ledger, by its time.
  static let growth = atMost(1.15, aim: 1.05)
  /// Anonymous memory, in MB.
  static let memory = atMost(200, aim: 100)
  /// Hashes only, by the byte, against leaves of the same size that lie in the cache, by `LaneHasher` on all cores at once.
  ///
  /// Found on the same Xeon, two cores: 0.51 with records of 1 KiB. Of the processor's time half is hashing leaves, a fifth copying
  /// them out of the system's cache, a tenth the signatures of checkpoints and headers, a twentieth nodes; all the rest together is
  /// less than what is missing. A mapped file would save the copy, and end the process by a signal where the file is cut meanwhile.
  static let hashesOnly = atLeast(0.6)

  // MARK: Appending and storing

  /// Records in sequences, against OpenSSL's verifications on all cores at once.
  static let sequences = atLeast(1.8, aim: 2.8)
  /// Single requests, against equal ones that are answered without doing anything.
  static let posts = atLeast(0.25, aim: 0.5)
  /// Commits without signatures, against SQLite's.
  ///
  /// Found: 0.11, and 1.17 before a header named the root of the state. Of 19 µs a record, bringing the state up to date takes ten
  /// (see `stateUpkeep`); a row of SQLite's proves nothing.
  static let store = atLeast(1, aim: 2)

  // MARK: Proofs

  /// A proof from tiles on disk, or its check, in µs: "well under a millisecond".
  static let proof = atMost(1000, aim: 100)
  /// Opening a ledger, in ms.
  static let opening = atMost(50, aim: 10)

  // MARK: The state tree

  /// Upkeep for a record of three keys, storing included, in µs of one core.
  ///
  /// Found: 10, of which a quarter is hashing, a fifth reading and writing buckets in the system's cache, a sixth walking the upper tree.
  static let stateUpkeep = atMost(4)
  /// One key's part of a proof, in bytes.
  static let stateProof = atMost(2048)
  /// Its check, in µs.
  static let stateCheck = atMost(50)
  /// Anonymous memory for a state that is opened, in MB.
  static let stateMemory = atMost(100)

  // MARK: Rules

  /// What the rules of a scenario add to a record, in µs: 3, or a tenth of what the validation of a plain record takes, whichever
  /// is more.
  static func rules(plain microseconds: Double) -> Goal { atMost(max(3, 0.1 * microseconds)) }
}
