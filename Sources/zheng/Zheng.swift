import ArgumentParser
import Foundation
import LedgerCrypto

/// The command line: finds the command, runs it, and says in one way what went wrong.
@main
struct Zheng: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "zheng",
    abstract: "证 Zheng: a ledger of signed statements for electronic evidence and government data sharing.",
    discussion: """
      Members append signed records to a ledger, which is a directory or the URL of a node. Any record can be proven \
      later, offline, with a proof file and the ledger's policy file.

        zheng demo                                          see both procedures
        zheng key new me.pem --public me.pub.pem            make a key
        zheng init ledger --consortium c.json --key me.pem  found a ledger
        zheng append ledger --key me.pem contract.pdf       record a file
        zheng verify ledger --policy ledger/policy          check the whole ledger

      `zheng help evidence` and `zheng help share` begin with a whole procedure; `zheng help init` shows a consortium \
      file. ZHENG_LANG=zh prints Chinese, ZHENG_LANG=en English. `make install` installs completions for bash, zsh and \
      fish, which `zheng --generate-completion-script SHELL` prints.

      Exit status: 0 good; 1 did not verify; 2 refused by the ledger's rules; 64 usage; 66 no such input; \
      73 cannot create; 74 I/O; 75 busy, try again.
      """,
    version: "zheng 0.1.0",
    groupedSubcommands: [
      CommandGroup(
        name: "Getting started", subcommands: [DemoCommand.self, InitCommand.self, FoundCommand.self]),
      CommandGroup(name: "Evidence and sharing", subcommands: [EvidenceCommand.self, ShareCommand.self]),
      CommandGroup(
        name: "Record",
        subcommands: [
          AppendCommand.self, SignCommand.self, ShowCommand.self, ListCommand.self, FindCommand.self,
        ]),
      CommandGroup(
        name: "Proof",
        subcommands: [
          ProveCommand.self, CheckCommand.self, VerifyCommand.self, CheckpointCommand.self,
          PolicyCommand.self, ExportCommand.self,
        ]),
      CommandGroup(
        name: "Key and member", subcommands: [KeyCommand.self, MembersCommand.self, TokenCommand.self]),
      CommandGroup(
        name: "Node", subcommands: [NodeCommand.self, ConsortiumCommand.self, FollowCommand.self]),
      CommandGroup(
        name: "Maintenance",
        subcommands: [DoctorCommand.self, BackupCommand.self, RestoreCommand.self, RebuildCommand.self]),
      CommandGroup(name: "Measurement", subcommands: [BenchCommand.self]),
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
      let mistake =
        InformationRequest.unknownCommand(in: arguments)
        ?? (exitCode(for: error) == .success ? InformationRequest.mistaken(in: arguments) : nil)
      if let mistake { return report(Problem(mistake), isJSON: isJSON) }
      return reportParsing(error, arguments, isJSON: isJSON)
    }
    // The parser makes a command of its own of a request for help.
    if type(of: command)._commandName == "help",
      let mistake = InformationRequest.unknownCommand(in: arguments)
        ?? InformationRequest.mistaken(in: arguments)
    {
      return report(Problem(mistake), isJSON: isJSON)
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
    let text = Help.text(for: error)
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
