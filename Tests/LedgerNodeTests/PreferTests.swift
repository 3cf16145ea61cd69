import Testing

@testable import LedgerNode

@Suite("What a request prefers", .timeLimit(.minutes(30))) struct PreferTests {
  @Test(
    "return=minimal is found among other preferences, and nothing else is taken for it",
    arguments: [
      (nil, false), ("return=minimal", true), ("return=\"minimal\"", true), ("Return = Minimal", true),
      ("respond-async, return=minimal; foo=\"bar\"", true), ("return=representation", false),
      ("return=representation, return=minimal", false), ("return", false), ("", false), ("minimal", false),
      ("return=minimally", false), ("wait=10;return=minimal", false), (",,=,", false),
    ] as [(String?, Bool)])
  func minimal(_ header: String?, _ isMinimal: Bool) { #expect(Prefer.isMinimal(header) == isMinimal) }
}
