import LedgerCrypto

extension Policy {
  /// The policy that `bytes` spell: lines of items parted by spaces and tabs, in the grammar of C2SP tlog-policy.
  ///
  /// - Throws: `malformedPolicy` for any fault, with the number of its line.
  public init(parsing bytes: Span<UInt8>) throws(LogError) {
    guard bytes.count <= Policy.maximumByteCount else {
      throw LogError(.malformedPolicy, "a policy of more than \(Policy.maximumByteCount) bytes")
    }
    var lines = LineReader([UInt8](copying: bytes))
    var builder = Builder()
    var number = 0
    while !lines.isAtEnd {
      number += 1
      // A file that was cut off could say `quorum a` where `quorum all-of-them` was written.
      guard let line = lines.next() else {
        throw LogError(.malformedPolicy, "line \(number): not ended by a newline")
      }
      do {
        try builder.add(line: line)
      } catch {
        throw LogError(.malformedPolicy, "line \(number): \(error.description)")
      }
    }
    self = try builder.finish()
  }

  /// The policy's canonical encoding: the ledger and the blocks where it names them, logs, witnesses, groups, quorum, one space between items, thresholds as numbers.
  ///
  /// It is read back as the same policy. A file that a person wrote need not be encoded like this.
  public var bytes: [UInt8] {
    var bytes: [UInt8] = []
    func add(_ items: [[UInt8]]) {
      bytes += items.joined(separator: [UInt8(ascii: " ")])
      bytes.append(UInt8(ascii: "\n"))
    }
    func text(_ text: some CustomStringConvertible) -> [UInt8] { Array(text.description.utf8) }
    if let ledger { add([text("#"), text("ledger"), text(ledger)]) }
    if let blocks { add([text("#"), text("blocks"), text(blocks)]) }
    if isCrashFaultsOnly { add([text("#"), text("crash-faults-only")]) }
    for log in logs { add([text("log"), text(log.key)] + (log.url.map { [$0.bytes] } ?? [])) }
    for witness in witnesses {
      add([text("witness"), witness.name.bytes, text(witness.key)] + (witness.url.map { [$0.bytes] } ?? []))
    }
    for witness in absent {
      add([text("witness"), witness.name.bytes, witness.key.bytes] + (witness.url.map { [$0.bytes] } ?? []))
    }
    for group in groups {
      add([text("group"), group.name.bytes, text(group.threshold)] + group.members.map(\.bytes))
    }
    add([text("quorum"), quorum?.bytes ?? Name.none])
    return bytes
  }
}

extension Policy.Builder {
  /// Adds what one line says, without its newline; an empty line or a comment adds nothing.
  mutating func add(line: ArraySlice<UInt8>) throws(LogError) {
    // Octets above 0x7F are opaque: names and comments may be in any encoding.
    guard line.allSatisfy({ $0 == 0x09 || (0x20...0x7e).contains($0) || $0 >= 0x80 }) else {
      throw LogError(.malformedPolicy, "a control character")
    }
    let items = line.split { $0 == 0x09 || $0 == 0x20 }
    guard let keyword = items.first else { return }
    guard keyword.first != UInt8(ascii: "#") else { return try add(comment: items) }
    let arguments = items.dropFirst().compactMap { Policy.Name($0) }
    switch String(decoding: keyword, as: UTF8.self).utf8 {
    case let word where word.elementsEqual("log".utf8):
      guard (1...2).contains(arguments.count) else { throw Self.usage("log <vkey> [<url>]") }
      try add(Policy.Log(key: Self.key(arguments[0]), url: arguments.count > 1 ? arguments[1] : nil))
    case let word where word.elementsEqual("witness".utf8):
      guard (2...3).contains(arguments.count) else { throw Self.usage("witness <name> <vkey> [<url>]") }
      let url = arguments.count > 2 ? arguments[2] : nil
      if let type = try Self.typeThatCannotBeChecked(arguments[1]) {
        try add(Policy.AbsentWitness(name: arguments[0], key: arguments[1], type: type, url: url))
      } else {
        try add(Policy.Witness(name: arguments[0], key: Self.key(arguments[1]), url: url))
      }
    case let word where word.elementsEqual("group".utf8):
      guard arguments.count >= 3 else { throw Self.usage("group <name> all|any|<k> <name>...") }
      let members = Array(arguments[2...])
      let threshold = try Self.threshold(arguments[1], count: members.count)
      try add(Policy.Group(name: arguments[0], threshold: threshold, members: members))
    case let word where word.elementsEqual("quorum".utf8):
      guard arguments.count == 1 else { throw Self.usage("quorum <name>|none") }
      try setQuorum(arguments[0].bytes == Policy.Name.none ? nil : arguments[0])
    default:
      throw LogError(.malformedPolicy, "a line begins with log, witness, group, quorum or #")
    }
  }

