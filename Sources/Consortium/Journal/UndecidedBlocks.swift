import Glibc
public import LedgerCrypto

/// The blocks that a validator has proposed or is about to vote for, on the disk beside its journal until their height is final: whoever
/// gets a certificate for one can ask any of its voters for it.
///
/// Each is a file named by its height in 20 digits and its digest. A liar can have at most one kept for each round that it leads, none
/// larger than the round allows.
public struct UndecidedBlocks: ~Copyable {
  private let path: String
  private let folder: Int32

  /// The blocks in the folder at `path`, which is made where it is missing.
  ///
  /// - Throws: `journal-failed`.
  public init(_ path: String) throws(ConsortiumError) {
    folder = try Files.openFolder(path, isMade: true)
    self.path = path
  }

  deinit { close(folder) }

  /// Keeps a block. On return it is on the disk, whole and synced: only then it is proposed, or `judged`.
  ///
  /// - Throws: `journal-failed`.
  public func keep(_ bytes: [UInt8], _ digest: Digest, height: UInt64) throws(ConsortiumError) {
    precondition(bytes.count <= Message.maximumBlockByteCount, "a block that nobody may propose")
    let path = path(digest, height)
    // What has its name is whole and synced.
    guard unsafe access(path, F_OK) != 0 else { return }
    try Files.place(bytes, at: path, in: folder)
  }

  /// The bytes of a block; nil where it is not kept. The core judges them again.
  ///
  /// - Throws: `journal-failed`.
  public func bytes(_ digest: Digest, height: UInt64) throws(ConsortiumError) -> [UInt8]? {
    let path = path(digest, height)
    guard unsafe access(path, F_OK) == 0 else { return nil }
    let descriptor = try Files.open(path, O_RDONLY)
    defer { close(descriptor) }
    return try Files.contents(of: descriptor, path)
  }

  /// Removes the blocks of heights below `height`, which are final, and what a crash left of others.
  ///
  /// - Throws: `journal-failed`.
  public func removeAll(below height: UInt64) throws(ConsortiumError) {
    for name in try Files.names(in: path) {
      guard name.hasSuffix(Files.unfinishedSuffix) || UInt64(name.prefix(20)).map({ $0 < height }) == true
      else { continue }
      try Files.remove(path + "/" + name)
    }
  }

  private func path(_ digest: Digest, _ height: UInt64) -> String {
    "\(path)/\(BoardKey.number(height, digits: 20))-\(digest.hex)"
  }
}
