import ArgumentParser
import Foundation
import Ledger
import LedgerCrypto
import LedgerIndex
import LedgerStore
import Scenarios

/// The ledger that a command is about.
struct LedgerArgument: ParsableArguments {
  @Argument(help: "The ledger's directory.", completion: .directory)
  var ledger: String

  /// The path without slashes at its end.
  var path: String { LedgerArgument.trimmed(ledger) }

  /// The ledger's directory, in which there is a ledger.
  var folder: LedgerFolder {
    get throws { try LedgerArgument.folder(at: ledger) }
  }

  /// The directory that `argument` names, in which there is a ledger.
  static func folder(at argument: String) throws -> LedgerFolder {
    let path = trimmed(argument)
    guard !path.isEmpty else { throw CommandError.usage("the ledger's directory has an empty name") }
    let folder = LedgerFolder(path)
    guard Files.exists(path) else {
      throw CommandError.noInput(
        "\(path): no such directory; `zheng init \(ShellText.path(path)) …` founds a ledger")
    }
    guard folder.isLedger else {
      for part in ["checkpoints", "entries"]
      where !Files.exists("\(path)/\(part)") && Files.exists(folder.keys) && Files.exists(folder.policy) {
        throw Fault(.missing, "\(path)/\(part) is not there, and the rest of a ledger is")
      }
      throw CommandError.noInput("\(path): no ledger is here; `zheng init` founds one in a new directory")
    }
    return folder
  }

  static func trimmed(_ path: String) -> String { Files.trimmed(path) }
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

  /// The index in `reader`'s ledger.
  ///
  /// - Throws: no such input, with what there is.
  func resolved(in reader: LedgerReader) throws -> UInt64 {
    switch self {
    case .index(let index):
      guard index < reader.size else {
        throw CommandError.noInput(
          "\(reader.folder.path): there is no entry \(index); it has \(reader.size), 0 to \(reader.size - 1)")
      }
      return index
    case .id(let id):
      guard let index = try reader.entryIndex(of: id) else {
        let behind = reader.unindexed > 0 ? "; the index lags by \(reader.unindexed) entries, try again" : ""
        throw CommandError.noInput("\(reader.folder.path): there is no record \(id)\(behind)")
      }
      return index
    }
  }
}

extension LedgerReader {
  /// Opens `folder`, and says where searches do not see everything.
  static func opening(_ folder: LedgerFolder) throws -> LedgerReader {
    let reader = try LedgerReader(folder)
    for note in reader.notes { Diagnostics.note(note) }
    if reader.unindexed > 0 {
      Diagnostics.note(
        "\(folder.path): the newest \(Printable.count(reader.unindexed, "entry", plural: "entries")) are not indexed yet; searches do not find them"
      )
    }
    return reader
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
