import LedgerCrypto
import Testing
import TransparencyLog

/// Verifier keys by the score, made once.
enum Keys {
  static func fresh(_ type: NoteSignatureType, _ count: Int) -> [NoteVerifierKey] {
    (0..<count).map { number in
      let key = try! PrivateKey(generating: .ed25519)
      return try! NoteVerifierKey(
        name: "\(type == .ed25519 ? "log" : "w")\(number).example", type: type, publicKey: key.publicKey)
    }
  }

  static let logs = fresh(.ed25519, 33)
  static let witnesses = fresh(.cosignature, 33)
}

@Suite("Policy grammar")
struct PolicyGrammarTests {
  static let log = Keys.logs[0].description
  static let w = Keys.witnesses.map(\.description)

  @Test("the specification's example is read")
  func example() throws {
    let policy = try Policy(
      """
      log \(Self.log)

      witness X1 \(Self.w[0])
      witness X2 \(Self.w[1])
      witness X3 \(Self.w[2])
      group X-witnesses 2 X1 X2 X3

      witness Y1 \(Self.w[3])
      witness Y2 \(Self.w[4])
      witness Y3 \(Self.w[5])
      group Y-witnesses any Y1 Y2 Y3

      group X-and-Y all X-witnesses Y-witnesses
      quorum X-and-Y

      """)
    #expect(policy.logs.map(\.key) == [Keys.logs[0]])
    #expect(policy.witnesses.map(\.name.description) == ["X1", "X2", "X3", "Y1", "Y2", "Y3"])
    #expect(policy.witnesses.map(\.key) == Array(Keys.witnesses.prefix(6)))
    #expect(policy.groups.map(\.threshold) == [2, 1, 2])
    #expect(policy.groups[2].members.map(\.description) == ["X-witnesses", "Y-witnesses"])
    #expect(policy.quorum == Policy.Name("X-and-Y"))
  }

