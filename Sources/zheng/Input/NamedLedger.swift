import ArgumentParser
import Synchronization
import Workflows

/// What the configuration file says of the ledger that a command names with `@NAME`: the values of the variables that would say it.
final class NamedLedger: Sendable {
  /// The environment variable that names the configuration file.
  static let variable = "ZHENG_CONFIG"

  private let values = Mutex<[String: String]>([:])

  /// What it says in the place of the environment variable `name`.
  subscript(_ name: String) -> String? { values.withLock { $0[name] } }

  /// Reads what `@name` stands for.
  ///
  /// - Throws: a complaint about the arguments.
  func use(_ name: String, in context: CommandContext) throws {
    guard let path = NamedLedger.path(context.environment) else {
      throw ValidationError(
        localized("@\(name): set \(NamedLedger.variable) to the configuration file that names ledgers"))
    }
    let file: LedgersFile
    do { file = try LedgersFile(path, isURL: LedgerName.isURL) } catch {
      throw ValidationError("@\(name): \(Problem(error).detail)")
    }
    guard let ledger = file.ledgers.first(where: { $0.name == name }) else {
      let names = file.ledgers.map { "@\($0.name)" }.joined(separator: ", ")
      throw ValidationError(
        localized(
          "@\(name): \(path) names no such ledger; it names \(names.isEmpty ? localized("none") : names). A directory of that name is ./@\(name)"
        )
      )
    }
    values.withLock {
      $0[LedgerName.variable] = ledger.ledger
      $0[NodeTrust.variable] = ledger.policy
      $0[KeyOption.variable] = ledger.key
    }
  }

  /// `ZHENG_CONFIG`, else `$XDG_CONFIG_HOME/zheng/ledgers.json`, else `~/.config/zheng/ledgers.json`.
  private static func path(_ environment: [String: String]) -> String? {
    func value(_ name: String) -> String? { environment[name].flatMap { $0.isEmpty ? nil : $0 } }
    return value(variable) ?? value("XDG_CONFIG_HOME").map { "\($0)/zheng/ledgers.json" }
      ?? value("HOME").map { "\($0)/.config/zheng/ledgers.json" }
  }
}
