import Foundation
import LedgerCrypto
import Statements
import TestKit
import Testing

/// One case of cose-wg/Examples, COSE_Sign1.
struct COSEVector: Decodable, CustomTestStringConvertible {
  struct Input: Decodable {
    struct Sign0: Decodable {
      let key: Key
      let external: String?
    }
    struct Key: Decodable {
      let kty: String
      let x: String?
      let y: String?
      let xHex: String?
      enum CodingKeys: String, CodingKey { case kty, x, y, xHex = "x_hex" }
    }
    let sign0: Sign0
  }
  struct Intermediates: Decodable {
    let toBeSigned: String
    enum CodingKeys: String, CodingKey { case toBeSigned = "ToBeSign_hex" }
  }
  struct Output: Decodable { let cbor: String }
  let title: String
  let fail: Bool?
  let input: Input
  let intermediates: Intermediates
  let output: Output

  var testDescription: String { title }

  static let names = [
    "ecdsa-sig-01", "eddsa-sig-01", "sign-pass-01", "sign-pass-02", "sign-pass-03", "sign-fail-01",
    "sign-fail-02",
    "sign-fail-03", "sign-fail-04", "sign-fail-06", "sign-fail-07",
  ]
}

/// A general COSE_Sign1 verifier (RFC 9052 §4.4), which the ledger has no use for: tagged or not, parameters
/// in either header, external data. Key conversion, Sig_structure and verification are the module's.
struct GeneralVerifier {
  let sigStructure: [UInt8]
  let isValid: Bool

  /// Nil for what is no COSE_Sign1 with an algorithm that fits the key.
  init?(_ message: [UInt8], external: [UInt8], key: PublicKey) throws {
    var item = try CBOR(decoding: message)
    if case .tagged(let tag, let content) = item {
      guard tag == 18 else { return nil }
      item = content
    }
    guard case .array(let parts) = item, parts.count == 4, case .bytes(var protected) = parts[0],
      case .map(let unprotected) = parts[1], case .bytes(let payload) = parts[2],
      case .bytes(let signature) = parts[3],
      case .map(let header) = protected.isEmpty ? [:] : try CBOR(decoding: protected)
    else { return nil }
    // An empty header is signed as no bytes (RFC 9052 §4.4, step 2).
    if header.isEmpty { protected = [] }
    var bytes: [UInt8] = []
    SigStructure.append(
      protected: protected.span, externalAAD: external.span, payload: payload.span, to: &bytes)
    sigStructure = bytes
    let algorithm = SignatureAlgorithm.allCases.first {
      CBOR($0.rawValue) == header[label: 1] ?? unprotected[label: 1]
    }
    guard let algorithm, algorithm.keyAlgorithm == key.algorithm else { return nil }
    isValid = key.isValid(signature: signature.span, over: bytes.span)
  }
}

@Suite(
  "COSE: the examples of the COSE working group",
  .enabled(if: Vectors.areHere, "the public suites are not here"))
struct COSEVectorTests {
  static func key(_ key: COSEVector.Input.Key) throws -> PublicKey {
    func coordinate(_ text: String?) throws -> CBOR {
      let base64 = try #require(text).replacing("-", with: "+").replacing("_", with: "/") + "="
      return .bytes(Array(try #require(Data(base64Encoded: base64))))
    }
    if key.kty == "OKP" {
      return try PublicKey(coseKey: [1: 1, -1: 6, -2: .bytes(hex(try #require(key.xHex)))])
    }
    return try PublicKey(coseKey: [1: 2, -1: 1, -2: coordinate(key.x), -3: coordinate(key.y)])
  }

  @Test("each example passes or fails as it says", arguments: COSEVector.names)
  func verification(name: String) throws {
    let vector = try Vectors.decode(COSEVector.self, "cose/\(name).json")
    let external = hex(vector.input.sign0.external ?? "")
    let verifier = try GeneralVerifier(
      hex(vector.output.cbor), external: external, key: Self.key(vector.input.sign0.key))
    if vector.fail == true {
      #expect(verifier?.isValid != true)
    } else {
      #expect(verifier?.isValid == true)
      #expect(verifier?.sigStructure == hex(vector.intermediates.toBeSigned))
    }
  }

  @Test("each example has something unprotected, so that none is an entry", arguments: COSEVector.names)
  func profile(name: String) throws {
    let message = hex(try Vectors.decode(COSEVector.self, "cose/\(name).json").output.cbor)
    expectMalformed { () throws(StatementError) in _ = try EntryView(reading: message) }
    expectMalformed { () throws(StatementError) in _ = try SignedStatement(decoding: message) }
  }
}
