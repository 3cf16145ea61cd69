import Foundation
import Testing

@Suite("openssl from outside", .timeLimit(.minutes(30)))
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
    try box.write("file", "证据\n")
    try await box.must(zheng: "append", "ledger", "--key", "notary.pem", "file")
    try await box.must(zheng: "append", "ledger", "--key", "court.pem", "file")
    // A thousandth of all signatures has an r or s with leading zeros; the DER of each must be minimal.
    try await box.must(
      zheng: "append", "ledger", "--key", "notary.pem", "--lines", "-", input: Sandbox.lines(1...60))
    for index in [0, 2] + Array(6..<66) {
      try await box.zheng("show", "ledger", "\(index)", "--public-key", into: "\(index).key")
      try await box.zheng("show", "ledger", "\(index)", "--sig-structure", into: "\(index).signed")
      try await box.zheng("show", "ledger", "\(index)", "--signature-der", into: "\(index).der")
    }
    try await box.zheng("show", "ledger", "4", "--public-key", into: "key")
    try await box.zheng("show", "ledger", "4", "--sig-structure", into: "signed")
    try await box.zheng("show", "ledger", "4", "--signature", into: "signature")
    let verified = try await box.must(
      """
      set -e
      for f in *.der; do
        i=${f%.der}; cmp $i.key notary.pub.pem; openssl dgst -sha256 -verify $i.key -signature $f $i.signed
      done
      cmp key court.pub.pem; openssl pkeyutl -verify -pubin -inkey key -rawin -in signed -sigfile signature
      sha256sum < signed
      # And not of other bytes.
      printf x >> signed
      if openssl pkeyutl -verify -pubin -inkey key -rawin -in signed -sigfile signature; then exit 1; fi
      """)
    #expect(verified.lines.filter { $0 == "Verified OK" }.count == 62)
    let id = try #require(try await box.zheng("show", "ledger", "4", "--json").json["id"] as? String)
    #expect(verified.lines.contains { $0.hasPrefix(id) })
    #expect(try await box.zheng("show", "ledger", "4", "--signature-der").status == 64)
  }

  @Test("the parts in show --json are those that the raw outputs give")
  func parts() async throws {
    let box = try Sandbox()
    try await box.found()
    try box.write("file", "证据")
    try await box.must(zheng: "append", "ledger", "--key", "notary.pem", "file")
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
