import ArgumentParser
import Foundation
import Ledger
import LedgerCrypto
import Scenarios
import Workflows

/// The ledger that a command is about.
struct LedgerArgument: ParsableArguments {
  @Argument(help: "The ledger's directory.", completion: .directory)
  var ledger: String

  /// The path without slashes at its end.
  var path: String { Files.trimmed(ledger) }

  /// The ledger's directory, in which there is a ledger.
  var folder: DirectoryLedger.Folder {
    get throws { try LedgerArgument.folder(at: ledger) }
  }

  /// The directory that `argument` names, in which there is a ledger.
  static func folder(at argument: String) throws -> DirectoryLedger.Folder {
    try DirectoryLedger.folder(at: Files.trimmed(argument), .commands)
  }

  /// The ledger, opened for what a command does with it; says what was found on the way.
  func opened(_ recording: DirectoryLedger.Recording = .none) throws -> DirectoryLedger {
    let ledger = try DirectoryLedger(folder, CommandContext.current.work, recording: recording)
    for note in ledger.notes { Diagnostics.note(note) }
    return ledger
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
