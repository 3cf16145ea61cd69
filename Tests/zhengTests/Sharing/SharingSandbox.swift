import Foundation
import TestKit
import Testing

/// A sandbox with a ledger whose members share data.
///
/// `bureau` is the authority and administers, `health` provides, `education` demands, `civil` does both, `audit` reads.
final class SharingSandbox {
  let box: Sandbox
  var path: String { box.path }

  private let consortium: ConsortiumDraft

  init(parameters: [String: Int] = [:]) throws {
    box = try Sandbox()
    consortium = ConsortiumDraft(
      [
        .init("bureau", roles: ["authority"]), .init("health", roles: ["provider"]),
        .init("education", roles: ["demander"]), .init("civil", roles: ["provider", "demander"]),
        .init("audit", roles: ["auditor"]),
      ], parameters: parameters)
  }

  /// Founds the ledger `ledger`.
  func found() async throws { try await box.found(consortium) }

  /// Runs `zheng share` with these words, and with `--json`.
  @discardableResult
  func share(_ words: String..., as member: String? = nil) async throws -> Outcome {
    try await share(words, as: member)
  }

  @discardableResult
  func share(_ words: [String], as member: String? = nil) async throws -> Outcome {
    let key = member.map { ["--key", "\($0).pem"] } ?? []
    return try await box.zheng(["share"] + words + key + ["--json"])
  }

  /// Runs `zheng share`, which must succeed, and gives the object that it prints.
  @discardableResult
  func must(_ words: String..., as member: String? = nil) async throws -> [String: Any] {
    let outcome = try await share(words, as: member)
    try #require(outcome.status == 0, "\(words): \(outcome.text) \(outcome.errors)")
    return try outcome.json
  }

  /// Puts an entry of `provider` in force, with the items 姓名 and 出生日期.
  @discardableResult
  func entry(
    _ entry: String, of provider: String = "health", _ attribute: String = "conditional", lead: String? = nil
  ) async throws -> [String: Any] {
    let offer = try await share(offer(entry, attribute, lead: lead), as: provider)
    try #require(offer.status == 0, "\(offer.text) \(offer.errors)")
    let id = try #require(try offer.json["id"] as? String)
    return try await must("countersign", box.place, id, as: "bureau")
  }

  /// The words that offer an entry.
  func offer(_ entry: String, _ attribute: String = "conditional", lead: String? = nil) -> [String] {
    ["catalogue", box.place, entry, "--name", "出生医学证明", "--item", "姓名", "--item", "出生日期"]
      + (lead.map { ["--lead", $0] } ?? []) + ["--attribute", attribute]
      + (attribute == "conditional" ? ["--conditions", "仅限入学核验"] : [])
      + ["--basis", "条例第二十条", "--grade", "重要", "--format", "CSV", "--frequency", "每日", "--method", "文件"]
  }

  /// The words that ask for 出生日期 of an entry.
  func ask(
    _ request: String, _ entry: String = "BIRTHS", item: String = "出生日期", purpose: String = "入学核验",
    basis: String? = "义务教育法第十一条", until: String? = "2099-12-31"
  ) -> [String] {
    ["request", box.place, request, "--entry", entry, "--item", item, "--purpose", purpose]
      + (basis.map { ["--basis", $0] } ?? []) + (until.map { ["--until", $0] } ?? [])
      + ["--scenario", "小学新生登记", "--handler", "基础教育科"]
  }

  /// Asks and grants.
  func granted(_ request: String, _ more: String...) async throws {
    #expect(try await share(ask(request), as: "education").status == 0)
    let outcome = try await share(["grant", box.place, request] + more, as: "health")
    try #require(outcome.status == 0, "\(outcome.text)")
  }

  /// Delivers the file `data` into `vault`, with a package in `hand-REQUEST-NUMBER`.
  @discardableResult
  func delivered(_ request: String, _ number: Int = 1, data: String = "births.csv") async throws -> [String:
    Any]
  {
    try await must(
      "deliver", box.place, request, "--file", data, "--records", "2", "--vault", "vault", "--out",
      "hand-\(request)-\(number)", as: "health")
  }

  /// What `verify --vault` of each vault says: the status, and the state of each delivery by its folder.
  func verified(_ vaults: String...) async throws -> (status: Int32, states: [String: String]) {
    let arguments =
      ["verify", "ledger", "--policy", "policy", "--json"] + vaults.flatMap { ["--vault", $0] }
    let outcome = try await box.zheng(arguments)
    let vault = try #require(try outcome.json["vault"] as? [String: Any])
    let deliveries = try #require(vault["deliveries"] as? [[String: Any]])
    #expect(try (outcome.status == 0) == (outcome.json["ok"] as? Bool))
    return (
      outcome.status,
      Dictionary(deliveries.map { ("\($0["folder"] ?? "")", "\($0["state"] ?? "")") }) { first, _ in first }
    )
  }

  /// Everything that counts as the ledger: the bytes of its entries and its checkpoints.
  func truth() throws -> [Data] {
    try [box.read("ledger/entries/000000000000"), box.read("ledger/checkpoints")]
  }
}

/// Data as bureaus share them.
enum SharedData {
  /// Names and birth dates, with identity and mobile numbers. There is no head: the names of data items stand on the ledger.
  static let csv = """
    11010519491231002X,张小明,1949-12-31,13800138000
    440308199901101512,李小红,1999-01-10,13912345678

    """
  static let numbers = ["11010519491231002X", "440308199901101512", "13800138000", "13912345678"]
}
