public import LedgerCrypto
internal import TransparencyLog

/// A member's leave to read a node for some minutes: a CWT (RFC 8392) in a tagged COSE_Sign1 (RFC 9052), in deterministic encoding.
///
/// ```cddl
/// token = #6.18([protected: bstr .cbor { 1: alg, 4: kid, 16: "application/vnd.zheng.token+cwt" },
///                unprotected: {}, payload: bstr .cbor claims, signature: bstr .size 64])
/// claims = { ? 1: issuer, 3: [ledger: hex, node: url], 4: exp, 6: iat, 7: cti: bstr .size 16 }   ; times in s since the epoch
/// ```
///
/// Its type (RFC 9596) and the lack of content type and claims header keep it from ever passing for a statement. `issuer` is the
/// member whose key it is, and may be left out: the key says it. As text it is base64url without padding (RFC 4648 §5).
public struct AccessToken: Sendable {
  /// The value of `typ`.
  public static let type = "application/vnd.zheng.token+cwt"
  /// No token holds for longer, in s.
  public static let longestLife: UInt64 = 600
  /// No token is longer, in bytes.
  public static let maximumByteCount = 2048

  /// What it says.
  public struct Claims: Hashable, Sendable {
    /// The member whose key it is; nil if the key alone says it.
    public var issuer: String?
    /// The ledger that is read.
    public var ledger: Digest
    /// The URL of the node that it is for, as the reader names it.
    public var node: String
    /// When it begins and ends, in s since the epoch.
    public var issuedAt, expiresAt: UInt64
    /// 16 random bytes.
    public var tokenID: [UInt8]

    /// Claims that hold for `lifetime` s from `issuedAt` on.
    public init(
      issuer: String?, ledger: Digest, node: String, issuedAt: UInt64, lifetime: UInt64 = longestLife,
      tokenID: [UInt8]
    ) {
      (self.issuer, self.ledger, self.node) = (issuer, ledger, node)
      (self.issuedAt, expiresAt, self.tokenID) = (issuedAt, issuedAt + lifetime, tokenID)
    }

    fileprivate var payload: [UInt8] {
      var pairs: [(CBOR, CBOR)] = [
        (3, [.text(ledger.hex), .text(node)]), (4, .unsigned(expiresAt)), (6, .unsigned(issuedAt)),
        (7, .bytes(tokenID)),
      ]
      if let issuer { pairs.append((1, .text(issuer))) }
      return CBOR.map(CBORMap(pairs)).encoded
    }
  }

  /// What it says, as its signer wrote it.
  public let claims: Claims
  /// The thumbprint of the key that signed it, as it says.
  public let keyID: Digest
  private let algorithm: SignatureAlgorithm
  private let sigStructure, signature: [UInt8]

  /// A token of these claims, signed with a member's key.
  public static func bytes(_ claims: Claims, signedBy key: PrivateKey) throws(CryptoError) -> [UInt8] {
    let algorithm = SignatureAlgorithm(for: key.publicKey.algorithm)
    let protected = CBOR.map([
      1: CBOR(algorithm.rawValue), 4: .bytes(key.publicKey.thumbprint.bytes), 16: .text(type),
    ]).encoded
    let payload = claims.payload
    let signature = try key.signature(over: sigStructure(protected, payload))
    return CBOR.tagged(18, [.bytes(protected), [:], .bytes(payload), .bytes(signature)]).encoded
  }