  @Test("a policy of ours says for which blocks it is, in one form, and keeps it")
  func blocks() throws {
    func policy(_ comments: String...) throws -> Policy {
      try Policy(comments.map { "# \($0)\n" }.joined() + "log \(Self.log)\nquorum none\n")
    }
    for (text, first, last) in [
      ("0-", 0, nil), ("0-0", 0, 0), ("7-12", 7, 12), ("12-18446744073709551615", 12, UInt64.max),
    ] as [(String, UInt64, UInt64?)] {
      let policy = try policy("blocks \(text)")
      let blocks = try #require(policy.blocks)
      #expect(blocks.first == first && blocks.last == last && blocks.description == text)
      #expect(try Policy(parsing: policy.bytes.span) == policy)
      #expect(policy.judging.blocks == blocks && policy.bound(to: nil).blocks == nil)
      #expect(policy.refusal(ofBlock: first) == nil && policy.refusal(ofBlock: last ?? .max) == nil)
      if first > 0 { #expect(policy.refusal(ofBlock: first - 1) != nil) }
      if let last, last < .max {
        #expect(policy.refusal(ofBlock: last + 1)?.contains("blocks \(text)") == true)
      }
    }
    #expect(try policy("blocks 1-2", "blocks 1-2").blocks?.last == 2)
    #expect(try policy().refusal(ofBlock: 5) == nil)
    for text in ["1-2-3", "2-1", "01-2", "1", "-1", "1-x", "1-02", "1-18446744073709551616", "+1-2"] {
      #expect(refusal { _ = try policy("blocks \(text)") } == .malformedPolicy, "\(text)")
    }
    #expect(refusal { _ = try policy("blocks 1-2", "blocks 1-3") } == .malformedPolicy)
    // What is no number is somebody's comment.
    for text in ["blocks", "blocks of stone", "blocks all", "Blocks 1-2", "blocks 1 - 2"] {
      #expect(try policy(text).blocks == nil)
    }
  }

  static let acceptedTexts: [String] = [
    "quorum none\n", "\n\n \t \n#\n # x\n\t# log\nquorum none\n", "  quorum \t none \t \n",
    "quorum none\nlog \(log)\n",
    "log \(log) https://log.example/\nquorum none\n", "witness a \(w[0])\nquorum a\n",
    "witness a \(w[0]) https://w.example/x#y\nquorum a\n", "witness a \(w[0])\ngroup g 1 a\nquorum g\n",
    "witness a \(w[0])\ngroup g 1 a\nquorum a\n", "witness a \(w[0])\ngroup g all a\nquorum none\n",
    "witness a \(w[0])\ngroup g any a\ngroup h all g\nquorum h\n",
    "witness all \(w[0])\ngroup any all all\nquorum any\n",
    "witness 1 \(w[0])\nwitness 2 \(w[1])\ngroup 3 2 2 1\nquorum 3\n",
    "witness quorum \(w[0])\nquorum quorum\n",
    "witness a \(w[0])\nquorum a\nwitness b \(w[1])\ngroup g any b\n", "witness #a \(w[0])\nquorum #a\n",
    "witness 证 \(w[0])\nquorum 证\n",
    "witness K \(w[0])\nwitness \u{212a} \(w[1])\ngroup g all K \u{212a}\nquorum g\n",
    "witness None \(w[0])\nquorum None\n", "log \(log)\nlog \(Keys.logs[1])\nquorum none\n",
    "witness a\u{a0}b \(w[0])\nquorum a\u{a0}b\n",
  ]

  @Test(
    "what the grammar allows is read, and its encoding is read back as the same", arguments: acceptedTexts)
  func accepted(text: String) throws {
    let policy = try Policy(text)
    let encoded = policy.bytes
    let again = try Policy(parsing: encoded.span)
    #expect(again == policy)
    #expect(again.bytes == encoded)
    let made = try Policy(
      logs: policy.logs, witnesses: policy.witnesses, groups: policy.groups, quorum: policy.quorum)
    #expect(made == policy)
  }

  @Test("the encoding is one line for each definition, with one space between items")
  func encoding() throws {
    let text = """
      log \(Self.log) https://log.example/
      witness a \(Self.w[0]) https://a.example/
      witness b \(Self.w[1])
      group g 2 a b
      quorum g

      """
    #expect(try Policy(text).bytes == Array(text.utf8))
    let spread =
      "\t"
      + text.replacing(" ", with: " \t ").replacing("\n", with: "  \n#\n").replacing(" 2 ", with: " all ")
    #expect(try Policy(spread).bytes == Array(text.utf8))
  }

  static let refusedTexts: [String] = [
    // No quorum, or more than one.
    "", "\n", "# quorum none\n", "log \(log)\n", "witness a \(w[0])\n", "quorum none\nquorum none\n",
    "witness a \(w[0])\nquorum a\nquorum a\n", "witness a \(w[0])\nquorum none\nquorum a\n",
    // Lines of another form.
    "quorum\n", "quorum none none\n", "quorum none # comment\n", "Quorum none\n", "quorums none\n",
    "quorum=none\n", "none\n",
    "log\nquorum none\n", "log \(log) a b\nquorum none\n", "witness a\nquorum none\n",
    "witness \(w[0])\nquorum none\n",
    "witness a \(w[0]) b c\nquorum a\n", "group g\nquorum none\n", "group g any\nquorum none\n",
    "group g 1\nquorum none\n",
    "group g 0\nquorum none\n", "other x\nquorum none\n", "\u{feff}quorum none\n",
    // Not ended by a newline.
    "quorum none", "log \(log)\nquorum none", "quorum none\n#", "quorum none\n ",
    // Octets.
    "quorum none\r\n", "quorum\u{b}none\n", "quorum none\u{0}\n", "# \u{7f}\nquorum none\n",
    "# \u{1b}\nquorum none\n",
    "# \u{c}\nquorum none\n", "quorum\u{a0}none\n",
    // Names that are not defined, not yet, or twice.
    "quorum a\n", "quorum a\nwitness a \(w[0])\n", "group g 1 a\nquorum g\n",
    "group g 1 a\nwitness a \(w[0])\nquorum g\n",
    "witness a \(w[0])\nwitness a \(w[1])\nquorum a\n", "witness a \(w[0])\ngroup a 1 a\nquorum a\n",
    "witness a \(w[0])\ngroup g 1 a\nwitness g \(w[1])\nquorum a\n",
    "witness a \(w[0])\nwitness b \(w[1])\ngroup g 1 a\ngroup g 1 b\nquorum g\n",
    "witness a \(w[0])\ngroup g 1 g\nquorum g\n",
    "witness K \(w[0])\nquorum \u{212a}\n", "witness a \(w[0])\nquorum A\n",
    // The name that is predefined.
    "witness none \(w[0])\nquorum none\n", "witness a \(w[0])\ngroup none 1 a\nquorum none\n",
    "group g 1 none\nquorum g\n",
    // Thresholds.
    "witness a \(w[0])\ngroup g 0 a\nquorum g\n", "witness a \(w[0])\ngroup g 2 a\nquorum g\n",
    "witness a \(w[0])\ngroup g 01 a\nquorum g\n", "witness a \(w[0])\ngroup g -1 a\nquorum g\n",
    "witness a \(w[0])\ngroup g +1 a\nquorum g\n", "witness a \(w[0])\ngroup g 1.0 a\nquorum g\n",
    "witness a \(w[0])\ngroup g ALL a\nquorum g\n", "witness a \(w[0])\ngroup g most a\nquorum g\n",
    "witness a \(w[0])\ngroup g 18446744073709551615 a\nquorum g\n",
    "witness a \(w[0])\ngroup g 18446744073709551617 a\nquorum g\n",
    "witness a \(w[0])\ngroup g a 1\nquorum g\n",
    // Members twice, in one group or two.
    "witness a \(w[0])\ngroup g 1 a a\nquorum g\n", "witness a \(w[0])\ngroup g 1 a\ngroup h 1 a\nquorum h\n",
    "witness a \(w[0])\ngroup g 1 a\ngroup h 1 a g\nquorum h\n",
    "witness a \(w[0])\ngroup g 1 a\ngroup h 1 g\ngroup i 1 g\nquorum i\n",
    // Keys twice, of the wrong type, or broken.
    "log \(log)\nlog \(log)\nquorum none\n", "witness a \(w[0])\nwitness b \(w[0])\nquorum a\n",
    "log \(w[0])\nquorum none\n",
    "witness a \(log)\nquorum a\n", "log x\nquorum none\n", "witness a b\nquorum a\n",
    "log \(log)x\nquorum none\n",
    "log PeterNeumann+c74f20a4+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW\nquorum none\n",
  ]

  @Test("what the grammar does not allow is refused", arguments: refusedTexts)
  func refused(text: String) {
    #expect(refusal { _ = try Policy(text) } == .malformedPolicy)
  }

  @Test("keys are duplicates by their public key, whatever their names")
  func duplicateKeys() throws {
    let key = Keys.witnesses[0].publicKey
    let renamed = try NoteVerifierKey(name: "other", type: .cosignature, publicKey: key)
    #expect(
      refusal { _ = try Policy("witness a \(Self.w[0])\nwitness b \(renamed)\nquorum a\n") }
        == .malformedPolicy)
    let log = try NoteVerifierKey(name: "other", type: .ed25519, publicKey: Keys.logs[0].publicKey)
    #expect(refusal { _ = try Policy("log \(Self.log)\nlog \(log)\nquorum none\n") } == .malformedPolicy)
    // One key in two roles is two vkeys with IDs of their own, which the specification does not forbid.
    let both = try NoteVerifierKey(name: "log", type: .ed25519, publicKey: key)
    #expect(try Policy("log \(both)\nwitness a \(Self.w[0])\nquorum a\n").logs.count == 1)
  }

