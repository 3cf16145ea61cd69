import TransparencyLog

extension LineEnds {
  /// `bytes`, read from `path`, as they were before; says so where they were changed.
  static func read(_ bytes: [UInt8], _ path: String) -> [UInt8] {
    guard let restored = restored(bytes) else { return bytes }
    Diagnostics.note("\(path): \(restored.hint); it is read as it was before")
    return restored.bytes
  }
}
