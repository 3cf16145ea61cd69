import Ledger
import LedgerCrypto
import Scenarios
import Statements

/// A ledger whose members hold the roles of electronic evidence, and statements about one item that are good unless something
/// else is given.
struct EvidenceLedger {
  static let members: [String: [String]] = [
    "office": ["collector", "custodian"], "lab": ["examiner"],
    "collector": ["collector"], "custodian": ["custodian"], "examiner": ["examiner"], "court": ["court"],
    "notary": ["notary"], "supervisor": ["supervisor"], "auditor": ["auditor"],
  ]

  var ledger: TestLedger
  /// How many seals were used.
  private var seals = 0

  init(
    isSigned: Bool = false, members: [String: [String]] = EvidenceLedger.members, evidenceRules: UInt64 = 1
  ) throws {
    ledger = try TestLedger(members, parameters: ["evidence-rules": evidenceRules], isSigned: isSigned)
  }

  static func digest(_ seed: String) -> Digest { SHA256.digest(of: Array(seed.utf8)) }

  /// The SHA-256 digest with which `item` is deposited.
  static func content(of item: String) -> Digest { digest("content of \(item)") }

  mutating func freshSeal() -> String {
    seals += 1
    return "S-\(seals)"
  }

  func item(_ item: String = "E-1") throws -> Evidence.Item? {
    try ledger.value(Evidence.Item.key(item)).map { try Evidence.Item(decoding: $0) }
  }

  func pending(_ statement: Digest) throws -> Evidence.Pending? {
    try ledger.value(Evidence.Pending.key(statement)).map { try Evidence.Pending(decoding: $0) }
  }

  /// Submits a payload about `item`.
  mutating func submit(
    _ payload: some EvidencePayload, by member: String, about item: String? = "E-1",
    admitsRefused: Bool = false
  ) throws -> Verdict {
    try ledger.submit(
      type(of: payload).kind.contentType, by: member, about: item, payload.encoded,
      admitsRefused: admitsRefused)
  }

  /// Submits what must be accepted.
  mutating func accept(_ payload: some EvidencePayload, by member: String, about item: String = "E-1") throws
  {
    let verdict = try submit(payload, by: member, about: item)
    if let refusal = verdict.refusal { throw refusal }
  }

  // MARK: Payloads

  static func deposit(_ item: String = "E-1", seal: String? = nil) -> Evidence.Deposit {
    Evidence.Deposit(
      caseReference: "(2025)豫01民初77号", category: .file, scope: .file, size: 1234,
      digests: Evidence.Digests([.sha256: content(of: item).bytes]), method: "现场提取 copied on site",
      seal: seal)
  }

  /// The payload of each kind for `item` as it stands.
  mutating func payload(_ kind: EvidenceKind, about item: String = "E-1", to: String = "custodian") throws
    -> any EvidencePayload
  {
    let known = try self.item(item)
    let last = known?.last ?? .zero
    let (seal, content) = (known?.seal ?? "S-0", EvidenceLedger.content(of: item))
    switch kind {
    case .deposit: return EvidenceLedger.deposit(item)
    case .seal: return Evidence.Seal(seal: freshSeal(), condition: "完好", previous: last)
    case .offer:
      return Evidence.Offer(to: to, seal: seal, digest: content, purpose: "移交鉴定", previous: last)
    case .accept: return Evidence.Accept(seal: seal, digest: content, location: "二号库房", previous: last)
    case .decline: return Evidence.Decline(reason: "封条破损\nthe seal is torn", previous: last)
    case .resolve: return Evidence.Resolve(reason: "复核一致", outcome: .sealed, previous: last)
    case .examine: return Evidence.Examine(method: "镜像分析", tool: "dd 9.1", previous: last)
    case .reseal: return Evidence.Reseal(seal: freshSeal(), previous: last)
    case .present: return Evidence.Present(to: "合议庭", purpose: "庭审质证")
    case .hold: return Evidence.Hold(order: "(2025)豫01执保9号")
    case .lift: return Evidence.Lift(order: known?.orders.first?.order ?? "(2025)豫01执保9号")
    case .release: return Evidence.Release(order: "(2025)豫01执3号", outcome: .released, previous: last)
    case .renew: return Evidence.Renew(digests: Evidence.Digests([.sm3: [UInt8](repeating: 7, count: 32)]))
    case .correct:
      return Evidence.Correct(statement: known?.deposit ?? .zero, what: "案号应为78号", why: "笔误")
    }
  }

  // MARK: States

  /// Where the matrix looks at an item: its state, and who holds it.
  enum Stage: String, CaseIterable {
    /// There is no item.
    case none
    case deposited, sealed
    /// Sealed, and held by `lab`, an examiner.
    case sealedAtLab = "sealed at lab"
    /// Offered to `lab`.
    case inTransit = "in-transit"
    /// By `lab`.
    case examining
    case disputed, released, disposed
  }

  /// Brings the item from nothing to `stage`, held by `office` unless the stage says otherwise.
  mutating func bring(to stage: Stage, item: String = "E-1") throws {
    func steps(_ stage: Stage) -> [(EvidenceKind, String)] {
      switch stage {
      case .none: []
      case .deposited: [(.deposit, "office")]
      case .sealed: steps(.deposited) + [(.seal, "office")]
      case .inTransit: steps(.sealed) + [(.offer, "office")]
      case .sealedAtLab: steps(.inTransit) + [(.accept, "lab")]
      case .examining: steps(.sealedAtLab) + [(.examine, "lab")]
      case .disputed: steps(.inTransit) + [(.decline, "lab")]
      case .released, .disposed: steps(.sealed)
      }
    }
    for (kind, member) in steps(stage) {
      try accept(payload(kind, about: item, to: "lab"), by: member, about: item)
    }
    guard stage == .released || stage == .disposed, let last = try self.item(item)?.last else { return }
    let release = Evidence.Release(
      order: "(2025)豫01执1号", outcome: stage == .released ? .released : .disposed, previous: last)
    let verdict = try submit(release, by: "office", about: item)
    let countersigned = try ledger.countersign(verdict.id, by: "court")
    precondition(verdict.isAccepted && countersigned.isAccepted)
  }
}
