import Foundation
import TestKit
import Testing

@testable import zheng

/// Issue 17: keys stay under their passphrases.
@Suite("Keys under a passphrase", .timeLimit(.minutes(30)))
struct PassphraseTests {
  /// Runs `zheng` with a passphrase that descriptor N gives, where the arguments say N.
  private func zheng(_ box: Sandbox, _ passphrase: String, _ arguments: String...) async throws -> Outcome {
    let pipe = Pipe()
    try pipe.fileHandleForWriting.write(contentsOf: Data(passphrase.utf8))
    try pipe.fileHandleForWriting.close()
    let descriptor = String(pipe.fileHandleForReading.fileDescriptor)
    return try await box.zheng(arguments.map { $0 == "N" ? descriptor : $0 })
  }

  @Test("openssl reads a key that we put under a passphrase, and we read its, in either of its ways")
  func interop() async throws {
    let box = try Sandbox()
    let made = try await zheng(
      box, "密码 one\nmore", "key", "new", "ours.pem", "--passphrase", "--key-passphrase-fd", "N", "--json")
    #expect(made.status == 0, "\(made.errors)")
    #expect(try box.mode("ours.pem") == 0o600)
    #expect(try box.text("ours.pem").hasPrefix("-----BEGIN ENCRYPTED PRIVATE KEY-----"))
    let theirs = try await box.must(
      """
      umask 077 && openssl pkey -in ours.pem -passin 'pass:密码 one' -pubout &&
        openssl genpkey -algorithm ed25519 -aes256 -pass pass:two -out pbkdf2.pem &&
        openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out plain.pem &&
        openssl pkcs8 -topk8 -scrypt -in plain.pem -passout pass:two -out scrypt.pem &&
        openssl ec -in plain.pem -aes256 -passout pass:two -out old.pem
      """
    ).text
    #expect(try made.json["publicKey"] as? String == theirs)
    for file in ["pbkdf2.pem", "scrypt.pem"] {
      #expect(try await zheng(box, "two", "key", "show", file, "--key-passphrase-fd", "N").status == 0)
      let wrong = try await zheng(box, "three\n", "key", "show", file, "--key-passphrase-fd", "N", "--json")
      #expect(try wrong.status == 64 && wrong.json["code"] as? String == "wrong-passphrase")
      #expect(wrong.text.contains(file))
    }
    // RFC 1421's own way is told from PKCS#8, and nobody is advised to go without a passphrase.
    let old = try await zheng(box, "two", "key", "show", "old.pem", "--key-passphrase-fd", "N")
    #expect(old.status == 64 && old.errors.contains("-aes256"), "\(old.errors)")
  }

  @Test("a record is signed with a key under a passphrase, which is asked for once")
  func signing() async throws {
    let box = try Sandbox()
    try await box.found()
    _ = try await zheng(
      box, "p", "key", "new", "locked.pem", "--passphrase", "--key-passphrase-fd", "N", "--public",
      "locked.pub.pem")
    try await box.must(
      zheng: "members", "rotate-key", "ledger", "court", "--public-key", "locked.pub.pem", "--key",
      "notary.pem")
    try box.write("file", "content")
    let outcome = try await zheng(
      box, "p", "append", "ledger", "--key", "locked.pem", "--key-passphrase-fd", "N", "file")
    #expect(outcome.status == 0, "\(outcome.errors)")
    let nobody = try await box.zheng("append", "ledger", "--key", "locked.pem", "file", "--json")
    #expect(try nobody.status == 64 && nobody.json["code"] as? String == "passphrase-needed")
  }

