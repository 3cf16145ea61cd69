public import Ledger

/// The kinds of government data sharing (政务数据共享).
///
/// How the work goes, in the words of the State Council's 政务数据共享条例 and of the offices that live by it:
///
/// - The authority (主管部门) records the **calendar** of working days.
/// - A provider (提供部门) offers a **catalogue** entry (目录), which says what it holds and on what terms: shared
///   unconditionally, conditionally, or not shareable. The authority's countersignature puts it in force.
/// - A demander (需求部门) files a **request** (its line in the 需求清单): which items, for what purpose, on what ground. From
///   that block's time the provider has so many working days to **grant** or **refuse**.
/// - Under a grant the provider **delivers**: the data go from vault to vault, and the ledger has a commitment. The demander
///   gives a **receipt** for what it found to be the committed data, and logs each **use**.
/// - A demander that finds a fault **objects** (校核), and the provider **answers**.
/// - The provider or the authority may **revoke** a grant. Either side **erases** its copy when it is done.
public enum SharingKind: String, Sendable, CaseIterable {
  case calendar, catalogue, request, grant, refuse, deliver, receipt, use, object, answer, revoke, erase

  /// The beginning of every content type of these.
  public static let prefix = Kind.prefix + "sharing."

  /// The content type.
  public var contentType: String { SharingKind.prefix + rawValue + "+cbor" }

  /// The kind of this content type, or nil for another.
  public init?(contentType: String) {
    guard let kind = SharingKind.allCases.first(where: { $0.contentType == contentType }) else { return nil }
    self = kind
  }
}

/// The roles of data sharing.
public enum SharingRole: String, Sendable, CaseIterable {
  case provider, demander, authority, auditor

  /// The role as the roster has it, and what it may do.
  public var role: Role {
    switch self {
    case .provider: Role(rawValue, zh: "提供部门", meaning: "has data and answers for them")
    case .demander: Role(rawValue, zh: "需求部门", meaning: "needs data for its work")
    case .authority:
      Role(
        rawValue, zh: "主管部门",
        meaning: "keeps the calendar, puts catalogue entries in force, may revoke grants")
    case .auditor: Role(rawValue, zh: "审计", meaning: "reads and verifies; writes nothing")
    }
  }
}

/// On what terms an entry is shared (共享属性).
public enum SharingAttribute: String, Sendable, CaseIterable {
  /// 无条件共享: every bureau may have it.
  case unconditional
  /// 有条件共享: under the conditions that the entry names.
  case conditional
  /// 不予共享: by a law that the entry names; only to who names a law that overrides it.
  case notShareable = "not-shareable"
}

/// What is wrong with shared data (校核), by the dimensions in which data quality is reported.
public enum SharingFault: String, Sendable, CaseIterable {
  /// 不准确.
  case inaccurate
  /// 不完整.
  case incomplete
  /// 不及时.
  case outdated
  /// 不一致: contradicts another source.
  case inconsistent
  /// 不可用: unreadable, or not in the format of the entry.
  case unusable
}

/// What a provider finds when it looks into an objection.
public enum SharingOutcome: String, Sendable, CaseIterable {
  /// The data were at fault.
  case upheld
  /// They were not.
  case rejected
}

/// What a statement of one kind carries.
public protocol SharingPayload: Hashable, FieldList {
  /// The kind.
  static var kind: SharingKind { get }
  /// What the claim `sub` must be.
  var subject: String { get }
  /// What the text at `key` is called where personal data are found in it.
  static func name(ofText key: String) -> String
}

extension SharingPayload {
  /// The kind's name.
  public static var name: String { kind.rawValue }

  /// The key.
  public static func name(ofText key: String) -> String { key }

  /// Searches the texts for personal data: called before signing, and by every validator.
  ///
  /// - Throws: `personal-data`.
  public func refusePersonalData() throws(Refusal) {
    var (payload, search) = (self, TextSearch())
    payload.visit(&search)
    // The first that holds a number is named: what the statement is about, then what people look at first.
    let order = [
      "version", "request", "entry", "name", "purpose", "reason", "conditions", "basis", "scenario", "grade",
      "format", "frequency", "method", "handler", "calendar",
    ]
    func place(_ key: String) -> Int {
      order.firstIndex(of: key) ?? order.count + (key == "items" ? 1 : key == "lead" ? 2 : 0)
    }
    for (key, text) in search.found.enumerated().sorted(by: {
      (place($0.element.key), $0.offset) < (place($1.element.key), $1.offset)
    }).map(\.element) {
      try PersonalData.refuse(in: text, as: Self.name(ofText: key))
    }
  }
}

/// The bounds of what payloads hold, in bytes of UTF-8 unless said otherwise.
enum Bounds {
  static let id = 1...64
  static let item = 1...64
  static let itemCount = 1...256
  static let word = 1...64
  static let name = 1...200
  static let purpose = 1...200
  static let reference = 1...200
  static let prose = 1...2000
  /// A day of a calendar, `YYYY-MM-DD`.
  static let date = 10...10
  static let dateCount = 0...1000
  static let ordinal: ClosedRange<UInt64> = 1...1_000_000_000
}
