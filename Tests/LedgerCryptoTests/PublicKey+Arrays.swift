import LedgerCrypto

/// `#expect` cannot take a call with a span in it apart.
extension PublicKey {
  func accepts(_ signature: [UInt8], over message: [UInt8]) -> Bool {
    isValid(signature: signature.span, over: message.span)
  }

  func acceptsDER(_ signature: [UInt8], over message: [UInt8]) -> Bool {
    isValid(derSignature: signature.span, over: message.span)
  }
}
