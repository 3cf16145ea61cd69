/// What a COSE_Sign1 signature is over (RFC 9052 §4.4): `["Signature1", protected, external aad, payload]`.
package enum SigStructure {
  /// Appends the structure's encoding.
  ///
  /// - Parameters:
  ///   - protected: the content of the protected bstr; empty if there are no protected parameters.
  ///   - externalAAD: empty in all statements.
  package static func append(
    protected: Span<UInt8>, externalAAD: Span<UInt8>, payload: Span<UInt8>, to buffer: inout [UInt8]
  ) {
    CBORWriter.head(.array, 4, to: &buffer)
    CBORWriter.textString("Signature1", to: &buffer)
    CBORWriter.byteString(protected, to: &buffer)
    CBORWriter.byteString(externalAAD, to: &buffer)
    CBORWriter.byteString(payload, to: &buffer)
  }
}
