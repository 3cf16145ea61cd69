import Foundation

/// The files that the story is told with: this project's own where it lies beside the binary, else a few that are built in.
struct DemoMaterials {
  /// The document that is proven, below the demo's directory.
  let document: String
  /// Whether `files/Sources` holds this project's sources.
  let hasSources: Bool
  /// A file too large for an entry, below the demo's directory.
  let largeFile: String
  /// The binary that the commands run.
  let binary: String

  /// Writes the files below `folder`.
  static func prepare(in folder: String) throws -> DemoMaterials {
    let manager = FileManager.default
    let binary = try runningBinary()
    try manager.createDirectory(atPath: folder + "/files", withIntermediateDirectories: true)
    try manager.createSymbolicLink(atPath: folder + "/files/zheng", withDestinationPath: binary)
    guard let project = project(around: binary) else {
      for (name, text) in builtIn { try Files.create("\(folder)/files/\(name)", Array(text.utf8)) }
      return DemoMaterials(
        document: "files/\(builtIn[0].name)", hasSources: false, largeFile: "files/zheng", binary: binary)
    }
    let document = ["README.md", "Package.swift"].first { manager.fileExists(atPath: "\(project)/\($0)") }
    guard let document else {
      throw CommandError.noInput("\(project): neither README.md nor Package.swift is here")
    }
    try manager.copyItem(atPath: "\(project)/\(document)", toPath: "\(folder)/files/\(document)")
    try manager.copyItem(atPath: "\(project)/Sources", toPath: "\(folder)/files/Sources")
    return DemoMaterials(
      document: "files/\(document)", hasSources: true, largeFile: "files/zheng", binary: binary)
  }

  private static func runningBinary() throws -> String {
    do { return try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe") } catch {
      guard let path = Bundle.main.executablePath else {
        throw CommandError.noInput("the running program's own file can't be found")
      }
      return path
    }
  }

  /// The nearest directory around `binary` that holds this project's sources.
  private static func project(around binary: String) -> String? {
    var folder = URL(fileURLWithPath: binary)
    while folder.path != "/" {
      folder.deleteLastPathComponent()
      if Files.exists(folder.path + "/Package.swift"),
        Files.exists(folder.path + "/Sources/zheng/Zheng.swift")
      {
        return folder.path
      }
    }
    return nil
  }

  private static let builtIn: [(name: String, text: String)] = [
    (
      "证据清单.txt",
      """
      证据清单 List of evidence
      案号 Case: (2026) 豫01民初17号
      一、租赁合同扫描件 Scanned lease
      二、转账凭证 Transfer receipt
      三、现场照片十二张 Twelve photographs of the premises

      """
    ),
    (
      "数据目录.csv",
      """
      目录编号,名称,提供部门,共享属性
      410100-0001,不动产登记信息,自然资源局,有条件共享
      410100-0002,企业登记信息,市场监管局,无条件共享
      410100-0003,社会保险参保信息,人社局,有条件共享

      """
    ),
  ]
}
