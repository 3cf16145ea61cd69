import LedgerNode

/// The language of results and messages, one of the pages'.
typealias Language = LedgerNode.Language

extension Language {
  /// The one that the command speaks that runs. With `--json` it is English: what programs read never changes.
  static var current: Language { CommandContext.current.language }

  /// The one that the variables of `environment` ask for: `ZHENG_LANG`, or else the locale of messages, which is the first of `LC_ALL`,
  /// `LC_MESSAGES` and `LANG` that is not empty. English unless it begins with `zh`.
  init(_ environment: [String: String]) {
    let names = ["ZHENG_LANG", "LC_ALL", "LC_MESSAGES", "LANG"]
    let named = names.lazy.compactMap { environment[$0] }.first { !$0.isEmpty }
    self = named?.lowercased().hasPrefix("zh") ?? false ? .zh : .en
  }
}
