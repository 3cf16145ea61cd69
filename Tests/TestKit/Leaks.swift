import Foundation

/// A run of bytes that lies where it must not: what was to stay secret, found in a folder.
public struct Leak: Hashable, Sendable, CustomStringConvertible {
  /// How the bytes are written there.
  public enum Encoding: String, Sendable {
    case raw, hex, base64
  }

  /// The name of the secret.
  public let secret: String
  /// The file that holds it, relative to the folder.
  public let file: String
  /// How it is written there.
  public let encoding: Encoding
  /// The bytes.
  public let bytes: [UInt8]

  /// One line for a failing test.
  public var description: String {
    let text = String(decoding: bytes, as: UTF8.self)
    return
      "\(file) holds \(bytes.map { String(format: "%02x", $0) }.joined()) (\(text)) of \(secret), \(encoding)"
  }
}

/// Looks for parts of secrets in the files of a folder.
///
/// Each file is read as it is, and all that might be hex or base64 in it (either alphabet, with or without line ends) is
/// decoded, at every alignment; so that a part is found wherever it begins within what was encoded.
public enum Leaks {
  /// The number of bytes that count as a part.
  public static let windowByteCount = 12

  /// Every place in the files under `folder` where 12 bytes of a secret stand, of one in which fewer: all of it.
  ///
  /// - Parameters:
  ///   - secrets: each by a name.
  ///   - control: a folder that had nothing to do with the secrets; what stands there too gives nothing away. Runs of one
  ///     byte never do.
  public static func find(
    _ secrets: [String: [UInt8]], in folder: URL, notCounting control: URL? = nil
  ) throws -> [Leak] {
    var leaks: Set<Leak> = []
    for (length, secrets) in Dictionary(grouping: secrets, by: { min(windowByteCount, $0.value.count) })
    where length > 0 {
      var windows = Windows(secrets.map { ($0.key, $0.value) }, length: length)
      if let control {
        for (_, bytes) in try files(under: control) { windows.remove(windows.hits(bytes)) }
      }
      for (file, bytes) in try files(under: folder) {
        for hit in windows.hits(bytes) {
          leaks.insert(
            Leak(
              secret: windows.secret(of: hit.window), file: file, encoding: hit.encoding,
              bytes: hit.window.bytes(length)))
        }
      }
    }
    return leaks.sorted { $0.description < $1.description }
  }

  /// Every ordinary file under `folder`, by its path in it.
  private static func files(under folder: URL) throws -> [(path: String, bytes: [UInt8])] {
    let names = try FileManager.default.subpathsOfDirectory(atPath: folder.path).sorted()
    return try names.compactMap { name in
      let url = folder.appending(path: name)
      var isFolder: ObjCBool = false
      let isThere = FileManager.default.fileExists(atPath: url.path, isDirectory: &isFolder)
      return !isThere || isFolder.boolValue ? nil : (name, [UInt8](try Data(contentsOf: url)))
    }
  }
}

/// At most 16 bytes, for sets.
private struct Window: Hashable {
  var high: UInt64 = 0
  var low: UInt64 = 0

  /// This window, one byte further along.
  mutating func slide(_ byte: UInt8, mask: Window) {
    high = (high << 8 | low >> 56) & mask.high
    low = (low << 8 | UInt64(byte)) & mask.low
  }

  static func mask(_ length: Int) -> Window {
    var mask = Window()
    for _ in 0..<length { mask.slide(0xff, mask: Window(high: .max, low: .max)) }
    return mask
  }

  func bytes(_ length: Int) -> [UInt8] {
    let all = [high, low].flatMap { word in (0..<8).map { UInt8(truncatingIfNeeded: word >> (56 - 8 * $0)) } }
    return Array(all.suffix(length))
  }
}

/// Every window of some secrets, and where they occur in other bytes.
private struct Windows {
  private let length: Int
  private let mask: Window
  private var owners: [Window: String] = [:]
  /// One bit for each hash, so that most bytes are passed over without a look at the dictionary.
  private var filter = [Bool](repeating: false, count: 1 << 20)

