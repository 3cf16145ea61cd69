import Foundation
import Scenarios
import Workflows

/// What a command runs in: its standard streams, the clock that it signs by, and the signals that it may handle.
///
/// The process's own, except where a test gives others, so that many commands run in one process.
struct CommandContext: Sendable {
  /// The descriptors of standard input, output and error.
  var (input, output, errors) = (STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO)
  /// The environment variables.
  var environment = ProcessInfo.processInfo.environment
  /// Whether programs read what is printed, as with `--json`: then it is English in every locale.
  var isForPrograms = false
  /// The language that people are spoken to in.
  var language: Language { isForPrograms ? .en : Language(environment) }
  /// Where it is noted that a text has no Chinese, for the tests.
  var missing: Catalogue.Missing?
  /// The wall clock, in ms since the epoch.
  var wallClock: @Sendable () -> UInt64 = { UInt64(max(0, Date().timeIntervalSince1970 * 1000)) }

  /// Whether SIGTERM and SIGINT stop a node; in a process of many commands they are not a command's to handle.
  var handlesSignals = true

  /// The terminal of whoever may be asked for a passphrase; nil where nobody may.
  var terminal: String? = "/dev/tty"
  /// The passphrases of the keys that the command reads.
  let passphrases = Passphrases()

  /// Where it is kept what was signed last; nil for the place that the environment names.
  var stateFolder: String?

  @TaskLocal static var current = CommandContext()

  /// How long a node may take for an answer where the command line does not say.
  var patience = Duration.seconds(60)

  /// What the configuration says of the ledger that the command names.
  let named = NamedLedger()

  /// What the configuration says in the place of the environment variable `name`, or else what that says, where it says something.
  static func variable(_ name: String) -> String? {
    current.named[name] ?? current.environment[name].flatMap { $0.isEmpty ? nil : $0 }
  }

  /// The time in ms since the epoch.
  static var now: UInt64 { current.wallClock() }

  /// The wall clock in s since the epoch.
  var seconds: @Sendable () -> UInt64 { { [wallClock] in wallClock() / 1000 } }

  /// From now on whoever reads a key gets its passphrase from the command that runs.
  static func givePassphrases() {
    KeyFiles.setPassphraseSource { try current.passphrases.passphrase(of: $0, terminal: current.terminal) }
  }

  /// What a command's work is done in.
  var work: WorkContext {
    let lines = ProgressLines()
    var work = WorkContext(
      wallClock: wallClock, stateFolder: stateFolder, remedies: .commands,
      note: { Diagnostics.note(told: $0) },
      hashed: { lines.update(localized("hashing \(Printable.text($0))"), $1 >> 20, $2 >> 20, "MiB") },
      confirmsClock: { refusal in
        guard Diagnostics.canAsk else { return false }
        let now = Timestamp.text(seconds: CommandContext.now / 1000)
        Diagnostics.note(Problem(refusal).detail)
        return Diagnostics.asks(localized("The clock says \(now). Is it right?"))
      })
    work.vaultAudit = "`zheng verify --vault`"
    return work
  }
}