  @Test(
    "what a descriptor gives must be a passphrase",
    arguments: ["", "\nx", String(repeating: "x", count: 1025)])
  func noPassphrase(text: String) async throws {
    let box = try Sandbox()
    let outcome = try await zheng(
      box, text, "key", "new", "a.pem", "--passphrase", "--key-passphrase-fd", "N")
    #expect(outcome.status == 64 && outcome.errors.contains("--key-passphrase-fd"))
    #expect(!box.exists("a.pem"))
    #expect(try await box.zheng("key", "new", "a.pem", "--passphrase").status == 64)
    #expect(
      try await box.zheng("key", "new", "a.pem", "--passphrase", "--key-passphrase-fd", "2000000000").status
        == 64)
    #expect(!box.exists("a.pem"))
  }

  @Test("a person at a terminal types it without seeing it")
  func terminal() async throws {
    let box = try Sandbox()
    let terminal = try PseudoTerminal()
    box.terminal = terminal.path
    /// What the terminal shows while a command runs and `lines` are typed, each when it is asked for.
    func run(_ arguments: [String], _ lines: [String]) async throws -> (outcome: Outcome, shown: String) {
      async let shown = OwnThread.run { try terminal.answer(lines) }
      return (try await box.zheng(arguments), try await shown)
    }
    let made = try await run(["key", "new", "a.pem", "--passphrase"], ["secre\u{7f}et\r", "secret\r"])
    #expect(made.outcome.status == 0, "\(made.outcome.errors)")
    #expect(made.shown.contains("a.pem") && !made.shown.contains("secre"))
    #expect(try await run(["key", "show", "a.pem"], ["secret\r"]).outcome.status == 0)
    let wrong = try await run(["key", "show", "a.pem"], ["other\r"])
    #expect(wrong.outcome.status == 64 && wrong.outcome.errors.contains("a.pem: wrong passphrase"))
    #expect(try await run(["key", "show", "a.pem"], ["sec\u{3}"]).outcome.status == 64)
    #expect(try await run(["key", "new", "b.pem", "--passphrase"], ["x\r", "y\r"]).outcome.status == 64)
    #expect(!box.exists("b.pem") && terminal.echoes)
  }

  @Test("backspace takes off a whole character, and Ctrl-U all")
  func editing() {
    var line = Terminal.Line()
    for byte in Array("a密".utf8) + [0x7f] + Array("b".utf8) { #expect(line.take(byte) == .more) }
    #expect(line.bytes == Array("ab".utf8))
    for byte in [0x15, 0x7f, 0x08] as [UInt8] { #expect(line.take(byte) == .more) }
    #expect(line.bytes == [] && line.take(0x04) == .cancelled && line.take(0x0a) == .whole)
  }
}

/// A terminal of which the test is the keyboard and the screen.
private final class PseudoTerminal: Sendable {
  private let master: Int32
  /// Held open, so that its end is not taken for a hang-up.
  private let own: Int32
  let path: String

  init() throws {
    var (master, own): (Int32, Int32) = (-1, -1)
    var name = [CChar](repeating: 0, count: 128)
    try #require(openpty(&master, &own, &name, nil, nil) == 0)
    (self.master, self.own) = (master, own)
    path = String(decoding: name.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
  }

  deinit {
    close(own)
    close(master)
  }

  /// Whether what is typed is shown.
  var echoes: Bool {
    var settings = termios()
    return tcgetattr(own, &settings) == 0 && settings.c_lflag & tcflag_t(ECHO) != 0
  }

  /// Types each of `lines` when a question is shown, and gives what was shown.
  func answer(_ lines: [String]) throws -> String {
    var shown: [UInt8] = []
    for line in lines {
      var question: [UInt8] = []
      while !question.ends(in: ": ") {
        var byte: UInt8 = 0
        try #require(read(master, &byte, 1) == 1)
        question.append(byte)
      }
      shown += question
      try #require(
        Array(line.utf8).withUnsafeBytes { write(master, $0.baseAddress, $0.count) } == line.utf8.count)
    }
    return String(decoding: shown, as: UTF8.self)
  }
}

extension [UInt8] {
  fileprivate func ends(in text: String) -> Bool { suffix(text.utf8.count).elementsEqual(text.utf8) }
}