  @Test("names, URLs and comments may hold any octets above 0x7F, and are told apart by them")
  func octets() throws {
    let name: [UInt8] = [0xff, 0x80, 0xc0, 0x41]
    let other: [UInt8] = [0xff, 0x80, 0xc1, 0x41]
    func line(_ items: [[UInt8]]) -> [UInt8] { Array(items.joined(separator: [0x20])) + [0x0a] }
    let text =
      line([[0x23, 0xfe]]) + line([Array("witness".utf8), name, Array(Self.w[0].utf8), [0xf0, 0x90]])
      + line([Array("witness".utf8), other, Array(Self.w[1].utf8)])
      + line([Array("group g all".utf8), name, other]) + Array("quorum g\n".utf8)
    let policy = try Policy(parsing: text.span)
    #expect(policy.witnesses.map(\.name.bytes) == [name, other])
    #expect(policy.witnesses[0].url?.bytes == [0xf0, 0x90])
    let comment: [UInt8] = [0x23, 0xfe, 0x0a]
    #expect(comment + policy.bytes == text.replacing(Array("all".utf8), with: Array("2".utf8)))
    let bad = Array("witness a ".utf8) + [0xff] + Array("\(Self.w[0])\nquorum a\n".utf8)
    #expect(refusal { _ = try Policy(parsing: bad.span) } == .malformedPolicy)
  }

