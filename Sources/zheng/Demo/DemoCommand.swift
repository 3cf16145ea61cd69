import ArgumentParser
import Foundation

/// `zheng demo`.
struct DemoCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "demo", abstract: "Show both procedures in one go, on real files.",
    discussion: """
      Five organisations found a ledger. A contract is deposited, handed over, examined and certified; data are \
      requested, granted, delivered and used; then one byte of a copy is changed and found. Every command is shown \
      as a person would type it, and run.

        zheng demo
        zheng demo --dir story
        zheng demo --serve
      """)

  @Option(help: "A new directory for the demo. Default: a temporary one.", completion: .directory)
  var dir: String?
  @Flag(help: "Serve the ledger afterwards, until stopped.") var serve = false
  @Option(help: "The address to serve it at, as for `zheng node`.") var listen: String?

  func run() async throws {
    if listen != nil, !serve { throw CommandError.usage(localized("--listen goes with --serve")) }
    let folder = try makeFolder()
    var story = DemoStory(folder: folder, materials: try DemoMaterials.prepare(in: folder))
    try story.play()
    guard serve else { return }
    let address = "http://\(listen ?? "127.0.0.1:8080")"
    story.say(
      localized(
        """

        The ledger is served now; stop it with Ctrl-C. Open in a browser:
          核验文件 check a file   \(address)/
          证据 the item           \(address)/item?id=E-2026-001
          看板 the board          \(address)/sharing
        The file to check is \(folder)/\(DemoMaterials.contract)
        """))
    var served = CommandContext.current
    served.stateFolder = "\(folder)/\(DemoShell.stateFolder)"
    let context = served
    let status = await CommandContext.$current.withValue(context) {
      await Zheng.execute(
        ["node", folder + "/ledger", "--read", "public"] + (listen.map { ["--listen", $0] } ?? []))
    }
    if status != ExitStatus.good.rawValue { throw ExitCode(status) }
  }

  private func makeFolder() throws -> String {
    guard let dir else {
      var template = Array((FileManager.default.temporaryDirectory.path + "/zheng-demo-XXXXXX").utf8CString)
      guard mkdtemp(&template) != nil else {
        throw CommandError.cannotCreate(
          localized(
            "\(FileManager.default.temporaryDirectory.path): no directory can be made here; name one with --dir"
          )
        )
      }
      return String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
    let path = URL(fileURLWithPath: dir).standardizedFileURL.path
    var isDirectory: ObjCBool = false
    if FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory) {
      guard isDirectory.boolValue, try FileManager.default.contentsOfDirectory(atPath: path).isEmpty else {
        throw CommandError.cannotCreate(localized("\(dir): something is here already; name a new directory"))
      }
    } else if mkdir(path, 0o755) != 0 {
      throw CommandError.cannotCreate("\(dir): \(String(cString: strerror(errno)))")
    }
    return path
  }
}
