import ArgumentParser
import Foundation
import Ledger
import LedgerCrypto
import Scenarios
import Workflows

/// The ledger that a command is about: in a directory of this machine, or at a node.
struct LedgerArgument: ParsableArguments {
  @Argument(
    help:
      "The ledger: its directory, the URL of a node, @ for what \(LedgerName.variable) names, or @NAME for one of the configuration.",
    completion: .directory)
  var ledger: String
  @OptionGroup(title: "A node") var asking: NodeOptions

  func validate() throws {
    try LedgerName.use(ledger)
    try asking.validate(LedgerName.isURL(path) ? path : nil)
  }

  /// The directory or the URL, without slashes at its end.
  var path: String { LedgerName.resolved(ledger) }

  /// Whether it is at a node.
  var isAtNode: Bool { LedgerName.isURL(path) }

  /// The policy file by which a receiver checks what comes from here.
  var policy: String {
    get throws { isAtNode ? try asking.trustFile : try DirectoryArgument.folder(at: ledger).policy }
  }

  /// Sees that a ledger is in the directory; a node is asked when it is needed.
  func require() throws { if !isAtNode { _ = try DirectoryArgument.folder(at: ledger) } }

  /// The ledger, opened for reading.
  func opened() async throws -> any LedgerAccess {
    isAtNode ? try await atNode() : try DirectoryArgument.opened(ledger)
  }

  /// The ledger, opened where it takes statements: by this process alone where it is in a directory.
  ///
  /// - Parameter key: of the member that makes them, with which it also proves to a node that it may read.
  func opened(
    isClockConfirmed: Bool, adoptsHead: Bool, as key: PrivateKey? = nil
  ) async throws -> any LedgerAccess {
    guard isAtNode else {
      return try DirectoryArgument.opened(
        ledger, .here(isClockConfirmed: isClockConfirmed, adoptsHead: adoptsHead))
    }
    if isClockConfirmed {
      throw CommandError.usage("--clock-is-right is said to the node, where it is started")
    }
    if adoptsHead { throw CommandError.usage("--adopt-head is said to the node, where it is started") }
    return try await asking.ledger(path, as: key)
  }

  /// The ledger at the node.
  func atNode() async throws -> NodeLedger { try await asking.ledger(path) }
}

/// The directory of the ledger that a command is about.
struct DirectoryArgument: ParsableArguments {
  @Argument(
    help:
      "The ledger's directory, @ for the one that \(LedgerName.variable) names, or @NAME for one of the configuration.",
    completion: .directory)
  var ledger: String

  func validate() throws { try LedgerName.use(ledger) }

  /// The path without slashes at its end.
  var path: String { LedgerName.resolved(ledger) }

  /// The ledger's directory, in which there is a ledger.
  var folder: DirectoryLedger.Folder {
    get throws { try DirectoryArgument.folder(at: ledger) }
  }

  /// The directory that `argument` names, in which there is a ledger.
  static func folder(at argument: String) throws -> DirectoryLedger.Folder {
    let path = LedgerName.resolved(argument)
    if path == LedgerName.standard, !Files.exists(path) {
      throw CommandError.usage(
        "@ is the ledger that the variable \(LedgerName.variable) names, and it names none")
    }
    if LedgerName.isURL(path) {
      throw CommandError.usage("\(path): this is done in the ledger's directory, and not at a node")
    }
    return try DirectoryLedger.folder(at: path, .commands)
  }

  /// The ledger, opened for reading.
  func opened() throws -> DirectoryLedger { try DirectoryArgument.opened(ledger) }

  /// The ledger that `argument` names, opened for what a command does with it; says what was found on the way.
  static func opened(
    _ argument: String, _ recording: DirectoryLedger.Recording = .none
  ) throws -> DirectoryLedger {
    let ledger = try DirectoryLedger(
      folder(at: argument), CommandContext.current.work, recording: recording)
    for note in ledger.notes { Diagnostics.note(note) }
    return ledger
  }
}

/// How a ledger is named on the command line.
enum LedgerName {
  /// The environment variable that names the ledger that `@` stands for.
  static let variable = "ZHENG_LEDGER"
  /// The name of that ledger.
  static let standard = "@"

  /// Reads the configuration where `argument` is `@NAME`.
  static func use(_ argument: String) throws {
    guard argument.utf8.count > 1, argument.utf8.first == UInt8(ascii: "@") else { return }
    let context = CommandContext.current
    try context.named.use(String(argument.unicodeScalars.dropFirst()), in: context)
  }

  /// What `argument` names, without slashes at its end; of `@NAME` after `use`.
  static func resolved(_ argument: String) -> String {
    let isName = argument.utf8.first == UInt8(ascii: "@")
    return Files.trimmed(isName ? CommandContext.variable(variable) ?? argument : argument)
  }

  /// Whether `name` is the URL of a node.
  static func isURL(_ name: String) -> Bool {
    let name = name.lowercased()
    return name.hasPrefix("http://") || name.hasPrefix("https://")
  }
}

/// A record that is named on the command line: by its index or by its statement id.
enum RecordReference: ExpressibleByArgument {
  case index(UInt64)
  case id(Digest)

  init?(argument: String) {
    if argument.utf8.count == 64, let id = Digest(hex: argument.lowercased()) {
      self = .id(id)
    } else if !argument.isEmpty, argument.utf8.allSatisfy((UInt8(ascii: "0")...UInt8(ascii: "9")).contains),
      let index = UInt64(argument)
    {
      self = .index(index)
    } else {
      return nil
    }
  }

  /// The index on `ledger`.
  ///
  /// - Throws: no such input, with what there is.
  func resolved(on ledger: any LedgerAccess) async throws -> UInt64 {
    switch self {
    case .index(let index):
      guard index < ledger.size else {
        throw CommandError.noInput(
          "\(ledger.place): there is no entry \(index); it has \(ledger.size), 0 to \(ledger.size - 1)")
      }
      return index
    case .id(let id):
      guard let index = try await ledger.entryIndex(of: id) else {
        throw CommandError.noInput("\(ledger.place): there is no record \(id)")
      }
      return index
    }
  }
}

extension Digest {
  /// The ledger id that `--ledger-id` gives.
  ///
  /// - Throws: usage.
  init(ledgerIDOption text: String) throws {
    guard let id = Digest(hex: text.lowercased()) else {
      throw CommandError.usage("--ledger-id \(text): a ledger id has 64 hex digits")
    }
    self = id
  }
}
