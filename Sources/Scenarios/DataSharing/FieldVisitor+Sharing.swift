import Ledger

/// What several payloads and records of data sharing hold.
extension FieldVisitor {
  mutating func id(_ key: String, _ value: inout String) throws(Failure) {
    try text(key, &value, Bounds.id, .id)
  }

  mutating func id(_ key: String, _ value: inout String?) throws(Failure) {
    try text(key, &value, Bounds.id, .id)
  }

  mutating func purpose(_ key: String, _ value: inout String) throws(Failure) {
    try text(key, &value, Bounds.purpose, .line)
    guard Self.setsFields else { return }
    try require(key, SharingPurpose.isGood(value), is: "a purpose whose levels all have a name")
  }

  mutating func items(_ key: String, _ value: inout DataItems) throws(Failure) {
    var names = value.names
    try itemNames(key, &names, Bounds.itemCount)
    if Self.setsFields { value = DataItems(ascending: names) }
  }

  /// The items whose one source an entry is; nil for none.
  mutating func lead(_ key: String, _ value: inout DataItems?) throws(Failure) {
    var names = value?.names ?? []
    try itemNames(key, &names, 0...Bounds.itemCount.upperBound)
    if Self.setsFields { value = names.isEmpty ? nil : DataItems(ascending: names) }
  }

  private mutating func itemNames(
    _ key: String, _ names: inout [String], _ count: ClosedRange<Int>
  ) throws(Failure) {
    try texts(key, &names, .required, count, each: Bounds.item, .line)
    guard Self.setsFields else { return }
    try require(key, DataItems.isAscending(names), is: "sorted by bytes, each item once")
  }

  /// Dates as they are written.
  mutating func dates(_ key: String, _ value: inout [CivilDate]) throws(Failure) {
    var texts = Self.setsFields ? [] : value.map(\.description)
    try self.texts(key, &texts, .required, Bounds.dateCount, each: Bounds.date, .line)
    if Self.setsFields {
      let dates = CivilDate.ascending(texts.lazy.map { CivilDate($0) })
      try require(key, dates != nil, is: "a list of dates YYYY-MM-DD, ascending, each once")
      value = dates ?? []
    }
  }

  /// Dates as numbers.
  mutating func days(_ key: String, _ value: inout [CivilDate]) throws(Failure) {
    var numbers = Self.setsFields ? [] : value.map { UInt64($0.day) }
    try unsigneds(key, &numbers, Bounds.dateCount)
    if Self.setsFields {
      let dates = CivilDate.ascending(numbers.lazy.map { CivilDate(day: $0) })
      try require(key, dates != nil, is: "a list of days, ascending")
      value = dates ?? []
    }
  }
}

extension CivilDate {
  /// These dates; nil unless all are dates, ascending.
  fileprivate static func ascending(_ found: some Sequence<CivilDate?>) -> [CivilDate]? {
    var dates: [CivilDate] = []
    for date in found {
      guard let date, dates.last.map({ $0 < date }) ?? true else { return nil }
      dates.append(date)
    }
    return dates
  }
}
