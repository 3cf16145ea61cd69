/// A tile or a bundle, in pieces.
public struct TileBytes: Sendable {
  /// The number of bytes.
  public let byteCount: Int
  /// The number of pieces.
  public let pieceCount: Int
  /// The bytes of the piece with that number.
  public let piece: @Sendable (Int) throws -> [UInt8]
}
