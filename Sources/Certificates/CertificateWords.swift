/// A word in both languages.
public struct Bilingual: Hashable, Sendable {
  /// Chinese, English.
  public let zh, en: String

  init(_ zh: String, _ en: String) { (self.zh, self.en) = (zh, en) }

  /// Both, Chinese first.
  var both: String { "\(zh) \(en)" }
}

/// What certificates call things.
enum CertificateWords {
  /// Kinds of statements, without their prefix and suffix. The page's script has the same list.
  static let kinds: [String: Bilingual] = [
    "evidence.deposit": Bilingual("存证", "deposited"),
    "evidence.seal": Bilingual("封存", "sealed"),
    "evidence.offer": Bilingual("移交", "offered"),
    "evidence.accept": Bilingual("接收", "accepted"),
    "evidence.decline": Bilingual("拒收", "declined"),
    "evidence.resolve": Bilingual("争议处理", "dispute resolved"),
    "evidence.examine": Bilingual("检验", "examined"),
    "evidence.reseal": Bilingual("重新封存", "sealed again"),
    "evidence.present": Bilingual("出示", "presented"),
    "evidence.hold": Bilingual("保全", "legal hold"),
    "evidence.lift": Bilingual("解除保全", "hold lifted"),
    "evidence.release": Bilingual("移出保管", "released from custody"),
    "evidence.renew": Bilingual("增补摘要", "digests added"),
    "evidence.correct": Bilingual("更正", "correction"),
    "countersign": Bilingual("会签", "countersigned"),
  ]

  /// The members of payloads; what is not here is shown under its own name.
  static let members: [String: Bilingual] = [
    "case": Bilingual("案号", "Case"), "seal": Bilingual("封条号", "Seal"), "size": Bilingual("大小", "Size"),
    "tool": Bilingual("工具", "Tool"), "place": Bilingual("地点", "Place"),
    "scope": Bilingual("摘要对象", "What the digests are of"), "format": Bilingual("格式", "Format"),
    "holder": Bilingual("原持有人", "Taken from"), "medium": Bilingual("原始介质", "Original medium"),
    "method": Bilingual("提取方法", "Method"), "source": Bilingual("数据来源", "Source"),
    "category": Bilingual("数据类别", "Category"), "occurred": Bilingual("发生时间", "Happened at"),
    "collected": Bilingual("提取时间", "Collected at"), "collectors": Bilingual("提取人", "Collector"),
    "to": Bilingual("接收方", "To"), "digest": Bilingual("SHA-256 摘要", "SHA-256"),
    "purpose": Bilingual("目的", "Purpose"), "location": Bilingual("存放地点", "Kept at"),
    "reason": Bilingual("理由", "Reason"), "outcome": Bilingual("结果", "Outcome"),
    "condition": Bilingual("物品状况", "Condition"), "report": Bilingual("报告摘要", "Report's SHA-256"),
    "derived": Bilingual("衍生检材", "Derived item"), "write-blocker": Bilingual("写保护", "Write blocker"),
    "order": Bilingual("文书号", "Order"), "statement": Bilingual("所指陈述", "Statement"),
    "what": Bilingual("更正内容", "What is corrected"), "why": Bilingual("更正原因", "Why"),
    "previous": Bilingual("上一条", "Follows"), "manifest.root": Bilingual("目录清单根", "Root of the manifest"),
    "manifest.files": Bilingual("文件数", "Files"), "manifest.bytes": Bilingual("文件总字节数", "Bytes of all files"),
  ]

  /// The members that are times in s since the epoch. The page's script has the same list.
  static let times: Set<String> = ["occurred", "collected"]

  /// Words out of lists, for those who read Chinese.
  static let values: [String: String] = [
    "media": "介质", "container": "归档或目录", "file": "文件", "publication": "网络发布", "communication": "通信信息",
    "log": "登记、交易与日志", "other": "其他", "released": "发还", "disposed": "销毁", "sealed": "封存",
    "deposited": "已存证", "in-transit": "移交中", "examining": "检验中", "disputed": "有争议",
  ]

  /// The name of a kind: its content type without what all of ours share.
  static func kind(_ contentType: String) -> String {
    let (prefix, suffix) = ("application/vnd.zheng.", "+cbor")
    guard contentType.hasPrefix(prefix), contentType.hasSuffix(suffix) else { return contentType }
    return String(contentType.dropFirst(prefix.count).dropLast(suffix.count))
  }

  /// The label of the payload's member at `path`, as `digests.sha-256` or `collectors.2`.
  static func label(_ path: String) -> Bilingual {
    if let label = members[path] { return label }
    let parts = path.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
    if parts.count == 2, parts[0] == "digests" {
      let name = parts[1].uppercased()
      return Bilingual("\(name) 摘要", name)
    }
    if parts.count == 2, let label = members[parts[0]] {
      return Bilingual("\(label.zh) \(parts[1])", "\(label.en) \(parts[1])")
    }
    return Bilingual(path, path)
  }
}
