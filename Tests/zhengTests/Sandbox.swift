import Foundation
import Testing

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

  /// Runs `zheng` with `arguments`.
  @discardableResult
  func zheng(_ arguments: String..., input: Data = Data()) throws -> Outcome {
    try run(Sandbox.binary, arguments, input: input)
  }

  /// Runs `zheng` with `arguments`.
  func zheng(_ arguments: [String], input: Data = Data()) throws -> Outcome {
    try run(Sandbox.binary, arguments, input: input)
  }

  /// Runs a shell's command, in which `$ZHENG` is the binary.
  @discardableResult
  func shell(_ command: String) throws -> Outcome { try run("/bin/sh", ["-c", command]) }

  /// Runs a command of the shell that must succeed.
  @discardableResult
  func must(_ command: String) throws -> Outcome {
    let outcome = try shell(command)
    try #require(outcome.status == 0, "\(command): \(outcome.errors)")
    return outcome
  }

  func start(_ program: String, _ arguments: [String]) throws -> (Process, input: Pipe, output: Pipe) {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: program)
    process.arguments = arguments
    process.currentDirectoryURL = URL(fileURLWithPath: path)
    var environment = ProcessInfo.processInfo.environment
    environment["ZHENG"] = Sandbox.binary
    process.environment = environment
    let (input, output) = (Pipe(), Pipe())
    process.standardInput = input
    process.standardOutput = output
    return (process, input, output)
  }

  private func run(_ program: String, _ arguments: [String], input: Data = Data()) throws -> Outcome {
    let (process, inputPipe, outputPipe) = try start(program, arguments)
    // A file, so that neither pipe can fill up while the other is read.
    let id = UUID().uuidString
    let errors = URL(fileURLWithPath: "\(path)/.errors-\(id)")
    let inputs = URL(fileURLWithPath: "\(path)/.input-\(id)")
    try input.write(to: inputs)
    try Data().write(to: errors)
    _ = inputPipe
    process.standardInput = try FileHandle(forReadingFrom: inputs)
    process.standardError = try FileHandle(forWritingTo: errors)
    try process.run()
    let output = outputPipe.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    #expect(process.terminationReason == .exit, "\(program) \(arguments) crashed")
    let text = String(decoding: try Data(contentsOf: errors), as: UTF8.self)
    try FileManager.default.removeItem(at: errors)
    try FileManager.default.removeItem(at: inputs)
    return Outcome(status: process.terminationStatus, output: output, errors: text)
  }

  // MARK: Files

  /// Writes a file.
  func write(_ name: String, _ content: String) throws { try write(name, Data(content.utf8)) }

  /// Writes a file.
  func write(_ name: String, _ content: Data) throws {
    try content.write(to: URL(fileURLWithPath: "\(path)/\(name)"))
  }

  /// Reads a file.
  func read(_ name: String) throws -> Data { try Data(contentsOf: URL(fileURLWithPath: "\(path)/\(name)")) }

  func exists(_ name: String) -> Bool { FileManager.default.fileExists(atPath: "\(path)/\(name)") }

  func names(_ folder: String = "") throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: "\(path)/\(folder)").filter { !$0.hasPrefix(".") }
      .sorted()
  }

  // MARK: Ledgers

  /// Founds `ledger` with a member for each of `members`, whose keys are NAME.pem and NAME.pub.pem.
  func found(
    members: [String] = ["notary", "court"], administrators: [String] = ["notary"], threshold: Int = 1,
    parameters: String = "{}"
  ) throws {
    for member in members where !exists("\(member).pem") {
      let outcome = try zheng("key", "new", "\(member).pem", "--public", "\(member).pub.pem")
      try #require(outcome.status == 0, "\(outcome.errors)")
    }
    try write("consortium.json", consortium(members, administrators, threshold, parameters))
    let outcome = try zheng(
      "init", "ledger", "--consortium", "consortium.json", "--key", "\(administrators[0]).pem")
    try #require(outcome.status == 0, "\(outcome.errors)")
    try must("cp ledger/policy policy")
  }

  func consortium(
    _ members: [String], _ administrators: [String] = ["notary"], _ threshold: Int = 1,
    _ parameters: String = "{}"
  ) -> String {
    let list = members.map {
      "{\"id\":\"\($0)\",\"name\":{\"zh\":\"机构\",\"en\":\"Office \($0)\"},\"roles\":[\"notary\"],\"keys\":[\"\($0).pub.pem\"]}"
    }
    return """
      {"origin":"city.example/pilot","name":{"zh":"示范链","en":"Pilot"},"members":[\(list.joined(separator: ","))],
      "administrators":{"members":[\(administrators.map { "\"\($0)\"" }.joined(separator: ","))],"threshold":\(threshold)},
      "parameters":\(parameters)}
      """
  }
}
