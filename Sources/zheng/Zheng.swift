import ArgumentParser
import Foundation
import LedgerCrypto

/// The command line: finds the command, runs it, and says in one way what went wrong.
@main
struct Zheng: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "zheng",
    abstract: "证 Zheng, a ledger of signed statements: append, prove, verify.",
    discussion: """
      A ledger is a directory, or the URL of a node. Members append signed records; every record can be proven offline, later, with nothing but \
      a proof file and the ledger's policy file.

        zheng demo                                     the whole story, on real files, in one go
        zheng key new me.pem                           a key of one's own
        zheng init ledger --consortium c.json --key me.pem
        zheng append ledger --key me.pem contract.pdf
        zheng verify ledger --policy ledger/policy

      Exit status: 0 good; 1 it did not verify; 2 refused by the ledger's rules; 64 usage; 66 no such input; \
      73 cannot create; 74 I/O; 75 busy, try again.
      """,
    version: "zheng 0.1.0",
    subcommands: [
      KeyCommand.self,
      InitCommand.self,
      AppendCommand.self,
      SignCommand.self,
      ShowCommand.self,
      ListCommand.self,
      FindCommand.self,
      VerifyCommand.self,
      ProveCommand.self,
      CheckCommand.self,
      CheckpointCommand.self,
      ExportCommand.self,
      RebuildCommand.self,
      BackupCommand.self,
      RestoreCommand.self,
      FollowCommand.self,
      DoctorCommand.self,
      MembersCommand.self,
      EvidenceCommand.self,
      NodeCommand.self,
      TokenCommand.self,
      DemoCommand.self,
      ShareCommand.self,
      BenchCommand.self,
    ])

  static func main() async {
    // Swift repairs arguments that are not UTF-8, and a repaired path is another path.
    for number in 1..<max(1, Int(CommandLine.argc)) {
      guard let argument = CommandLine.unsafeArgv[number], String(validatingCString: argument) == nil else {
        continue
      }
      let error = CommandError.usage(
        "argument \(number) is not UTF-8; rename the file, or give its content on standard input with -")
      Foundation.exit(report(Problem(error), isJSON: wantsJSON(CommandLine.arguments)))
    }
    // What is on this machine is reached directly, whatever proxy the environment names.
    let own = ["localhost", "127.0.0.1", "[::1]", "::1"]
    for variable in ["no_proxy", "NO_PROXY"] {
      let others = ProcessInfo.processInfo.environment[variable].map { [$0] } ?? []
      setenv(variable, (others + own).joined(separator: ","), 1)
    }
    await executeAndExit(Array(CommandLine.arguments.dropFirst()))
  }

  /// Runs the command that `arguments` spell, and ends the process with its status.
  static func executeAndExit(_ arguments: [String]) async -> Never {
    // The thread of a command ends while the process does.
    Libcrypto.skipCleanupAtExit()
    Foundation.exit(await execute(arguments))
  }

  /// Runs the command that `arguments` spell, and reports what went wrong.
  ///
  /// - Returns: the exit status.
  static func execute(_ arguments: [String]) async -> Int32 {
    CommandContext.givePassphrases()
    var context = CommandContext.current
    context.isForPrograms = wantsJSON(arguments)
    return await CommandContext.$current.withValue(context) {
      await Files.$standardInput.withValue(CommandContext.current.input) { await parseAndRun(arguments) }
    }
  }

  private static func parseAndRun(_ arguments: [String]) async -> Int32 {
    let isJSON = wantsJSON(arguments)
    var command: any ParsableCommand
    var completed = arguments
    do { completed = try NodeConfiguration.completed(arguments) } catch {
      return report(Problem(error), isJSON: isJSON)
    }
    do { command = try parseAsRoot(completed) } catch {
      if exitCode(for: error) == .success, let mistaken = InformationRequest.mistaken(in: arguments) {
        return report(Problem(mistaken), isJSON: isJSON)
      }
      return reportParsing(error, arguments, isJSON: isJSON)
    }
    // The parser makes a command of its own of a request for help.
    if type(of: command)._commandName == "help", let mistaken = InformationRequest.mistaken(in: arguments) {
      return report(Problem(mistaken), isJSON: isJSON)
    }
    do {
      if var asynchronous = command as? any AsyncParsableCommand {
        try await asynchronous.run()
      } else {
        try await onThread(command)
      }
      return ExitStatus.good.rawValue
    } catch let error as ExitCode {
      return error.rawValue
    } catch {
      // The parser's own, such as a request for help, are the only ones that it has an exit code for.
      if exitCode(for: error) != .failure { return reportParsing(error, isJSON: isJSON) }
      return report(Problem(error), isJSON: isJSON)
    }
  }

  /// Runs a command that only blocks on a thread of its own: the few that tasks share stay free for what it starts. An asynchronous
  /// command runs where it is called, alone in its process.
  private static func onThread(_ command: any ParsableCommand) async throws {
    // Nobody else has it.
    nonisolated(unsafe) let command = command
    let context = CommandContext.current
    try await withCheckedThrowingContinuation { continuation in
      let thread = Thread {
        var command = command
        continuation.resume(
          with: CommandContext.$current.withValue(context) {
            Files.$standardInput.withValue(context.input) { Result { try command.run() } }
          })
      }
      // As much as a main thread has.
      thread.stackSize = 8 << 20
      thread.start()
    }
  }

  private static func wantsJSON(_ arguments: [String]) -> Bool {
    arguments.prefix { $0 != "--" }.contains("--json")
  }

  private static func report(_ problem: Problem, isJSON: Bool) -> Int32 {
    if isJSON {
      let output = Output(isJSON: true)
      do {
        try output.result(problem.json, text: "")
        try output.flush()
      } catch { Diagnostics.note(Problem(error).detail) }
    } else {
      Diagnostics.note(problem.detail)
    }
    return problem.status.rawValue
  }

  /// Prints help, or what is wrong with the arguments and how they should be.
  private static func reportParsing(_ error: any Error, _ arguments: [String] = [], isJSON: Bool) -> Int32 {
    let text = fullMessage(for: error)
    guard exitCode(for: error) != .success else {
      let output = Output(isJSON: false)
      do {
        try output.say(text)
        try output.flush()
        return ExitStatus.good.rawValue
      } catch { return report(Problem(error), isJSON: isJSON) }
    }
    if isJSON { return report(Problem(CommandError.usage(message(for: error))), isJSON: true) }
    let prefix = "Error: "
    let advice = InformationRequest.advice(arguments).map { "\($0)\n" } ?? ""
    let shown = text.utf8.starts(with: prefix.utf8) ? String(text.dropFirst(prefix.count)) : text
    Diagnostics.write("zheng: \(shown)\n\(advice)")
    return ExitStatus.usage.rawValue
  }
}

/// A command whose results are printed as text or as JSON.
protocol ResultCommand: ParsableCommand {
  /// How results are printed.
  var options: OutputOptions { get }
  /// Does the work; what it printed is flushed afterwards, also when it throws.
  func run(_ output: Output) throws
}

extension ResultCommand {
  func run() throws {
    let output = options.output
    do { try run(output) } catch {
      try output.flush()
      throw error
    }
    try output.flush()
  }
}

extension ExitStatus {
  /// Ends the command with this status and no further word: what is to be said has been.
  var asError: any Error { ExitCode(rawValue) }
}