  init(_ secrets: [(name: String, bytes: [UInt8])], length: Int) {
    (self.length, mask) = (length, Window.mask(length))
    for (name, bytes) in secrets {
      var window = Window()
      for (number, byte) in bytes.enumerated() {
        window.slide(byte, mask: mask)
        guard number + 1 >= length, Set(window.bytes(length)).count > 1 || length < 2 else { continue }
        owners[window] = name
        filter[Windows.hash(window)] = true
      }
    }
  }

  private static func hash(_ window: Window) -> Int {
    Int(((window.high &* 0x9e37_79b9_7f4a_7c15) ^ (window.low &* 0xc2b2_ae3d_27d4_eb4f)) >> 44)
  }

  func secret(of window: Window) -> String { owners[window] ?? "" }

  mutating func remove(_ hits: Set<Hit>) { for hit in hits { owners[hit.window] = nil } }

  /// The windows that `bytes` hold, in any encoding.
  func hits(_ bytes: [UInt8]) -> Set<Hit> {
    var hits = scan(bytes, .raw)
    for run in Encoded.hex.runs(in: bytes, atLeast: length) { hits.formUnion(scan(run, .hex)) }
    for run in Encoded.base64.runs(in: bytes, atLeast: length) { hits.formUnion(scan(run, .base64)) }
    return hits
  }

  struct Hit: Hashable {
    let window: Window
    let encoding: Leak.Encoding
  }

  private func scan(_ bytes: [UInt8], _ encoding: Leak.Encoding) -> Set<Hit> {
    var hits: Set<Hit> = []
    var window = Window()
    for (number, byte) in bytes.enumerated() {
      window.slide(byte, mask: mask)
      if number + 1 >= length, filter[Windows.hash(window)], owners[window] != nil {
        hits.insert(Hit(window: window, encoding: encoding))
      }
    }
    return hits
  }
}

/// A text encoding of bytes: so many bits a character.
private struct Encoded {
  let bits: Int
  /// The value of each character; 255 for what ends a run, 254 for what is passed over.
  let values: [UInt8]

  static let hex = Encoded(bits: 4, ["0123456789abcdef", "0123456789ABCDEF"], passedOver: "")
  static let base64: Encoded = {
    let common = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
    return Encoded(bits: 6, [common + "+/", common + "-_"], passedOver: "\r\n")
  }()

  private init(bits: Int, _ alphabets: [String], passedOver: String) {
    self.bits = bits
    var values = [UInt8](repeating: 255, count: 256)
    for alphabet in alphabets {
      for (value, character) in alphabet.utf8.enumerated() { values[Int(character)] = UInt8(value) }
    }
    for character in passedOver.utf8 { values[Int(character)] = 254 }
    self.values = values
  }

  /// What the runs of this encoding's characters in `text` decode to, once for each place in which a byte may begin; runs
  /// that give fewer than `length` bytes are left out.
  func runs(in text: [UInt8], atLeast length: Int) -> [[UInt8]] {
    var runs: [[UInt8]] = []
    // Bytes begin after every two characters of hex, and three of them after every four of base64.
    for start in 0..<(bits == 4 ? 2 : 4) {
      var run: [UInt8] = []
      var (toSkip, pending, count) = (start, UInt32(0), 0)
      for character in text + [0] {
        let value = values[Int(character)]
        switch value {
        case 254: continue
        case 255:
          if run.count >= length { runs.append(run) }
          run.removeAll(keepingCapacity: true)
          (toSkip, pending, count) = (start, 0, 0)
        case _ where toSkip > 0: toSkip -= 1
        default:
          pending = pending << UInt32(bits) | UInt32(value)
          count += bits
          guard count >= 8 else { continue }
          count -= 8
          run.append(UInt8(truncatingIfNeeded: pending >> UInt32(count)))
        }
      }
    }
    return runs
  }
}
