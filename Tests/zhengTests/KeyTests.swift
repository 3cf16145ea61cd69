import Foundation
import Testing

@Suite("zheng key", .timeLimit(.minutes(30)))
struct KeyTests {
  @Test("a new key has mode 0600, and openssl reads it", arguments: ["es256", "ed25519"])
  func newKey(algorithm: String) async throws {
    let box = try Sandbox()
    let made = try await box.zheng(
      "key", "new", "密钥.pem", "--algorithm", algorithm, "--json", "--public", "公钥.pem")
    #expect(made.status == 0)
    #expect(try box.mode("密钥.pem") == 0o600)
    let json = try made.json
    #expect((json["kid"] as? String)?.count == 64)
    #expect(json["algorithm"] as? String == (algorithm == "es256" ? "ES256" : "Ed25519"))
    let theirs = try await box.must("openssl pkey -in 密钥.pem -pubout").text
    #expect(theirs == json["publicKey"] as? String)
    #expect(try box.read("公钥.pem") == Data(theirs.utf8))
    for file in ["密钥.pem", "公钥.pem"] {
      let shown = try await box.zheng("key", "show", file, "--json")
      #expect(try shown.json["kid"] as? String == json["kid"] as? String)
      #expect(try await box.zheng("key", "show", file, "--public").text == theirs)
    }
  }

  @Test("a key file is never overwritten")
  func neverOverwritten() async throws {
    let box = try Sandbox()
    try box.write("a.pem", "precious")
    let outcome = try await box.zheng("key", "new", "a.pem")
    #expect(outcome.status == 73)
    #expect(outcome.errors.contains("a.pem"))
    #expect(try box.read("a.pem") == Data("precious".utf8))
    // Neither is a public one, and then no private key is left behind.
    #expect(try await box.zheng("key", "new", "b.pem", "--public", "a.pem").status == 73)
    #expect(!box.exists("b.pem"))
    #expect(try await box.zheng("key", "new", "none/b.pem").status == 73)
  }

  @Test("what is no key is told by its file's name")
  func noKey() async throws {
    let box = try Sandbox()
    try box.write("text.pem", "not a key")
    #expect(try await box.zheng("key", "show", "text.pem").status == 64)
    #expect(try await box.zheng("key", "show", "missing.pem").status == 66)
    #expect(try await box.zheng("key", "show", ".").status == 66)
    try await box.must(
      """
      openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-384 -out p384.pem &&
        openssl genpkey -algorithm ed25519 -aes256 -pass pass:x -out locked.pem
      """)
    let curve = try await box.zheng("key", "show", "p384.pem")
    #expect(curve.status == 64)
    #expect(curve.errors.contains("p384.pem") && curve.errors.contains("P-256"))
    let locked = try await box.zheng("key", "show", "locked.pem", "--json")
    #expect(locked.status == 64)
    #expect(try locked.json["code"] as? String == "passphrase-needed")
    #expect(locked.text.contains("locked.pem") && locked.text.contains("--key-passphrase-fd"))
  }
}
