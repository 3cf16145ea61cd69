import Foundation
import LedgerCrypto
import Scenarios
import TestKit
import Testing

/// A ledger with one item whose custody has gone from a notary to an examiner and, by a court's order, out of custody.
///
/// The certificate of the item, the policy and the deposited file also lie in `judge`, where nothing else is.
final class EvidenceLedger {
  let box: Sandbox
  let item = "E-2026-17 <合同>"
  let content = "合同全文:甲方、乙方\n"
  /// The statement ids, in the order in which they were recorded.
  private(set) var ids: [Digest] = []

  /// What happens after the offer is another story: what is received is not the item.
  private let isDisputed: Bool

  init(rows: Int = .max, isDisputed: Bool = false) async throws {
    self.isDisputed = isDisputed
    box = try Sandbox()
    try await box.makeKey("examiner", "ed25519")
    var consortium = ConsortiumDraft([
      .init(
        "notary", roles: ["collector", "custodian", "notary"], zh: "公证处", en: #"Notary & "Office" <1>"#),
      .init("examiner", roles: ["examiner"], zh: "鉴定中心", en: "Forensic Laboratory"),
      .init("court", roles: ["court", "supervisor"], zh: "中级人民法院", en: "Intermediate Court"),
    ])
    consortium.origin = "zhengzhou.example/pilot"
    try await box.found(consortium)
    try box.write("合同.txt", content)
    try await add(to: rows)
  }

  /// Records the next statements, until there are so many.
  func add(to rows: Int) async throws {
    for statement in statements().prefix(rows).dropFirst(ids.count) {
      ids.append(try await record(statement))
    }
  }

  private typealias Said = (by: String, type: String, payload: (EvidenceLedger) -> [UInt8])

  private func statements() -> [Said] {
    let digest = SHA256.digest(of: Array(content.utf8))
    func said<Payload: EvidencePayload>(_ by: String, _ payload: @escaping (EvidenceLedger) -> Payload)
      -> Said
    {
      (by, Payload.kind.contentType, { payload($0).encoded })
    }
    let countersign = { (number: Int) in
      (
        "court", "application/vnd.zheng.countersign+cbor",
        { (ledger: EvidenceLedger) in
          [0xa1, 0x69] + Array("statement".utf8) + [0x58, 0x20] + ledger.ids[number - 1].bytes
        }
      )
    }
    let offered = [
      said("notary") { _ in
        Evidence.Deposit(
          caseReference: "(2026)豫01民初17号", category: .file, scope: .file,
          size: UInt64(self.content.utf8.count),
          digests: .init([.sha256: digest.bytes, .md5: Array(repeating: 7, count: 16)]),
          method: "当事人提交 <script>alert(1)</script>", format: "text/plain", collected: 1_780_000_000,
          place: "郑州",
          tool: "dd & sha256sum", collectors: ["取证一组", "取证二组"], occurred: 1_780_000_100)
      },
      said("notary") { Evidence.Seal(seal: "S-1", condition: "完好\n无拆封", previous: $0.ids[0]) },
      said("notary") {
        Evidence.Offer(to: "examiner", seal: "S-1", digest: digest, purpose: "鉴定", previous: $0.ids[1])
      },
    ]
    if isDisputed {
      return offered + [
        said("examiner") {
          Evidence.Accept(seal: "S-9", digest: $0.ids[0], location: "三号柜", previous: $0.ids[2])
        },
        said("notary") {
          Evidence.Resolve(reason: "包装破损", outcome: .sealed, seal: "S-3", previous: $0.ids[3])
        },
        countersign(5),
        said("notary") {
          Evidence.Offer(to: "examiner", seal: "S-3", digest: digest, purpose: "鉴定", previous: $0.ids[4])
        },
        said("examiner") { Evidence.Decline(reason: "封条破损", previous: $0.ids[6]) },
        said("notary") { Evidence.Resolve(reason: "另行处理", outcome: .disposed, previous: $0.ids[7]) },
        said("court") { _ in Evidence.Hold(order: "〔2026〕令-3", reason: "暂缓销毁") },
        said("court") { _ in Evidence.Hold(order: "令-4", reason: "另案") },
        said("notary") { _ in Evidence.Renew(digests: .init([.sm3: digest.bytes])) },
        said("court") { _ in Evidence.Lift(order: "（２０２６）令-3") },
        said("notary") {
          Evidence.Resolve(reason: "重新封存", outcome: .sealed, seal: "S-4", previous: $0.ids[7])
        },
      ]
    }
    return offered + [
      said("examiner") {
        Evidence.Accept(seal: "S-1", digest: digest, location: "三号柜", previous: $0.ids[2])
      },
      said("notary") { Evidence.Correct(statement: $0.ids[0], what: "地点为洛阳", why: "笔误") },
      said("court") { _ in Evidence.Hold(order: "令-1", reason: "诉讼保全") },
      said("examiner") { Evidence.Examine(method: "哈希比对", previous: $0.ids[3]) },
      said("examiner") { Evidence.Reseal(seal: "S-2", derived: ["E-2026-18"], previous: $0.ids[6]) },
      said("court") { _ in Evidence.Lift(order: "令-1") },
      said("examiner") { Evidence.Release(order: "令-2", outcome: .released, previous: $0.ids[7]) },
      countersign(10),
    ]
  }

  private func record(_ said: Said) async throws -> Digest {
    try box.write("payload", Data(said.payload(self)))
    let outcome = try await box.zheng(
      "append", "ledger", "--key", "\(said.by).pem", "--type", said.type, "--subject", item, "--json",
      "payload")
    try #require(outcome.status == 0, "\(outcome.text) \(outcome.errors)")
    return try #require((try outcome.json["id"] as? String).flatMap { Digest(hex: $0) })
  }

  /// Has the policies ask for no cosignature, so that they prove no time.
  func dropQuorum() throws {
    for name in ["policy", "ledger/policy"] {
      try box.edit(text: name) { $0.replacing(/quorum \S+/, with: "quorum none") }
    }
  }

  /// Writes the certificate, and puts what its receiver gets into `judge`.
  @discardableResult
  func certify() async throws -> String {
    let outcome = try await box.zheng("evidence", "certificate", "ledger", item, "--out", "certificate.html")
    try #require(outcome.status == 0, "\(outcome.errors)")
    try box.makeFolder("judge")
    for name in ["certificate.html", "policy", "合同.txt"] { try box.move(name, to: "judge/\(name)") }
    for name in try box.names() where name.hasSuffix(".pem") || ["consortium.json", "payload"].contains(name)
    {
      try box.remove(name)
    }
    return String(decoding: try box.read("judge/certificate.html"), as: UTF8.self)
  }

  /// `zheng check` of `html`, in `judge`.
  func check(_ html: String, _ arguments: String..., policy: String = "policy") async throws -> Outcome {
    try box.write("judge/altered.html", html)
    return try await box.zheng(["check", "altered.html", "--policy", policy] + arguments, in: "judge")
  }

  /// The parts that `zheng check` finds at fault.
  func faults(_ html: String) async throws -> [String] {
    let outcome = try await check(html, "--json")
    #expect(outcome.status == (try outcome.json["ok"] as? Bool == true ? 0 : 1))
    return try #require(outcome.json["faults"] as? [[String: Any]]).compactMap { $0["part"] as? String }
  }
}
