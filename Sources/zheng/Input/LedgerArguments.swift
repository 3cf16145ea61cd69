import ArgumentParser
import Foundation
import Ledger
import LedgerClient
import LedgerCrypto
import Scenarios
import Workflows

/// The ledger that a command is about: in a directory of this machine, or at a node.
struct LedgerArgument: ParsableArguments {
  @Argument(
    help:
      "The ledger: its directory or the URL of a node; @ for what \(LedgerName.variable) names; @NAME for one in the configuration file.",
    completion: .directory)
  var ledger: String
  @Option(
    help:
      "With a node: the ledger's policy file, against which the node is checked. Default: what \(NodeTrust.variable) names.",
    completion: .file())
  var policy: String?
  @Option(
    help:
      "A checkpoint kept elsewhere, which the ledger must extend. A node needs it once if ZHENG_STATE, which holds the newest checkpoint seen, is lost.",
    completion: .file())
  var checkpoint: String?
  @Option(help: "With a node: how many seconds to wait for an answer. Default: 60.") var timeout: Int?
  @Option(
    help:
      "With https: a PEM file of the authorities that the node's certificate is checked against, instead of the system's.",
    completion: .file())
  var cacert: String?
  @Option(help: "With https: this client's certificate, in PEM.", completion: .file()) var cert: String?
  @Option(help: "With --cert: its private key, in PEM.", completion: .file())
  var certKey: String?

  func validate() throws {
    try LedgerName.use(ledger)
    guard (cert == nil) == (certKey == nil) else {
      throw ValidationError(localized("--cert and --cert-key go together"))
    }
    guard (1...86_400).contains(timeout ?? 1) else {
      throw ValidationError(localized("--timeout is 1 to 86400 seconds"))
    }
    guard isAtNode else {
      for (option, value) in [
        ("--cacert", cacert), ("--cert", cert), ("--timeout", timeout.map(String.init)),
      ]
      where value != nil {
        throw ValidationError(localized("\(option) goes with the URL of a node; \(ledger) is a directory"))
      }
      return
    }
    do { _ = try NodeClient(path) } catch { throw ValidationError(error.description) }
    if cacert != nil || cert != nil, !path.lowercased().hasPrefix("https:") {
      throw ValidationError(
        localized("--cacert, --cert and --cert-key go with a node of https; \(path) is none"))
    }
  }

  /// The directory or the URL, without slashes at its end.
  var path: String { LedgerName.resolved(ledger) }

  /// Whether it is at a node.
  var isAtNode: Bool { LedgerName.isURL(path) }

  /// The policy file by which a receiver checks what comes from here.
  var policyFile: String {
    get throws { isAtNode ? try trustFile : try folder.policy }
  }

  /// Sees that a ledger is in the directory; a node is asked when it is needed.
  func require() throws { if !isAtNode { _ = try folder } }

  /// The directory, in which there is a ledger: who reads it needs no policy to judge it by.
  private var folder: DirectoryLedger.Folder {
    get throws {
      for (option, value) in [("--policy", policy), ("--checkpoint", checkpoint)] where value != nil {
        throw CommandError.usage(localized("\(option) goes with the URL of a node; \(ledger) is a directory"))
      }
      return try DirectoryArgument.folder(at: ledger)
    }
  }

  /// The ledger, opened for reading.
  ///
  /// - Parameter item: of evidence, how it stands being asked of a node in the same request.
  func opened(showing item: String? = nil) async throws -> any LedgerAccess {
    try require()
    return isAtNode ? try await atNode(showing: item) : try DirectoryArgument.opened(ledger)
  }

  /// The ledger, opened where it takes statements: by this process alone where it is in a directory.
  ///
  /// - Parameter key: of the member that makes them, with which it also proves to a node that it may read.
  func opened(
    isClockConfirmed: Bool, adoptsHead: Bool, as key: PrivateKey? = nil
  ) async throws -> any LedgerAccess {
    guard isAtNode else {
      try require()
      return try DirectoryArgument.opened(
        ledger, .here(isClockConfirmed: isClockConfirmed, adoptsHead: adoptsHead))
    }
    if isClockConfirmed {
      throw CommandError.usage(localized("--clock-is-right is said to the node, where it is started"))
    }
    if adoptsHead {
      throw CommandError.usage(localized("--adopt-head is said to the node, where it is started"))
    }
    return try await atNode(as: key)
  }
}

/// The directory of the ledger that a command is about.
struct DirectoryArgument: ParsableArguments {
  @Argument(
    help:
      "The ledger's directory; @ for the one that \(LedgerName.variable) names; @NAME for one in the configuration file.",
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
        localized("@ is the ledger that the variable \(LedgerName.variable) names, and it names none"))
    }
    if LedgerName.isURL(path) {
      throw CommandError.usage(
        localized("\(path): this is done in the ledger's directory, and not at a node"))
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
    for note in ledger.notes { Diagnostics.note(told: note) }
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

  /// The policy file that `argument` names: itself, or after `use` that of the ledger `@NAME`; the one of `ZHENG_POLICY` for nil.
  ///
  /// - Throws: usage, where none is named.
  static func policy(_ argument: String?) throws -> String {
    guard let argument else {
      guard let path = CommandContext.variable(NodeTrust.variable) else {
        throw CommandError.usage(NodeTrust.missing)
      }
      return path
    }
    guard argument.utf8.count > 1, argument.utf8.first == UInt8(ascii: "@") else { return argument }
    let named = CommandContext.current.named
    if let path = named[NodeTrust.variable] { return path }
    guard let ledger = named[variable], !isURL(ledger) else {
      throw CommandError.usage(
        localized(
          "\(argument): the configuration names no policy for this ledger; add \"policy\", or give --policy FILE"
        )
      )
    }
    return "\(ledger)/policy"
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
          localized(
            "\(ledger.place): there is no entry \(index); it has \(ledger.size), 0 to \(ledger.size - 1)"))
      }
      return index
    case .id(let id):
      guard let index = try await ledger.entryIndex(of: id) else {
        throw CommandError.noInput(localized("\(ledger.place): there is no record \(id)"))
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
      throw CommandError.usage(localized("--ledger-id \(text): a ledger id has 64 hex digits"))
    }
    self = id
  }
}
