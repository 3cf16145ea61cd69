import Foundation
import Testing

@Suite("openssl from outside")
struct InteropTests {
  @Test("keys of openssl genpkey found a ledger and append; openssl verifies the signatures that show gives")
  func openssl() async throws {
    let box = try Sandbox()
    try await box.must(
      """
      openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out notary.pem
      openssl genpkey -algorithm ed25519 -out court.pem
      for m in notary court; do openssl pkey -in $m.pem -pubout -out $m.pub.pem; done
      """)
    try await box.found()
    try await box.must(
      "echo 证据 > file; $ZHENG append ledger --key notary.pem file; $ZHENG append ledger --key court.pem file")
    // A thousandth of all signatures has an r or s with leading zeros; the DER of each must be minimal.
    try await box.must("seq 60 | $ZHENG append ledger --key notary.pem --lines -")
    for index in [0, 2] + Array(6..<66) {
      try await box.must(
        """
        $ZHENG show ledger \(index) --public-key > key; $ZHENG show ledger \(index) --sig-structure > signed
        $ZHENG show ledger \(index) --signature-der > signature
        cmp key notary.pub.pem && openssl dgst -sha256 -verify key -signature signature signed
        """)
    }
    try await box.must(
      """
      $ZHENG show ledger 4 --public-key > key; $ZHENG show ledger 4 --sig-structure > signed
      $ZHENG show ledger 4 --signature > signature
      cmp key court.pub.pem && openssl pkeyutl -verify -pubin -inkey key -rawin -in signed -sigfile signature
      """)
    let id = try #require(try await box.zheng("show", "ledger", "4", "--json").json["id"] as? String)
    #expect(try await box.must("sha256sum < signed").text.hasPrefix(id))
    #expect(try await box.zheng("show", "ledger", "4", "--signature-der").status == 64)
    // And not of other bytes.
    try await box.must("printf x >> signed")
    #expect(
      try await box.shell("openssl pkeyutl -verify -pubin -inkey key -rawin -in signed -sigfile signature")
        .status
        != 0)
  }

  @Test("the parts in show --json are those that the raw outputs give")
  func parts() async throws {
    let box = try Sandbox()
    try await box.found()
    try box.write("file", "证据")
    try await box.must("$ZHENG append ledger --key notary.pem file")
    let json = try await box.zheng("show", "ledger", "2", "--json").json
    for (name, flag) in [
      ("payload", "--payload"), ("entry", "--entry"), ("sigStructure", "--sig-structure"),
      ("signature", "--signature"),
      ("signatureDER", "--signature-der"),
    ] {
      let raw = try await box.zheng("show", "ledger", "2", flag).output
      #expect(Data(base64Encoded: json[name] as? String ?? "") == raw, "\(name)")
    }
    #expect(try await box.zheng("show", "ledger", "2", "--public-key").text == json["publicKey"] as? String)
  }
}
