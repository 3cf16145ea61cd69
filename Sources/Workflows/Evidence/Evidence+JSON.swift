import LedgerCrypto
import Scenarios

// What programs read of a history, of checks of files, and of digests.

extension ItemHistory {
  package func json(_ id: String) -> JSON {
    [
      "item": .text(id), "state": .text(item.state.rawValue), "custodian": .text(item.custodian),
      "unbroken": .bool(fault == nil), "fault": JSON(fault), "custodyEntries": .number(item.entries),
      "events": .array(
        events.map { event in
          [
            "index": .number(event.index), "block": .number(event.block), "id": .text(event.id.hex),
            "time": .text(Timestamp.text(milliseconds: event.time)), "what": .text(event.what),
            "who": .text(event.issuer), "to": JSON(event.details.to), "seal": JSON(event.details.seal),
            "says": .text(event.details.text), "custody": .bool(event.isCustody),
            "occurred": JSON(event.occurred.map { Timestamp.text(seconds: $0) }),
            "countersignature": JSON(event.waits?.rawValue), "lagSeconds": JSON(event.lag),
            "restSeconds": JSON(event.rest.map { $0 / 1000 }),
            "mismatch": event.other?.json ?? .null,
            "correctedBy": .array(event.corrections.map { .number($0.index) }),
          ]
        }),
    ]
  }
}

extension DepositFinding {
  package var json: JSON {
    [
      "path": .text(path), "ok": .bool(isGood), "digest": .text(fingerprint.digest.hex),
      "size": .number(fingerprint.byteCount), "item": JSON(item ?? own?.item),
      "expected": JSON(expected?.digests.sha256?.hex), "expectedSize": JSON(expected?.size),
      "deposits": .array(deposits.map(\.json)), "received": .array(received.map(\.json)),
    ]
  }
}

extension Acceptance {
  fileprivate var json: JSON {
    [
      "item": .text(item), "issuer": .text(record.issuer), "index": .number(record.index),
      "time": .text(Timestamp.text(milliseconds: record.time)),
    ]
  }
}

extension ManifestCheck {
  package func json(_ finding: FolderCheck.Finding, _ proof: LineProof?) -> JSON {
    let proven: JSON =
      proof.map {
        [
          "index": .number($0.index), "size": .number($0.size), "root": .text(deposited.root.hex),
          "line": .text(
            String(decoding: manifest.manifest.lines[Int($0.index)].bytes, as: UTF8.self)),
          "path": .array($0.path.map { .text($0.hex) }),
        ]
      } ?? .null
    let expected = finding.otherwise.map { manifest.manifest.lines[$0].digest.hex }
    return [
      "path": .text(finding.path), "ok": .bool(finding.isGood),
      "digest": JSON(finding.fingerprint?.digest.hex),
      "size": JSON(finding.fingerprint?.byteCount), "item": .text(deposit.item),
      "name": JSON(finding.place.flatMap(manifest.name)),
      "otherUnicodeForm": .bool(finding.isOtherForm), "expected": JSON(expected),
      "reason": finding.isGood ? .null : .text(finding.trouble(in: manifest)), "proof": proven,
      "deposit": deposit.json,
    ]
  }
}

extension Evidence.Digests {
  /// Each by its algorithm, in hex.
  package var json: JSON { .object(elements.map { ($0.algorithm.rawValue, .text(Hex.encode($0.bytes))) }) }
}
