import LedgerCrypto
import Statements
import TestKit
import Testing

@Suite("COSE keys and thumbprints")
struct COSEKeyTests {
  static let x = hex("65eda5a12577c2bae829437fe338701a10aaa375e1bb5b5de108de439c08551d")
  static let y = hex("1e52ed75701163f7f9e40ddf9f341b3dc9ba860af7e0ca7ca7e9eecd0084d19c")
  /// RFC 8032 §7.1, test 1.
  static let ed25519 = hex("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a")

  @Test("the thumbprint of RFC 9679 §6 is found")
  func rfc9679() throws {
    let key = try PublicKey(.es256, rawBytes: Self.x + Self.y)
    #expect(
      key.coseKey.encoded
        == hex(
          """
          a40102200121582065eda5a12577c2bae829437fe338701a10aaa375e1bb5b5de108de439c08551d
          2258201e52ed75701163f7f9e40ddf9f341b3dc9ba860af7e0ca7ca7e9eecd0084d19c
          """))
    #expect(key.thumbprint.hex == "496bd8afadf307e5b08c64b0421bf9dc01528a344a43bda88fadd1669da253ec")
  }

  @Test("the thumbprint of an Ed25519 key is that of its required parameters")
  func okp() throws {
    let key = try PublicKey(.ed25519, rawBytes: Self.ed25519)
    #expect(key.coseKey.encoded == hex("a3010120062158 20") + Self.ed25519)
    // Computed apart from this code, with hashlib.
    #expect(key.thumbprint.hex == "866eefbd6718c8846cd7ddfe43fc74ab1daac4538ff8514ea2ec2d410a415743")
  }

  @Test("a key is read back from its COSE form", arguments: KeyAlgorithm.allCases)
  func roundTrip(algorithm: KeyAlgorithm) throws {
    for _ in 0..<10 {
      let key = try PrivateKey(generating: algorithm).publicKey
      #expect(try PublicKey(coseKey: key.coseKey) == key)
      #expect(try PublicKey(coseKey: CBOR(decoding: key.coseKey.encoded)) == key)
    }
  }

  @Test("a COSE key of another shape is refused, and a point that is not on the curve")
  func refusals() {
    let (x, y) = (CBOR.bytes(Self.x), CBOR.bytes(Self.y))
    let wrong: [(String, CBOR)] = [
      ("no map", .array([])), ("null", .null), ("empty", [:]),
      ("no kty", [-1: 1, -2: x, -3: y]), ("no crv", [1: 2, -2: x, -3: y]), ("no x", [1: 2, -1: 1, -3: y]),
      ("no y", [1: 2, -1: 1, -2: x]), ("a kid", [1: 2, 2: .bytes([1]), -1: 1, -2: x, -3: y]),
      ("an alg", [1: 2, 3: -7, -1: 1, -2: x, -3: y]), ("a private part", [1: 2, -1: 1, -2: x, -3: y, -4: x]),
      ("a compressed point", [1: 2, -1: 1, -2: x, -3: true]), ("P-384", [1: 2, -1: 2, -2: x, -3: y]),
      ("secp256k1", [1: 2, -1: 8, -2: x, -3: y]), ("kty OKP", [1: 1, -1: 1, -2: x, -3: y]),
      ("kty as text", [1: "EC2", -1: 1, -2: x, -3: y]), ("crv as text", [1: 2, -1: "P-256", -2: x, -3: y]),
      ("a short x", [1: 2, -1: 1, -2: .bytes(Array(Self.x.dropLast())), -3: y]),
      ("a long x", [1: 2, -1: 1, -2: .bytes([0] + Self.x), -3: y]),
      ("a short y", [1: 2, -1: 1, -2: x, -3: .bytes(Array(Self.y.dropLast()))]),
      ("a long y", [1: 2, -1: 1, -2: x, -3: .bytes([0] + Self.y)]),
      ("x for y", [1: 2, -1: 1, -2: x, -3: x]), ("x as text", [1: 2, -1: 1, -2: "x", -3: y]),
      (
        "the origin",
        [1: 2, -1: 1, -2: .bytes(Array(repeating: 0, count: 32)), -3: .bytes(Array(repeating: 0, count: 32))]
      ),
      ("beyond the field", [1: 2, -1: 1, -2: .bytes(Array(repeating: 0xff, count: 32)), -3: y]),
      ("X25519", [1: 1, -1: 4, -2: .bytes(Self.ed25519)]),
      ("Ed448", [1: 1, -1: 7, -2: .bytes(Self.ed25519)]),
      ("Ed25519 as EC2", [1: 2, -1: 6, -2: .bytes(Self.ed25519)]),
      ("Ed25519 with y", [1: 1, -1: 6, -2: .bytes(Self.ed25519), -3: y]),
      ("Ed25519 with d", [1: 1, -1: 6, -2: .bytes(Self.ed25519), -4: y]),
      ("Ed25519, short", [1: 1, -1: 6, -2: .bytes(Array(Self.ed25519.dropLast()))]),
      ("Ed25519, long", [1: 1, -1: 6, -2: .bytes(Self.ed25519 + [0])]),
    ]
    for (what, key) in wrong {
      expectMalformed("\(what)") { () throws(StatementError) in _ = try PublicKey(coseKey: key) }
    }
  }
}
