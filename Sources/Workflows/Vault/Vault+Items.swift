import Foundation
import LedgerCrypto
import LedgerStore

/// A delivery in a vault.
package struct VaultItem: Hashable, Sendable {
  package let request: String
  package let delivery: UInt64

  package init(request: String, delivery: UInt64) { (self.request, self.delivery) = (request, delivery) }

  /// Its folder's name: two deliveries never have the same, whatever their requests are called.
  package var name: String {
    var name = ""
    for byte in request.utf8 {
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"):
        name.unicodeScalars.append(Unicode.Scalar(byte))
      default: name += "%" + Hex.encode([byte]).uppercased()
      }
    }
    return "\(name).\(delivery)"
  }
}

/// Data and salt in a vault that do not belong to a delivery yet.
package struct StagedItem {
  /// The folder in which they lie.
  let path: String
  let salt: Salt
  package let commitment: Digest
}

extension Vault {
  /// The folder of `item`, whether or not it is there.
  package func path(of item: VaultItem) -> String { "\(path)/\(item.name)" }

  /// Whether anything of `item` is there.
  package func holds(_ item: VaultItem) -> Bool { Files.exists(path(of: item)) }

  /// The names of all items that were ever put in.
  var listedNames: Set<String> {
    get throws {
      guard let input = try PrivateFiles.input("\(path)/items") else { return [] }
      var bytes: [UInt8] = []
      while true {
        let part = try input.read(upTo: 1 << 20)
        if part.isEmpty { break }
        bytes += part
      }
      return Set(bytes.split(separator: UInt8(ascii: "\n")).map { String(decoding: $0, as: UTF8.self) })
    }
  }

  /// Takes `item` off the list, durably: it is as if it had never been put in.
  func unlist(_ item: VaultItem) throws {
    let names = try listedNames
    guard names.contains(item.name) else { return }
    let list = names.subtracting([item.name]).sorted().map { $0 + "\n" }.joined()
    try PrivateFiles.replace("items", in: path, Array(list.utf8))
  }

  /// The folders of items that are there.
  var heldNames: Set<String> {
    get throws {
      Set(
        try PrivateFiles.names(in: path).filter { !$0.hasPrefix(".") && $0 != "vault.json" && $0 != "items" })
    }
  }

  /// The folders of commands that were killed, with personal data and salts in them; the next that writes destroys them.
  var leftoverNames: [String] {
    get throws { try PrivateFiles.names(in: path).filter { $0.hasPrefix(Vault.stagingPrefix) } }
  }

  /// Copies the data in `file` into the vault, with `salt`, and returns when they are on the disk.
  func stage(_ file: String, salt: Salt) throws -> StagedItem {
    let source = try Files.Input(file)
    let folder = try PrivateFiles.makeScratchFolder(in: path, prefix: Vault.stagingPrefix)
    do {
      try PrivateFiles.copy(source, to: "\(folder)/data")
      try PrivateFiles.write(salt.content, to: "\(folder)/salt")
      try FileSystem.syncFolder(folder)
      // The commitment is to what lies in the vault, whatever the file becomes meanwhile.
      let commitment = try salt.commitment(to: "\(folder)/data", context)
      return StagedItem(path: folder, salt: salt, commitment: commitment)
    } catch {
      try destroyFolder(folder)
      throw error
    }
  }

  /// Gives `staged` its place as `item`, durably.
  ///
  /// - Throws: cannot create, where the vault has such an item.
  func keep(_ staged: StagedItem, as item: VaultItem) throws {
    let place = path(of: item)
    guard !holds(item) else {
      throw WorkflowError.cannotCreate("\(place): the vault holds this delivery already")
    }
    if !(try listedNames.contains(item.name)) {
      try PrivateFiles.append(Array("\(item.name)\n".utf8), to: "\(path)/items")
    }
    guard rename(staged.path, place) == 0 else { throw Failure("rename", place) }
    try FileSystem.syncFolder(path)
  }

  /// Destroys `staged`, if it has not been kept.
  func discard(_ staged: StagedItem) throws { try destroyFolder(staged.path) }

  /// Destroys salt and data of `item`, the salt first: what is left after a crash in between can't be tried out against the
  /// commitment any more.
  package func destroy(_ item: VaultItem) throws { try destroyFolder(path(of: item)) }

  func destroyFolder(_ folder: String) throws {
    var status = stat()
    guard lstat(folder, &status) == 0 else { return }
    guard status.st_mode & S_IFMT == S_IFDIR else {
      throw WorkflowError(.inputOutput, "io", "\(folder): no folder, so not of our making; remove it by hand")
    }
    try PrivateFiles.destroy("\(folder)/salt")
    try PrivateFiles.destroy("\(folder)/data")
    try FileSystem.syncFolder(folder)
    guard rmdir(folder) == 0 else {
      let failure = Failure("rmdir", folder)
      throw failure.errorNumber == ENOTEMPTY
        ? WorkflowError(
          .inputOutput, "io",
          "\(folder): salt and data are destroyed, but other files lie here that no command of ours has put; remove them and the folder"
        )
        : failure
    }
    try FileSystem.syncFolder(path)
  }
}