  /// The token in `bytes`, whose signature nobody has checked yet.
  ///
  /// - Throws: `malformed` for any other shape or encoding.
  public init(decoding bytes: [UInt8]) throws(StatementError) {
    guard bytes.count <= AccessToken.maximumByteCount,
      case .tagged(18, .array(let parts)) = try CBOR(decoding: bytes), parts.count == 4,
      case .bytes(let protected) = parts[0], case .map(let unprotected) = parts[1], unprotected.isEmpty,
      case .bytes(let payload) = parts[2], case .bytes(let signature) = parts[3], signature.count == 64
    else { throw AccessToken.malformed("not a COSE_Sign1") }
    guard case .map(let header) = try CBOR(decoding: protected), header.count == 3,
      let number = header[label: 1], let algorithm = AccessToken.algorithm(number),
      case .bytes(let keyID)? = header[label: 4], let keyID = Digest(keyID.span),
      header[label: 16] == .text(AccessToken.type)
    else { throw AccessToken.malformed("its protected header is not that of a token") }
    (self.keyID, self.algorithm, self.signature) = (keyID, algorithm, signature)
    sigStructure = AccessToken.sigStructure(protected, payload)
    claims = try AccessToken.claims(payload)
  }

  private static func claims(_ payload: [UInt8]) throws(StatementError) -> Claims {
    guard case .map(let map) = try CBOR(decoding: payload),
      case .array(let audience)? = map[label: 3], audience.count == 2, case .text(let ledger) = audience[0],
      let ledger = Digest(hex: ledger), case .text(let node) = audience[1],
      case .unsigned(let end)? = map[label: 4], case .unsigned(let start)? = map[label: 6], start <= end,
      case .bytes(let id)? = map[label: 7], id.count == 16
    else { throw malformed("its claims are not those of a token") }
    var claims = Claims(
      issuer: nil, ledger: ledger, node: node, issuedAt: start, lifetime: end - start, tokenID: id)
    if case .text(let issuer)? = map[label: 1] { claims.issuer = issuer }
    guard map.count == (claims.issuer == nil ? 4 : 5) else {
      throw malformed("it has other claims than a token's")
    }
    return claims
  }

  private static func algorithm(_ number: CBOR) -> SignatureAlgorithm? {
    SignatureAlgorithm.allCases.first { CBOR($0.rawValue) == number }
  }

  private static func sigStructure(_ protected: [UInt8], _ payload: [UInt8]) -> [UInt8] {
    var bytes: [UInt8] = []
    let none: [UInt8] = []
    SigStructure.append(protected: protected.span, externalAAD: none.span, payload: payload.span, to: &bytes)
    return bytes
  }

  private static func malformed(_ detail: String) -> StatementError { StatementError(.malformed, detail) }

  /// Whether the signature is `key`'s; whether `keyID` names it is for the caller to see to.
  public func isSigned(by key: PublicKey) -> Bool {
    algorithm.keyAlgorithm == key.algorithm && key.isValid(signature: signature.span, over: sigStructure.span)
  }

  // MARK: As text

  /// `bytes` in base64url without padding.
  public static func text(_ bytes: [UInt8]) -> String {
    let text = Base64.encode(bytes).utf8.filter { $0 != UInt8(ascii: "=") }.map { byte in
      byte == UInt8(ascii: "+") ? UInt8(ascii: "-") : byte == UInt8(ascii: "/") ? UInt8(ascii: "_") : byte
    }
    return String(decoding: text, as: UTF8.self)
  }

  /// The token in the text of a request.
  ///
  /// - Throws: `malformed`, also for another spelling of the same bytes.
  public init(text: String) throws(StatementError) {
    guard text.utf8.count <= AccessToken.maximumByteCount / 3 * 4 + 4,
      !text.utf8.contains(where: {
        $0 == UInt8(ascii: "+") || $0 == UInt8(ascii: "/") || $0 == UInt8(ascii: "=")
      })
    else { throw AccessToken.malformed("not base64url without padding") }
    var plain = text.utf8.map { byte in
      byte == UInt8(ascii: "-") ? UInt8(ascii: "+") : byte == UInt8(ascii: "_") ? UInt8(ascii: "/") : byte
    }
    plain += [UInt8](repeating: UInt8(ascii: "="), count: (4 - plain.count % 4) % 4)
    guard let bytes = Base64.decode(String(decoding: plain, as: UTF8.self)) else {
      throw AccessToken.malformed("not base64url without padding")
    }
    try self.init(decoding: bytes)
  }
}
