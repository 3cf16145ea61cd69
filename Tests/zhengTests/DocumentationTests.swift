import Certificates
import Foundation
import Ledger
import LedgerCrypto
import Scenarios
import Testing
import TransparencyLog

@testable import LedgerNode

/// The pages of documentation, held to the code: their examples are the lines that run here, and what the code can print stands there as
/// it prints it. `ZHENG_NEW_FIXTURES=1` writes both anew.
@Suite("the documentation")
struct DocumentationTests {
  private static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()

  private static func bytes(_ path: String) throws -> [UInt8] {
    [UInt8](try Data(contentsOf: root.appending(path: path)))
  }

  private static func text(_ path: String) throws -> String {
    String(decoding: try bytes(path), as: UTF8.self)
  }

  private static let isWriting = ProcessInfo.processInfo.environment["ZHENG_NEW_FIXTURES"] != nil

  // MARK: Examples

  @Test("the example of TransparencyLog verifies a proof")
  func transparencyLog() throws {
    let policyFile = try Self.bytes("Tests/Fixtures/ledgers/roster/policy")
    let proofFile = try Self.bytes("Tests/Fixtures/ledgers/roster/record.tlog-proof")
    let entry = try RecordProof(parsing: proofFile.span).statement.entry
    // docs: Sources/TransparencyLog/TransparencyLog.docc/TransparencyLog.md
    let policy = try Policy(parsing: policyFile.span)
    let proof = try TLogProof(parsing: proofFile.span)
    var hasher = TreeHasher()
    let (checkpoint, verdict) = try proof.verify(leaf: hasher.leaf(entry.span), policy: policy)
    print("entry \(proof.index) of \(checkpoint.size) in \(checkpoint.origin)")
    if let time = verdict.time { print("existed no later than \(time) s since the epoch") }
    // end
    #expect(proof.index < checkpoint.size && verdict.time != nil)
    #expect(throws: LogError.self) { try proof.verify(leaf: .zero, policy: policy) }
  }

  @Test("the example of Ledger verifies a record and the state")
  func ledger() throws {
    let policyFile = try Self.bytes("Tests/Fixtures/ledgers/evidence/policy")
    let recordFile = try Self.bytes("Tests/Fixtures/ledgers/evidence/record.tlog-proof")
    let stateFile = try Self.bytes("Tests/Fixtures/ledgers/evidence/state.tlog-proof")
    // docs: Sources/Ledger/Ledger.docc/Ledger.md
    let policy = try Policy(parsing: policyFile.span)
    let record = try RecordProof(parsing: recordFile.span).check(policy)
    print("entry \(record.index), signed by \(record.issuer.id), in block \(record.header.height)")

    let state = try StateProofs(parsing: stateFile.span).check(policy)
    for proven in state.values {
      let text = proven.value == nil ? "has no value" : "has a value"
      print("\(proven.key.parts[0]) \(text) as of block \(state.header.height)")
    }
    // end
    #expect(!state.values.isEmpty && record.header.height <= state.header.height)
  }

  @Test("the example of Certificates checks a certificate")
  func certificates() throws {
    let policyFile = try Self.bytes("Tests/Fixtures/certificate/policy")
    let page = try Self.bytes("Tests/Fixtures/certificate/certificate.html")
    // docs: Sources/Certificates/Certificates.docc/Certificates.md
    let policy = try Policy(parsing: policyFile.span)
    let check = CertificateCheck(page, policy)
    for fault in check.faults { print("\(fault.part): \(fault.detail)") }
    if let certificate = check.certificate, check.isGood {
      print("\(certificate.number): \(certificate.item)")
      for row in certificate.rows { print("\(row.number)  \(row.kind), then \(row.state.rawValue)") }
    }
    // end
    #expect(check.isGood)
  }

