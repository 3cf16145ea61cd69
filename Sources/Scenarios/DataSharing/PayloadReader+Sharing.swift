import Ledger

/// What several payloads and records of data sharing hold.
extension PayloadReader {
  mutating func id(_ key: String) throws(Refusal) -> String { try text(key, Bounds.id, .id) }

  mutating func optionalID(_ key: String) throws(Refusal) -> String? {
    try optionalText(key, Bounds.id, .id)
  }

  mutating func purpose(_ key: String) throws(Refusal) -> String {
    let purpose = try text(key, Bounds.purpose, .line)
    guard SharingPurpose.isGood(purpose) else { throw wrong(key, "a purpose whose levels all have a name") }
    return purpose
  }

  mutating func items(_ key: String) throws(Refusal) -> DataItems {
    DataItems(ascending: try itemNames(key, Bounds.itemCount))
  }

  /// The items whose one source an entry is; nil for none.
  mutating func lead(_ key: String) throws(Refusal) -> DataItems? {
    let names = try itemNames(key, 0...Bounds.itemCount.upperBound)
    return names.isEmpty ? nil : DataItems(ascending: names)
  }

  private mutating func itemNames(_ key: String, _ count: ClosedRange<Int>) throws(Refusal) -> [String] {
    let names = try texts(key, count, each: Bounds.item, .line)
    guard DataItems.isAscending(names) else { throw wrong(key, "sorted by bytes, each item once") }
    return names
  }

  mutating func dates(_ key: String) throws(Refusal) -> [CivilDate] {
    var dates: [CivilDate] = []
    for text in try texts(key, Bounds.dateCount, each: Bounds.date, .line) {
      guard let date = CivilDate(text), dates.last.map({ $0 < date }) ?? true else {
        throw wrong(key, "a list of dates YYYY-MM-DD, ascending, each once")
      }
      dates.append(date)
    }
    return dates
  }
}
