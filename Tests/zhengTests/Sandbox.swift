import Foundation
import LedgerCrypto
import TestKit
import Testing

@testable import zheng

/// What a command gave.
struct Outcome {
  let status: Int32
  let output: Data
  let errors: String

  /// Standard output as text.
  var text: String { String(decoding: output, as: UTF8.self) }

  /// Standard output's lines.
  var lines: [String] { text.split(separator: "\n").map(String.init) }

  /// Standard output as one JSON object.
  var json: [String: Any] {
    get throws { try #require(JSONSerialization.jsonObject(with: output) as? [String: Any]) }
  }

  /// Standard output as one JSON object a line.
  var objects: [[String: Any]] {
    get throws {
      try lines.map { try #require(JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any]) }
    }
  }
}

/// A directory of its own for a test, in which commands are run. It goes with the test.
final class Sandbox {
  let path: String

  init() throws {
    var template = Array((FileManager.default.temporaryDirectory.path + "/zheng-test-XXXXXX").utf8CString)
    try #require(mkdtemp(&template) != nil)
    path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  deinit {
    do { try FileManager.default.removeItem(atPath: path) } catch { print("left behind: \(path): \(error)") }
  }

  /// The binary, which is built beside the tests.
  static let binary: String = {
    let tests = URL(fileURLWithPath: CommandLine.arguments[0]).resolvingSymlinksInPath()
    return tests.deletingLastPathComponent().appendingPathComponent("zheng").path
  }()

  // MARK: Running

  /// Where commands that run in this sandbox keep what was signed last.
  var stateFolder: String { "\(path)/.state" }

  /// How the commands of the stories name the ledger: its directory, or a node's URL.
  var place = "ledger"

  /// What commands run in this sandbox take for the wall clock, in ms since the epoch; the machine's where nil.
  var wallClock: (@Sendable () -> UInt64)?

  /// The terminal at which a person may be asked; nobody where nil.
  var terminal: String?

  /// Whose rights to files commands run in this sandbox have; this process's own where nil. Only root may give others.
  var user: uid_t?

  /// Environment variables for commands run in this sandbox, beside the process's own.
  var environment: [String: String] = ["ZHENG_LANG": "en"]

  /// Where it is noted that a command said something that has no Chinese.
  var missing: Catalogue.Missing?

  /// Runs `zheng` with `arguments`.
  @discardableResult
  func zheng(_ arguments: String..., input: Data = Data()) async throws -> Outcome {
    try await zheng(arguments, input: input)
  }

  /// Runs `zheng` with `arguments`, in this process and on a thread of its own, whose working directory is the sandbox.
  ///
  /// - Parameter folder: another working directory, in the sandbox.
  func zheng(_ arguments: [String], input: Data = Data(), in folder: String = "") async throws -> Outcome {
    let path = folder.isEmpty ? path : "\(path)/\(folder)"
    guard OwnThread.canHaveOwnFolder else {
      return try await run(Sandbox.binary, arguments, input: input, in: path)
    }
    let (standardInput, output, errors) = try (ScratchFile(input), ScratchFile(), ScratchFile())
    var context = CommandContext()
    (context.input, context.output, context.errors) =
      (standardInput.descriptor, output.descriptor, errors.descriptor)
    context.environment.merge(environment) { $1 }
    if let wallClock { context.wallClock = wallClock }
    (context.handlesSignals, context.terminal, context.missing) = (false, terminal, missing)
    // All the time it wants: a node under test shares its cores with every other test.
    context.patience = .seconds(3600)
    context.stateFolder = stateFolder
    let status = await OwnThread.run(in: path, as: user) { [context] in
      await CommandContext.$current.withValue(context) { await Zheng.execute(arguments) }
    }
    return Outcome(
      status: status, output: try output.content(),
      errors: String(decoding: try errors.content(), as: UTF8.self))
  }

  /// Runs `zheng` with `arguments` and writes what it prints into the file `name`; it must succeed.
  func zheng(_ arguments: String..., input: Data = Data(), into name: String) async throws {
    let outcome = try await zheng(arguments, input: input)
    try #require(outcome.status == 0, "\(arguments): \(outcome.errors)")
    try write(name, outcome.output)
  }

  /// Runs `zheng` with `arguments`, which must succeed.
  @discardableResult
  func must(zheng arguments: String..., input: Data = Data()) async throws -> Outcome {
    let outcome = try await zheng(arguments, input: input)
    try #require(outcome.status == 0, "\(arguments): \(outcome.text)\(outcome.errors)")
    return outcome
  }

  /// Runs `zheng` with `arguments` in a process of its own, for what starts its own program again or ends by a signal.
  func program(_ arguments: String...) async throws -> Outcome { try await program(arguments) }

  /// Runs `zheng` with `arguments` in a process of its own.
  func program(_ arguments: [String]) async throws -> Outcome { try await run(Sandbox.binary, arguments) }

  /// Runs a shell's command in a process of its own; `$ZHENG` is the binary.
  @discardableResult
  func shell(_ command: String) async throws -> Outcome { try await run("/bin/sh", ["-c", command]) }

  /// Runs a command of the shell that must succeed.
  @discardableResult
  func must(_ command: String) async throws -> Outcome {
    let outcome = try await shell(command)
    try #require(outcome.status == 0, "\(command): \(outcome.errors)")
    return outcome
  }

  /// Starts a program whose input is written, and whose output is read, while it runs.
  func start(_ program: String, _ arguments: [String]) throws -> RunningProgram {
    try RunningProgram(
      program, arguments, in: path, environment: ["ZHENG": Sandbox.binary, "ZHENG_STATE": stateFolder])
  }

  private func run(
    _ program: String, _ arguments: [String], input: Data = Data(), in folder: String? = nil
  ) async throws -> Outcome {
    let output = try await Shell.run(
      program, arguments, input: Array(input), in: URL(filePath: folder ?? path),
      environment: ["ZHENG": Sandbox.binary, "ZHENG_STATE": stateFolder])
    #expect(output.status <= 128, "\(program) \(arguments) crashed")
    return Outcome(status: output.status, output: Data(output.standardOutput), errors: output.errorText)
  }

  // MARK: Files

  /// The path of a file.
  func url(_ name: String) -> URL { URL(fileURLWithPath: "\(path)/\(name)") }

  /// Writes a file, in a folder that is made where there is none.
  func write(_ name: String, _ content: String) throws { try write(name, Data(content.utf8)) }

  /// Writes a file, in a folder that is made where there is none.
  func write(_ name: String, _ content: Data) throws {
    let folder = url(name).deletingLastPathComponent()
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    try content.write(to: url(name))
  }

  /// Writes what `change` makes of a file, whose mode stays.
  func edit(_ name: String, _ change: (inout Data) -> Void) throws {
    var content = try read(name)
    change(&content)
    let file = try FileHandle(forWritingTo: url(name))
    try file.truncate(atOffset: 0)
    try file.write(contentsOf: content)
    try file.close()
  }

  /// Writes what `change` makes of a text.
  func edit(text name: String, _ change: (String) -> String) throws {
    try edit(name) { $0 = Data(change(String(decoding: $0, as: UTF8.self)).utf8) }
  }

  /// Reads a file.
  func read(_ name: String) throws -> Data { try Data(contentsOf: url(name)) }

  /// Reads a file as text.
  func text(_ name: String) throws -> String { String(decoding: try read(name), as: UTF8.self) }

  /// The SHA-256 of a file, in hex.
  func sha256(_ name: String) throws -> String { SHA256.digest(of: Array(try read(name))).hex }

  /// The access rights of a file.
  func mode(_ name: String) throws -> Int? {
    try FileManager.default.attributesOfItem(atPath: "\(path)/\(name)")[.posixPermissions] as? Int
  }

  /// The numbers of `range`, each on a line.
  static func lines(_ range: ClosedRange<Int>) -> Data { Data(range.map { "\($0)\n" }.joined().utf8) }

  /// Copies a file or a folder, which takes the place of what is there.
  func copy(_ name: String, to other: String) throws {
    if exists(other) { try remove(other) }
    try FileManager.default.copyItem(atPath: "\(path)/\(name)", toPath: "\(path)/\(other)")
  }

  /// Copies a file of another sandbox, with its permissions.
  func take(_ name: String, from other: Sandbox) throws {
    try FileManager.default.copyItem(atPath: "\(other.path)/\(name)", toPath: "\(path)/\(name)")
  }

  /// Moves a file or a folder.
  func move(_ name: String, to other: String) throws {
    try FileManager.default.moveItem(atPath: "\(path)/\(name)", toPath: "\(path)/\(other)")
  }

  /// Removes a file or a folder.
  func remove(_ name: String) throws { try FileManager.default.removeItem(atPath: "\(path)/\(name)") }

  /// Makes a folder.
  func makeFolder(_ name: String) throws {
    try FileManager.default.createDirectory(atPath: "\(path)/\(name)", withIntermediateDirectories: true)
  }

  func isFolder(_ name: String) -> Bool {
    var isFolder: ObjCBool = false
    return FileManager.default.fileExists(atPath: "\(path)/\(name)", isDirectory: &isFolder)
      && isFolder.boolValue
  }

  func exists(_ name: String) -> Bool { FileManager.default.fileExists(atPath: "\(path)/\(name)") }

  /// Makes the symbolic link `name`, whose text is `target`.
  func link(_ name: String, to target: String) throws {
    try FileManager.default.createSymbolicLink(atPath: "\(path)/\(name)", withDestinationPath: target)
  }

  /// Every file and folder below `folder`, hidden ones too.
  func tree(_ folder: String = "") throws -> [String] {
    try FileManager.default.subpathsOfDirectory(atPath: "\(path)/\(folder)").sorted()
  }

  /// Every file below `folder`.
  func files(_ folder: String) throws -> [String] {
    try tree(folder).filter { !isFolder("\(folder)/\($0)") }
  }

  func names(_ folder: String = "") throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: "\(path)/\(folder)").filter { !$0.hasPrefix(".") }
      .sorted()
  }

  // MARK: Ledgers

  /// Founds `ledger` with notaries of these ids, whose keys are ID.pem and ID.pub.pem; the policy is copied to `policy`.
  func found(
    members: [String] = ["notary", "court"], administrators: [String] = ["notary"], threshold: Int = 1,
    parameters: [String: Int] = [:]
  ) async throws {
    var draft = ConsortiumDraft(members.map { .init($0, roles: ["notary"]) }, parameters: parameters)
    (draft.administrators, draft.threshold) = (administrators, threshold)
    try await found(draft)
  }

  /// Founds `ledger` by its first administrator, with a key in ID.pem for each member who has none there yet; the policy is
  /// copied to `policy`.
  func found(_ consortium: ConsortiumDraft) async throws {
    for member in consortium.members where !exists("\(member.id).pem") { try await makeKey(member.id) }
    try write("consortium.json", consortium.json)
    try await must(
      zheng: "init", "ledger", "--consortium", "consortium.json", "--key",
      "\(consortium.administrators[0]).pem")
    try copy("ledger/policy", to: "policy")
  }

  /// Records 合同.txt by the notary, as entry 2 about 案件-17, and a line with its digest by the court, as entry 4.
  func recordContract() async throws {
    try write("合同.txt", "合同全文\n")
    try await must(
      zheng: "append", "ledger", "--key", "notary.pem", "--type", "text/plain", "--subject", "案件-17", "合同.txt"
    )
    try await must(
      zheng: "append", "ledger", "--key", "court.pem", "--subject", "digest", "-",
      input: Data("\(sha256("合同.txt"))  合同.txt\n".utf8))
  }

  /// Makes a key in NAME.pem and NAME.pub.pem.
  func makeKey(_ name: String, _ algorithm: String = "es256") async throws {
    try await must(
      zheng: "key", "new", "\(name).pem", "--public", "\(name).pub.pem", "--algorithm", algorithm)
  }
}

/// A file without a name, for a command's standard streams.
private final class ScratchFile {
  private let file: UnsafeMutablePointer<FILE>

  var descriptor: Int32 { fileno(file) }

  /// A file with `content`, at its beginning.
  init(_ content: Data = Data()) throws {
    file = try #require(tmpfile())
    try FileHandle(fileDescriptor: descriptor).write(contentsOf: content)
    lseek(descriptor, 0, SEEK_SET)
  }

  deinit { fclose(file) }

  func content() throws -> Data {
    lseek(descriptor, 0, SEEK_SET)
    return try FileHandle(fileDescriptor: descriptor).readToEnd() ?? Data()
  }
}
