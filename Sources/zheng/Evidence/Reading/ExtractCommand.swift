import ArgumentParser
import Scenarios
import Workflows

/// `zheng evidence extract`.
struct EvidenceExtractCommand: ResultCommand {
  static let configuration = CommandConfiguration(
    commandName: "extract", abstract: "Prove one file of a deposited directory without naming the others.",
    discussion: """
      Takes one line out of a manifest, with the path that proves it. With the directory's certificate it proves \
      that file alone; the receiver needs neither the manifest nor the ledger.

        zheng evidence extract photos.manifest 2026/0017.jpg --out 0017.extract
        zheng check certificate.html --policy policy --manifest 0017.extract --file 0017.jpg

      A name that the manifest only commits to is revealed if the names file lies beside the manifest.
      """)

  @Argument(help: "The manifest of the directory.", completion: .file()) var manifest: String
  @Argument(help: "The file's path in the directory, as in the manifest.") var path: String
  @Option(help: "The file to write.", completion: .file()) var out: String
  @OptionGroup var options: OutputOptions

  func run(_ output: Output) throws {
    let file = try ManifestFile(manifest)
    guard
      let place = file.manifest.lines.indices.first(where: { file.name($0)?.hasSameBytes(as: path) ?? false })
    else {
      throw CommandError.noInput(localized("\(manifest): no file \(Printable.text(path)) is in it"))
    }
    let extract = try ManifestExtract(of: file.manifest, at: place, name: file.disclosedName(at: place))
    try Files.create(out, extract.file)
    try output.result(
      [
        "file": .text(out), "name": .text(path), "digest": .text(extract.line.digest.hex),
        "size": .number(extract.line.size), "index": .number(extract.index),
      ],
      text:
        localized(
          "\(Printable.text(out))  \(Printable.text(path)), line \(place + 1) of \(counted(file.manifest.lines.count, "file"))"
        )
    )
  }
}
