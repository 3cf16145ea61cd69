import Foundation
import Ledger
import LedgerCrypto
import Synchronization

/// What a validator has signed last on this machine, kept outside of the ledger's directory: it tells a directory that was restored
/// or copied from the one that was signed here.
///
/// `STATE/LEDGER-ID/VALIDATOR/last-signed` has two places of 512 bytes that are written in turn, each with a digest over its text:
/// whatever a power cut spoils, the other is whole. While a writer is open nobody else signs by this file.
final class LastSigned: Sendable {
  /// A block that was signed.
  struct Block: Hashable, Sendable {
    let height: UInt64
    /// The leaf hash of its header.
    let header: Digest
    /// The tree that ends with it.
    let size: UInt64
    let root: Digest
    /// When it was proposed, by the clock and the machine's uptime.
    let moment: String
  }

  private static let placeByteCount = 512
  private static let fileName = "last-signed"

  private let file: File
  private let state: Mutex<(block: Block?, place: Int)>

  /// What was signed last; nil where that is not known.
  var newest: Block? { state.withLock { $0.block } }

  /// When the block that was signed last was proposed, where that is known.
  var moment: ProposalClock.Moment? { newest.flatMap { ProposalClock.Moment(text: $0.moment) } }

  /// The path of the file.
  var path: String { file.path }

  /// Opens the file of `validator` under the ledger `ledger`, made where there is none.
  ///
  /// - Parameters:
  ///   - state: STATE; nil for the standard one.
  ///   - folder: the ledger, for messages.
  /// - Throws: `Failure`; `LedgerBusy` where another writer signs by it.
  init(_ ledger: Digest, _ validator: String, in state: String?, of folder: LedgerFolder) throws {
    let place = try StateFolder.path(of: ledger, validator: validator, in: state)
    try StateFolder.make(place)
    let directory = try Directory(place)
    let isNew = !directory.exists(LastSigned.fileName)
    file = try File(LastSigned.fileName, in: directory, .writeOrCreate, permissions: 0o600)
    if isNew { try directory.sync() }
    guard try file.lock() else {
      throw LedgerBusy(path: folder.path, holder: nil, node: folder.remedies.node)
    }
    self.state = Mutex(try LastSigned.newest(in: file))
  }

  /// What is kept of `validator` under the ledger `ledger`, looked at without making or taking anything.
  ///
  /// - Returns: where it lies, and what was signed last; nil where nothing is kept.
  static func kept(
    _ ledger: Digest, _ validator: String, in state: String?
  ) throws(Failure) -> (path: String, newest: Block?) {
    let place = try StateFolder.path(of: ledger, validator: validator, in: state)
    let path = "\(place)/\(LastSigned.fileName)"
    guard FileSystem.exists(path) else { return (path, nil) }
    let file = try File(LastSigned.fileName, in: Directory(place), .read)
    return (path, try LastSigned.newest(in: file).block)
  }

  /// The newest block of the two places, and the place that is written next.
  private static func newest(in file: File) throws(Failure) -> (block: Block?, place: Int) {
    var (newest, next): (Block?, Int) = (nil, 0)
    for place in 0..<2 {
      let bytes = try file.read(at: UInt64(place * placeByteCount), upTo: placeByteCount)
      guard let block = Block(parsing: bytes) else { continue }
      if newest.map({ $0.height <= block.height }) ?? true { (newest, next) = (block, 1 - place) }
    }
    return (newest, next)
  }

  /// Whether a block at `height` or above it was signed.
  func reaches(_ height: UInt64) -> Bool { newest.map { height <= $0.height } ?? false }

  /// Takes note of `block`, which was signed; when this returns it is on the disk.
  func keep(_ block: Block) throws(Failure) {
    let place = state.withLock { $0.place }
    try file.write(block.text(of: LastSigned.placeByteCount), at: UInt64(place * LastSigned.placeByteCount))
    try file.sync()
    state.withLock { $0 = (block, 1 - place) }
  }
}

extension LastSigned.Block {
  private static let format = "zheng-last-signed-1"

  /// The text with its digest, filled up with line feeds to `count` bytes.
  fileprivate func text(of count: Int) -> [UInt8] {
    let text = """
      \(Self.format)
      height \(height)
      header \(header.hex)
      size \(size)
      root \(root.hex)
      moment \(moment)

      """
    let bytes = Array((text + "sha256 \(SHA256.digest(of: Array(text.utf8)).hex)\n").utf8)
    precondition(bytes.count <= count, "what is kept of a block fits its place")
    return bytes + [UInt8](repeating: UInt8(ascii: "\n"), count: count - bytes.count)
  }

  /// nil for what was not written whole.
  fileprivate init?(parsing bytes: [UInt8]) {
    let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n").map(String.init)
    guard lines.count == 7, lines[0] == Self.format else { return nil }
    let names = ["height ", "header ", "size ", "root ", "moment ", "sha256 "]
    let values = zip(names, lines.dropFirst()).compactMap { name, line in
      line.hasPrefix(name) ? String(line.dropFirst(name.count)) : nil
    }
    guard values.count == 6, let height = UInt64(values[0]), let header = Digest(hex: values[1]),
      let size = UInt64(values[2]), let root = Digest(hex: values[3])
    else { return nil }
    self.init(height: height, header: header, size: size, root: root, moment: values[4])
    guard text(of: bytes.count) == bytes else { return nil }
  }
}

extension Refusal.Code {
  /// It is not known what this machine has signed last, and the ledger is not new.
  public static let lastSignedMissing = Self(rawValue: "last-signed-missing")
  /// This machine has signed blocks that are not here: the directory was restored or copied.
  public static let behindLastSigned = Self(rawValue: "behind-last-signed")
  /// The block here is another than the one that this machine has signed at its height.
  public static let besideLastSigned = Self(rawValue: "beside-last-signed")
}
