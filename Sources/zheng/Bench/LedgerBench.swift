import ArgumentParser
import Foundation
import LedgerCrypto
import Measures
import Workflows

/// `zheng bench ledger`.
struct LedgerBench: ResultCommand {
  static let configuration = CommandConfiguration(
    commandName: "ledger", abstract: "Found a ledger and fill it as fast as possible.",
    discussion: """
      The records are signed ahead, on all cores; that is the members' cost and counted separately. Appending is \
      what a node does: every signature is verified, on all cores, every record judged, and each block is on disk \
      before the next begins. The ledger is an ordinary one and stays, with its members' keys in LEDGER/keys, for \
      other measurements.

        zheng bench ledger /tmp/measured --records 200000 --size 256
        zheng verify /tmp/measured
      """)

  @OptionGroup var ledger: DirectoryArgument
  @Option(help: "How many records.") var records: Int
  @Option(help: "How many payload bytes each record has.") var size = 256
  @Option(help: "How many members sign them, in turns.") var members = 3
  @OptionGroup var options: OutputOptions

  func validate() throws {
    guard records >= 1 else { throw ValidationError("--records must be 1 or more") }
    guard (0...LedgerFilling.mostBytes).contains(size) else {
      throw ValidationError("--size may be 0 to somewhat below \(LedgerFilling.mostBytes)")
    }
    guard (1...LedgerFilling.mostMembers).contains(members) else {
      throw ValidationError("--members may be 1 to \(LedgerFilling.mostMembers)")
    }
  }

  func run(_ output: Output) throws {
    MeasureOutput.warnUnlessOptimised()
    let path = ledger.path
    try LedgerFounding.requireRoom(path)
    if let why = try LedgerFilling.objection(to: size) {
      throw CommandError.usage("--size \(size) will not do: \(why)")
    }
    let progress = Progress("filling \(Printable.text(path))", unit: "records")
    defer { progress.finish() }
    let (id, figures) = try LedgerFilling.found(
      at: path, members: members, records: records, payloadByteCount: size
    ) { progress.update(UInt64($0), of: UInt64(records)) }
    progress.finish()
    try output.result(json(figures, id), text: text(figures, id))
  }

  private func text(_ figures: LedgerFilling.Figures, _ id: Digest) -> String {
    func rate(_ seconds: Double, _ note: String) -> String {
      String(
        format: "%8.0f records/s  %8.2f s  %@", Double(figures.records) / max(1e-9, seconds), seconds, note)
    }
    return Machine().text + "\n"
      + Printable.table([
        ("ledger", "\(id) in \(Printable.text(ledger.path))"),
        (
          "records",
          "\(figures.records) of \(Printable.byteCount(UInt64(size))) by \(Printable.count(members, "member")), in \(Printable.count(figures.blocks, "block")); \(Printable.byteCount(figures.bytes)) of entries"
        ),
        ("sign", rate(figures.signing, "by the members, all cores")),
        ("verify+append", rate(figures.appending, "each block on the disk before the next")),
        ("index", String(format: "%8@            %10.2f s  waited for at the end", "", figures.indexing)),
        ("whole", rate(figures.whole, "")),
      ])
  }

  private func json(_ figures: LedgerFilling.Figures, _ id: Digest) -> JSON {
    func rate(_ seconds: Double) -> JSON { .double(Double(figures.records) / max(1e-9, seconds)) }
    return [
      "machine": Machine().json, "optimised": .bool(Build.isOptimised), "ledger": .text(id.hex),
      "path": .text(ledger.path), "records": .number(UInt64(figures.records)), "size": .number(UInt64(size)),
      "members": .number(UInt64(members)), "blocks": .number(UInt64(figures.blocks)),
      "bytes": .number(figures.bytes),
      "signSeconds": .double(figures.signing), "signPerSecond": rate(figures.signing),
      "appendSeconds": .double(figures.appending), "appendPerSecond": rate(figures.appending),
      "indexSeconds": .double(figures.indexing), "seconds": .double(figures.whole),
      "perSecond": rate(figures.whole),
    ]
  }
}