  /// `# ledger ID` names the ledger, and `# blocks A-B` or `# blocks A-` the blocks, that a policy of ours is for;
  /// `# crash-faults-only` says what its validators are trusted for. `# blocks` and one other word with a digit in it is refused; every
  /// other comment is ignored.
  private mutating func add(comment items: [ArraySlice<UInt8>]) throws(LogError) {
    if items.count == 2, items[0].elementsEqual("#".utf8), items[1].elementsEqual("crash-faults-only".utf8) {
      setCrashFaultsOnly()
    }
    guard items.count == 3, items[0].elementsEqual("#".utf8) else { return }
    if items[1].elementsEqual("ledger".utf8) {
      if let ledger = Digest(hex: String(decoding: items[2], as: UTF8.self).lowercased()) {
        try setLedger(ledger)
      }
    } else if items[1].elementsEqual("blocks".utf8), items[2].contains(where: Self.isDigit) {
      try setBlocks(Self.blocks(items[2]))
    }
  }

  private static func isDigit(_ byte: UInt8) -> Bool {
    (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
  }

  private static func blocks(_ text: ArraySlice<UInt8>) throws(LogError) -> Policy.Blocks {
    let ends = text.split(separator: UInt8(ascii: "-"), omittingEmptySubsequences: false).map(Array.init)
    guard ends.count == 2, let first = Decimal.parse(ends[0]) else { throw usage(blocksForm) }
    let last = Decimal.parse(ends[1])
    guard last != nil || ends[1].isEmpty, let blocks = Policy.Blocks(first, last) else {
      throw usage(blocksForm)
    }
    return blocks
  }

  private static let blocksForm = "# blocks <first>-[<last>]"

  /// The signature type of a verifier key that is formed as one, where this module knows no such type.
  private static func typeThatCannotBeChecked(_ argument: Policy.Name) throws(LogError) -> UInt8? {
    do { _ = try key(argument) } catch {
      guard error.code == .unsupportedKey else { throw error }
      // The name and the key ID have the form of any other; what the ID is made of depends on the type.
      let text = argument.bytes.split(separator: UInt8(ascii: "+"), maxSplits: 2)
      guard text.count == 3 else { throw error }
      let material = Array(text[2])
      return Base64.decode(material.span)?.first
    }
    return nil
  }

  private static func usage(_ form: String) -> LogError { LogError(.malformedPolicy, "not: \(form)") }

  private static func key(_ argument: Policy.Name) throws(LogError) -> NoteVerifierKey {
    guard let text = String(validating: argument.bytes, as: UTF8.self) else {
      throw LogError(.malformedPolicy, "a verifier key is UTF-8")
    }
    return try NoteVerifierKey(text)
  }

  private static func threshold(_ argument: Policy.Name, count: Int) throws(LogError) -> Int {
    if argument.bytes.elementsEqual("all".utf8) { return count }
    if argument.bytes.elementsEqual("any".utf8) { return 1 }
    guard let threshold = Decimal.parse(argument.bytes), let threshold = Int(exactly: threshold) else {
      throw LogError(.malformedPolicy, "a threshold is all, any or a decimal number without leading zeros")
    }
    return threshold
  }
}
