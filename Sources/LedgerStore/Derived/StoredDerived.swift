import Ledger

/// The derived files as a reader finds them: where one can't be used there is none.
struct StoredDerived {
  var tiles = TileFiles()
  var offsets = OffsetsFile()
  var index: (any StoredIndex)?
  /// The last block that is indexed.
  private(set) var head: BlockRow?
  /// Why a file can't be used, for people.
  private(set) var obstacles: [Failure] = []

  /// Nothing.
  init() {}

  /// Those of the ledger in `directory`.
  init(in directory: Directory, index kind: any IndexKind) {
    tiles = opened { () throws(Failure) in try TileFiles(in: directory, writing: false) } ?? tiles
    offsets = opened { () throws(Failure) in try OffsetsFile(in: directory, writing: false) } ?? offsets
    index = opened { () throws(Failure) in try kind.stored(in: directory) }
    guard let index else { return }
    do { head = try index.head() } catch {
      self.index = nil
      obstacles.append(error as? Failure ?? Failure("read", index.path, reason: "\(error)"))
    }
  }

  private mutating func opened<Value>(_ open: () throws(Failure) -> Value) -> Value? {
    do { return try open() } catch {
      obstacles.append(error)
      return nil
    }
  }

  /// Whether all of it reaches to `size` entries, or further.
  func reach(_ size: UInt64) -> Bool {
    index != nil && (head?.size ?? 0) >= size && tiles.reach(size)
      && offsets.count >= OffsetsFile.bundleCount(treeSize: size)
  }

  /// Fails where something reaches beyond a ledger of `size` entries: then the truth was shortened.
  func requireNotAhead(of size: UInt64) throws(Fault) {
    guard
      tiles.isAhead(of: size) || offsets.count > OffsetsFile.bundleCount(treeSize: size)
        || (head?.size ?? 0) > size
    else { return }
    throw Fault(
      .truncated,
      "what is derived reaches beyond the last checkpoint, at \(size) entries: the ledger was longer")
  }
}
