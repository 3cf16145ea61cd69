import ArgumentParser
import Boards
import Foundation
import LedgerClient
import LedgerNode
import Workflows

/// How a node works as one of a ledger's several validators.
struct ConsortiumOptions: ParsableArguments {
  @Option(
    help: "The validator that this node is, where the ledger has several; its keys are in the ledger's keys/."
  )
  var validator: String?
  @Option(
    name: .customLong("board"),
    help: "With --validator: the URL of a member of etcd; may be repeated, or several with commas.")
  var boards: [String] = []
  @Option(help: "With --board: the user of etcd.") var boardUser: String?
  @Option(
    help: "With --board-user: a file with its password, which not everybody can read.", completion: .file())
  var boardPasswordFile: String?
  @Option(
    help:
      "With --board: a PEM file of the authorities that etcd's certificates are checked against, instead of the system's.",
    completion: .file())
  var boardCa: String?
  @Option(
    name: .customLong("peer"),
    help: "With --validator: the URL of another validator's node, as NAME=URL; may be repeated.")
  var peers: [String] = []
  @Option(
    help:
      "With --validator: a PEM file of the authorities that the other nodes' certificates are checked against, instead of the system's.",
    completion: .file())
  var peerCa: String?
  @Option(
    help: "With --board: the URL at which the other validators reach this node. Default: where it listens.")
  var ownUrl: String?

  /// The most bytes of a password's file.
  private static let passwordLimit = 1024

  func validate() throws {
    guard let validator else {
      for (option, isGiven) in [
        ("--board", !boards.isEmpty), ("--board-user", boardUser != nil),
        ("--board-password-file", boardPasswordFile != nil), ("--board-ca", boardCa != nil),
        ("--peer", !peers.isEmpty), ("--peer-ca", peerCa != nil), ("--own-url", ownUrl != nil),
      ] where isGiven {
        throw ValidationError(
          localized("\(option) goes with --validator, the name of the validator that this node is"))
      }
      return
    }
    let members = self.members
    guard !members.isEmpty || !peers.isEmpty else {
      throw ValidationError(
        localized("--validator needs --board or --peer: how this node reaches the other validators"))
    }
    for url in members + [ownUrl].compactMap({ $0 }) where !ConsortiumOptions.isURL(url) {
      throw ValidationError(
        localized("\(url) is no URL of http or https, such as https://10.0.0.1:2379"))
    }
    guard (boardUser == nil) == (boardPasswordFile == nil) else {
      throw ValidationError(localized("--board-user and --board-password-file go together"))
    }
    for (option, isGiven) in [
      ("--board-user", boardUser != nil), ("--board-ca", boardCa != nil), ("--own-url", ownUrl != nil),
    ] where isGiven && members.isEmpty {
      throw ValidationError(localized("\(option) goes with --board"))
    }
    if boardUser != nil, let open = members.first(where: { !ReadingTokens.maySend(to: $0) }) {
      throw ValidationError(
        localized("\(open): a password is sent over https only, or to this machine; give etcd a certificate"))
    }
    _ = try urls(besides: validator)
  }

  /// The URLs of etcd's members.
  private var members: [String] {
    boards.flatMap { $0.split(separator: ",").map { Files.trimmed(String($0)) } }
  }

  /// The URLs of the other validators' nodes by name.
  private func urls(besides own: String) throws -> [String: String] {
    var urls: [String: String] = [:]
    for peer in peers {
      let parts = peer.split(separator: "=", maxSplits: 1).map(String.init)
      guard parts.count == 2, ConsortiumOptions.isURL(parts[1]) else {
        throw ValidationError(
          localized(
            "--peer \(peer): give a validator's name and its node's URL, such as v2=https://v2.example.org"))
      }
      guard parts[0] != own else {
        throw ValidationError(localized("--peer \(peer): this node is \(own) itself"))
      }
      guard urls.updateValue(Files.trimmed(parts[1]), forKey: parts[0]) == nil else {
        throw ValidationError(localized("--peer \(peer): \(parts[0]) is given twice"))
      }
    }
    return urls
  }

  private static func isURL(_ text: String) -> Bool {
    guard let url = URL(string: text), ["http", "https"].contains(url.scheme), url.host?.isEmpty == false
    else { return false }
    return url.query == nil && url.fragment == nil && url.user == nil
  }

  /// The settings; nil where this node is the only validator's.
  ///
  /// - Parameter certificate: the node's own certificate and key, which it shows to the others where they ask for one.
  func settings(certificate: (chain: String, key: String)?) throws -> ConsortiumSettings? {
    guard let validator else { return nil }
    var settings = ConsortiumSettings(validator: validator)
    (settings.boards, settings.ownURL) = (members, ownUrl.map(Files.trimmed))
    settings.boardTLS.authorities = boardCa
    settings.peers = try urls(besides: validator)
    settings.peerTLS = NodeTLS(
      authorities: peerCa, certificate: certificate?.chain, key: certificate?.key)
    if let boardUser, let boardPasswordFile {
      settings.boardUser = EtcdUser(
        name: boardUser, password: try ConsortiumOptions.password(boardPasswordFile))
    }
    return settings
  }

  /// The password that the file at `path` holds, without the line end.
  private static func password(_ path: String) throws -> String {
    if let permissions = Files.permissions(path), permissions & 0o007 != 0 {
      throw CommandError.usage(
        localized("\(path): everybody can read this password; run `chmod o-rwx \(ShellText.path(path))`"))
    }
    let bytes = try Files.contents(path, of: "a password's file", limit: passwordLimit)
    guard let text = String(validating: bytes, as: UTF8.self)?.trimmingNewlines, !text.isEmpty else {
      throw CommandError.usage(localized("\(path): no password is in it"))
    }
    return text
  }
}