  @Test("the examples in the pages are those that run here")
  func examples() throws {
    let source = try String(contentsOfFile: #filePath, encoding: .utf8)
    let examples = source.matches(of: /\n    \/\/ docs: (.*)\n((?:.*\n)*?)    \/\/ end\n/)
    #expect(examples.count == 3)
    for example in examples {
      let lines = example.2.split(separator: "\n", omittingEmptySubsequences: false)
      let code = lines.map { $0.hasPrefix("    ") ? $0.dropFirst(4) : $0 }.joined(separator: "\n")
      try Self.hold(String(example.1), from: "```swift\n", to: "```", to: code)
    }
  }

  // MARK: What the code prints

  @Test("shapes, tables and codes in the pages are those of the code")
  func printed() throws {
    let formats = Formats.text(.zero)
    let envelope = try #require(
      formats.firstMatch(of: /65535 bytes\n\n((?:.*\n)*?)\n; Types that begin/)
    ).1
    var blocks = ["statement": "```cddl\n\(envelope)```\n"]
    for scenario in [Evidence.scenario, DataSharing.scenario] {
      blocks["\(scenario.name) table"] = scenario.table + "\n"
      blocks["\(scenario.name) cddl"] = "```cddl\n\(scenario.cddl)\n```\n"
    }
    for page in try Self.pages() {
      for name in try Self.text(page).matches(of: /<!-- generated: (.*) -->/).map({ String($0.1) }) {
        let block = try name.hasSuffix(".swift") ? Self.codes(Self.text(name)) : #require(blocks[name])
        try Self.hold(page, from: "<!-- generated: \(name) -->\n", to: "<!-- end -->", to: block)
      }
    }
  }

  @Test("every shape that the ledger's code documents is in its pages")
  func shapes() throws {
    let pages = try Self.pages().filter { $0.contains("Ledger.docc") }.map(Self.text).joined()
    let folder = Self.root.appending(path: "Sources/Ledger").path
    let files = try #require(FileManager.default.enumerator(atPath: folder)).compactMap { $0 as? String }
    for file in files where file.hasSuffix(".swift") {
      let source = try Self.text("Sources/Ledger/\(file)")
      for shape in source.matches(of: /\/\/\/ ```cddl\n((?:.*\n)*?) *\/\/\/ ```/) {
        let lines = shape.1.split(separator: "\n").map { $0.drop { $0 == " " }.dropFirst(4) }
        #expect(pages.contains(lines.joined(separator: "\n")), "\(file): \(lines[0])")
      }
    }
  }

  /// The codes that a source file declares, each with its comment: a table.
  private static func codes(_ source: String) -> String {
    let declared = source.matches(
      of:
        /((?: *\/\/\/ .*\n)+) *(?:public static let \w+ = Self\(rawValue: "([a-z-]+)"\)|case (\w+)(?: = "([a-z-]+)")?)\n/
    )
    let rows = declared.map { code in
      let meaning = code.1.split(separator: "\n").map { $0.drop { $0 == " " }.dropFirst(4) }.joined(
        separator: " ")
      return "| `\(code.2 ?? code.4 ?? code.3 ?? "")` | \(meaning) |\n"
    }
    return "| code | meaning |\n|---|---|\n" + rows.joined()
  }

  private static func pages() throws -> [String] {
    let files = try #require(
      FileManager.default.enumerator(atPath: root.appending(path: "Sources").path)
    ).compactMap { $0 as? String }
    return files.filter { $0.contains(".docc/") && $0.hasSuffix(".md") }.map { "Sources/\($0)" }.sorted()
  }

  /// Sees that what a page has between two marks is `wanted`, or writes it there.
  private static func hold(_ page: String, from: String, to: String, to wanted: String) throws {
    let text = try text(page)
    let start = try #require(text.range(of: from), "\(page): \(from)").upperBound
    let end = try #require(text[start...].range(of: to), "\(page): \(to)").lowerBound
    if isWriting {
      try Data((text[..<start] + wanted + text[end...]).utf8).write(to: root.appending(path: page))
    } else {
      #expect(text[start..<end] == wanted, "\(page): what follows \(from)")
    }
  }
}
