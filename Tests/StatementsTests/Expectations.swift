import Statements
import Testing

/// Expects `body` to throw a `StatementError` with `code`; returns its sentence.
@discardableResult
func expect(
  _ code: StatementError.Code, _ comment: Comment? = nil, sourceLocation: SourceLocation = #_sourceLocation,
  from body: () throws(StatementError) -> Void
) -> String? {
  do throws(StatementError) {
    try body()
    Issue.record("accepted: \(comment?.rawValue ?? "")", sourceLocation: sourceLocation)
    return nil
  } catch {
    #expect(error.code == code, comment, sourceLocation: sourceLocation)
    return error.description
  }
}

/// Expects `body` to throw `malformed`; returns its sentence.
@discardableResult
func expectMalformed(
  _ comment: Comment? = nil, sourceLocation: SourceLocation = #_sourceLocation,
  from body: () throws(StatementError) -> Void
) -> String? {
  expect(.malformed, comment, sourceLocation: sourceLocation, from: body)
}

/// Whether `bytes` are one CBOR item.
func isCBOR(_ bytes: [UInt8]) -> Bool {
  do {
    _ = try CBOR(decoding: bytes)
    return true
  } catch { return false }
}

extension EntryView {
  /// Decodes `entry`, which may be a temporary.
  init(reading entry: [UInt8]) throws(StatementError) { try self.init(decoding: entry.span) }
}
