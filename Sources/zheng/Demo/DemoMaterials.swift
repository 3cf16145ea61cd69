import Foundation

/// The files that the stories are told with.
struct DemoMaterials {
  /// The contract, below the demo's directory.
  static let contract = "files/\(contractName)"
  /// The contract's file name.
  static let contractName = "租赁合同.txt"
  /// A directory of files, below the demo's directory.
  static let directory = "files/案卷"

  /// What the files in `directory` are, for a sentence.
  let directoryMeaning: String
  /// One of them, below the demo's directory.
  let oneOfMany: String
  /// The binary that the commands run.
  let binary: String

  /// Writes the files below `folder`; the directory's are this project's own sources where they lie beside the binary.
  static func prepare(in folder: String) throws -> DemoMaterials {
    let manager = FileManager.default
    let binary = try runningBinary()
    try manager.createDirectory(atPath: folder + "/files", withIntermediateDirectories: true)
    for (name, text) in written { try Files.create("\(folder)/files/\(name)", Array(text.utf8)) }
    try Files.create(folder + "/consortium.json", Array(consortium.utf8))
    if let project = project(around: binary) {
      try manager.copyItem(atPath: "\(project)/Sources", toPath: "\(folder)/\(directory)")
      return DemoMaterials(
        directoryMeaning: "this project's own sources", oneOfMany: "\(directory)/zheng/Zheng.swift",
        binary: binary)
    }
    try manager.createDirectory(atPath: "\(folder)/\(directory)", withIntermediateDirectories: true)
    for number in 1...40 {
      try Files.create(
        "\(folder)/\(directory)/笔录-\(number).txt", Array("第\(number)次询问笔录 Record of hearing \(number)\n".utf8)
      )
    }
    return DemoMaterials(
      directoryMeaning: "forty records of hearings", oneOfMany: "\(directory)/笔录-17.txt", binary: binary)
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

  private static let written: [(name: String, text: String)] = [
    (
      contractName,
      """
      房屋租赁合同 Lease contract
      出租方（甲方）与承租方（乙方）经协商订立本合同。
      一、房屋位于郑州市金水区，建筑面积八十六平方米。 The premises are in Jinshui District, Zhengzhou, 86 square metres.
      二、租期两年，月租金人民币三千五百元。 Two years, at 3,500 yuan a month.

      """
    ),
    (
      "births.csv",
      """
      证明编号,出生日期
      Q410000001,2019-04-02
      Q410000002,2021-11-30

      """
    ),
    (
      "calendar.json",
      """
      {
        "version": "2026-1",
        "basis": "国务院办公厅关于2026年部分节假日安排的通知",
        "holidays": [
          "2026-01-01", "2026-01-02", "2026-02-16", "2026-02-17", "2026-02-18", "2026-02-19", "2026-02-20", "2026-02-23",
          "2026-04-06", "2026-05-01", "2026-05-04", "2026-05-05", "2026-06-19", "2026-09-25", "2026-10-01", "2026-10-02",
          "2026-10-05", "2026-10-06", "2026-10-07"
        ],
        "working": ["2026-01-04", "2026-02-14", "2026-02-28", "2026-05-09", "2026-09-20", "2026-10-10"]
      }

      """
    ),
  ]

  private static let consortium = """
    {
      "origin": "zhengzhou.example/demo",
      "name": { "zh": "郑州数据共享与电子存证示范链", "en": "Zhengzhou demonstration ledger" },
      "members": [
        { "id": "data-bureau", "name": { "zh": "市大数据局", "en": "Data Bureau" },
          "roles": ["authority", "supervisor"], "keys": ["keys/data-bureau.pub.pem"] },
        { "id": "notary", "name": { "zh": "公证处", "en": "Notary Office" },
          "roles": ["collector", "custodian", "notary", "demander"], "keys": ["keys/notary.pub.pem"] },
        { "id": "court", "name": { "zh": "中级人民法院", "en": "Intermediate Court" },
          "roles": ["court"], "keys": ["keys/court.pub.pem"] },
        { "id": "forensics", "name": { "zh": "法院司法技术处", "en": "Court Forensic Office" },
          "roles": ["custodian", "examiner"], "keys": ["keys/forensics.pub.pem"] },
        { "id": "health", "name": { "zh": "市卫生健康委", "en": "Health Commission" },
          "roles": ["provider"], "keys": ["keys/health.pub.pem"] }
      ],
      "administrators": { "members": ["data-bureau", "notary"], "threshold": 1 }
    }

    """
}
