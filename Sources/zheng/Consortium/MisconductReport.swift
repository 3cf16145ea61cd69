import Ledger
import LedgerCrypto
import Workflows

/// What a file about misconduct proves, in words that claim no more than that.
struct MisconductReport {
  let check: MisconductCheck
  /// Whether it is on the ledger, whose validators have judged it.
  var isRecorded = false

  typealias Content = MisconductCheck.Content

  private var contents: [Content] { [check.first, check.second] }

  var json: JSON {
    [
      "ok": .bool(check.ground != .open), "path": JSON(check.path), "ledger": .text(check.file.ledger.hex),
      "origin": .text(check.file.origin), "validator": .text(check.file.seat.name),
      "voteKey": .text(check.file.seat.voteKey.thumbprint.hex),
      "cosigner": .text(check.file.seat.cosignerKey.description), "roster": .text(check.file.roster.hex),
      "block": JSON(check.file.height), "keysBy": .text(check.ground.rawValue),
      "signed": .array(contents.map(MisconductReport.json)),
    ]
  }

  var text: String {
    let seat = check.file.seat
    let ground =
      switch isRecorded ? .roster : check.ground {
      case .roster: localized("those of \(Printable.text(seat.name)), by the roster in force for that block")
      case .policy: localized("the cosigner key of \(Printable.text(seat.name)), by the policy")
      case .open: localized("not known whose they are: a policy names no vote keys")
      }
    return labelled(
      (check.path.map { [("file", Printable.text($0))] } ?? []) + [
        (
          "misconduct",
          localized("one validator has signed two things, of which an honest one signs one at most")
        ),
        ("validator", Printable.text(seat.name)),
        ("ledger", "\(Printable.text(check.file.origin)), \(check.file.ledger.hex)"),
        ("signed", MisconductReport.words(contents[0])), ("and also", MisconductReport.words(contents[1])),
        ("keys", ground),
        (
          "",
          localized(
            "It proves that whoever holds those keys signed both; not why: a lie, or a journal that was lost or restored"
          )
        ),
      ])
  }

  private static func words(_ content: Content) -> String {
    switch content {
    case .ballot(let subject):
      let kind = named("ballot", subject.kind)
      let place = localized("block \(subject.height), round \(subject.round)")
      return subject.digest.map { localized("\(place): \(kind) of \($0.hex)") } ?? "\(place): \(kind)"
    case .tree(let size, let root, let header):
      let tree = localized("the checkpoint of \(size) entries, root \(root.hex)")
      return header.map { localized("block \($0.height)") + ": " + tree } ?? tree
    }
  }

  private static func json(_ content: Content) -> JSON {
    switch content {
    case .ballot(let subject):
      return [
        "kind": .text(subject.kind), "block": .number(subject.height),
        "round": .number(UInt64(subject.round)), "digest": JSON(subject.digest?.hex),
      ]
    case .tree(let size, let root, let header):
      return [
        "kind": "cosign", "block": JSON(header?.height), "size": .number(size), "root": .text(root.hex),
      ]
    }
  }
}