  @Test("every octet that is not allowed is refused, wherever it stands")
  func controlOctets() {
    for octet in Array(0x00...0x1f) + [0x7f] as [UInt8] where octet != 0x09 && octet != 0x0a {
      for text in [
        [octet] + Array("quorum none\n".utf8), Array("# ".utf8) + [octet] + Array("\nquorum none\n".utf8),
      ] {
        #expect(refusal { _ = try Policy(parsing: text.span) } == .malformedPolicy)
      }
    }
  }

  @Test("33 logs, witnesses and nested groups are within the limits, and a file of more than 256 KiB is not")
  func limits() throws {
    var text = ""
    for (number, key) in Keys.logs.enumerated() { text += "log \(key) https://\(number).example/\n" }
    for (number, key) in Keys.witnesses.enumerated() { text += "witness w\(number) \(key)\n" }
    text += "group g0 1 w0\n"
    for number in 1..<33 { text += "group g\(number) 2 g\(number - 1) w\(number)\n" }
    text += "quorum g32\n"
    let policy = try Policy(text)
    #expect((policy.logs.count, policy.witnesses.count, policy.groups.count) == (33, 33, 33))
    #expect(policy.time(witnesses: Array(1...33)) == 33)
    var times: [UInt64?] = Array(1...33)
    times[20] = nil
    #expect(policy.time(witnesses: times) == nil)

    let comment = "#" + String(repeating: "x", count: 262_144 - text.utf8.count - 2) + "\n"
    #expect(try Policy(comment + text) == policy)
    #expect(refusal { _ = try Policy("\n" + comment + text) } == .malformedPolicy)
    let url = Policy.Name(String(repeating: "x", count: 262_144))
    #expect(
      refusal {
        _ = try Policy(
          logs: [Policy.Log(key: Keys.logs[0], url: url)], witnesses: [], groups: [], quorum: nil)
      } == .malformedPolicy)
  }

  @Test("parts that no file could define make no policy")
  func refusedParts() throws {
    let (a, g) = (try #require(Policy.Name("a")), try #require(Policy.Name("g")))
    let witness = Policy.Witness(name: a, key: Keys.witnesses[0])
    func code(_ witnesses: [Policy.Witness], _ groups: [Policy.Group], _ quorum: Policy.Name?) -> LogError
      .Code?
    {
      refusal { _ = try Policy(logs: [], witnesses: witnesses, groups: groups, quorum: quorum) }
    }
    #expect(code([witness], [], a) == nil)
    #expect(code([witness, witness], [], a) == .malformedPolicy)
    #expect(code([witness], [], g) == .malformedPolicy)
    #expect(code([witness], [Policy.Group(name: g, threshold: 1, members: [])], a) == .malformedPolicy)
    #expect(code([witness], [Policy.Group(name: g, threshold: 0, members: [a])], a) == .malformedPolicy)
    #expect(code([witness], [Policy.Group(name: g, threshold: -1, members: [a])], a) == .malformedPolicy)
    #expect(code([witness], [Policy.Group(name: g, threshold: .max, members: [a])], a) == .malformedPolicy)
    #expect(code([witness], [Policy.Group(name: a, threshold: 1, members: [a])], a) == .malformedPolicy)
    #expect(code([witness], [Policy.Group(name: g, threshold: 1, members: [g])], a) == .malformedPolicy)
    for name in ["", " ", "a b", "a\t", "a\n", "\u{7f}", "\u{0}"] { #expect(Policy.Name(name) == nil) }
    // A name that begins with # would make no comment of its line, since a keyword comes first.
    #expect(Policy.Name("#") != nil)
  }
}

/// A way to nest witnesses into groups.
indirect enum Nesting {
  case witness(Int)
  case group(Int, [Nesting])

  /// Whether it has witnessed, word for word as in the specification.
  func isWitnessed(by cosigners: Set<Int>) -> Bool {
    switch self {
    case .witness(let number): cosigners.contains(number)
    case .group(let threshold, let members):
      members.count { $0.isWitnessed(by: cosigners) } >= threshold
    }
  }

  /// Every nesting of `witnesses` in which each group has two members or more, with every threshold.
  static func all(_ witnesses: [Int]) -> [Nesting] {
    if witnesses.count == 1 { return [.witness(witnesses[0])] }
    return partitions(witnesses).filter { $0.count > 1 }.flatMap { blocks in
      let members = blocks.reduce([[]]) { lists, block in
        lists.flatMap { list in all(block).map { list + [$0] } }
      }
      return members.flatMap { list in (1...list.count).map { Nesting.group($0, list) } }
    }
  }

  private static func partitions(_ items: [Int]) -> [[[Int]]] {
    guard let first = items.first else { return [[]] }
    return partitions(Array(items.dropFirst())).flatMap { blocks in
      [[[first]] + blocks]
        + blocks.indices.map { position in
          var joined = blocks
          joined[position].insert(first, at: 0)
          return joined
        }
    }
  }

  /// The policy that says so.
  func policy() throws -> Policy {
    var groups: [Policy.Group] = []
    func name(_ nesting: Nesting) -> Policy.Name {
      switch nesting {
      case .witness(let number): return Policy.Name("w\(number)")!
      case .group(let threshold, let members):
        let names = members.map(name)
        let own = Policy.Name("g\(groups.count)")!
        groups.append(Policy.Group(name: own, threshold: threshold, members: names))
        return own
      }
    }
    let quorum = name(self)
    let witnesses = (0..<4).map { Policy.Witness(name: Policy.Name("w\($0)")!, key: Keys.witnesses[$0]) }
    return try Policy(logs: [], witnesses: witnesses, groups: groups, quorum: quorum)
  }
}

@Suite("Policy semantics")
struct PolicySemanticsTests {
  @Test(
    "every nesting of up to four witnesses agrees with the definition, for all sets of cosigners and times")
  func exhaustive() throws {
    // Each witness did not cosign, or did at one of four times: all orders and all ties.
    let choices: [UInt64?] = [nil, 10, 20, 30, 40]
    var combinations: [[UInt64?]] = [[]]
    for _ in 0..<4 { combinations = combinations.flatMap { list in choices.map { list + [$0] } } }
    var policies = 0
    for count in 1...4 {
      for nesting in Nesting.all(Array(0..<count)) {
        let policy = try nesting.policy()
        policies += 1
        for times in combinations where times[count...].allSatisfy({ $0 == nil }) {
          // "Existed no later than T": the least T by which those who had cosigned meet the quorum.
          let expected = choices.compactMap { $0 }.first { limit in
            nesting.isWitnessed(by: Set((0..<4).filter { times[$0].map { $0 <= limit } ?? false }))
          }
          if policy.time(witnesses: times) != expected { Issue.record("\(nesting) \(times)") }
        }
      }
    }
    #expect(policies == 1 + 2 + 15 + 184)
  }

  @Test("a group of one nests as any other")
  func groupsOfOne() throws {
    let nesting = Nesting.group(1, [.group(1, [.group(1, [.witness(2)])])])
    #expect(try nesting.policy().time(witnesses: [nil, nil, 7, nil]) == 7)
    #expect(try nesting.policy().time(witnesses: [1, 2, nil, 3]) == nil)
  }
}
