import Foundation
import LedgerCrypto

/// Files that are compared with a manifest.
package struct FolderCheck {
  /// What is known of one file.
  package struct Finding {
    /// As it was named, or found in a directory that was.
    package let path: String
    /// Where it lies in its directory; nil for a file that was named on its own.
    package let relative: String?
    /// Nil where it could not be read.
    package let fingerprint: Fingerprint?
    /// Why it could not be read.
    package let reason: String?
    /// The lines of the manifest with its digest.
    package let places: [Int]
    /// The one of them that it is: the one with its path where there is one.
    package let place: Int?
    /// The line that has its path and another digest.
    package let otherwise: Int?
    /// Whether the manifest knows its content under other names only.
    package let isMisplaced: Bool
    /// Whether its name looks as in the manifest and is written with other scalars, as systems do that compose or
    /// decompose accents (NFC, NFD).
    package let isOtherForm: Bool

    /// Whether its content is in the manifest, and under its path where it has one.
    package var isGood: Bool { place != nil && !isMisplaced }
  }

  package let findings: [Finding]
  /// The lines whose files are in none of the directories; empty where only files were named.
  package let missing: [Int]
  private let manifest: ManifestFile

  /// Compares `files` with `manifest`.
  ///
  /// - Parameter each: reported how many bytes are done, and of how many.
  package init(
    _ files: NamedFiles, _ manifest: ManifestFile, each: (_ done: UInt64, _ total: UInt64) -> Void
  ) {
    let read = Fingerprints(of: files.all.map(\.path), each: each)
    let names = manifest.placesByName
    let isFound = Set(files.all.compactMap { $0.relative.map { Array($0.utf8) } })
    self.manifest = manifest
    var unreadable = read.unreadable[...]
    // A line whose name nobody tells stands for one file only.
    var reported: Set<Int> = []
    findings = zip(files.all, read.all).map { file, fingerprint in
      let reason = fingerprint == nil ? unreadable.popFirst()?.reason : nil
      return Finding(file, fingerprint, reason, manifest, names, isFound, &reported)
    }
    guard files.hasFolder else {
      missing = []
      return
    }
    let found = Set(findings.flatMap { [$0.place, $0.otherwise].compactMap { $0 } })
    missing = manifest.manifest.lines.indices.filter { !found.contains($0) }
  }

  /// Whether every file is in the manifest and none of it is missing.
  package var isWhole: Bool { missing.isEmpty && findings.allSatisfy(\.isGood) }

  /// What differs, a line each.
  package var differences: [String] {
    findings.filter { !$0.isGood }.map { "\($0.path): \($0.trouble(in: manifest))" }
      + missing.map { "\(manifest.shownName($0)): is in the manifest and not in the directory" }
  }
}

extension FolderCheck.Finding {
  fileprivate init(
    _ file: NamedFiles.File, _ fingerprint: Fingerprint?, _ reason: String?, _ manifest: ManifestFile,
    _ names: ManifestFile.Names, _ isFound: Set<[UInt8]>, _ reported: inout Set<Int>
  ) {
    (path, relative, self.fingerprint, self.reason) = (file.path, file.relative, fingerprint, reason)
    places = fingerprint.map { manifest.places(of: $0.digest) } ?? []
    let exact = file.relative.flatMap { names.exact[Array($0.utf8)] }
    let folded = exact != nil ? nil : file.relative.flatMap { names.folded[$0] }
    // Where a file of exactly that name is there too, or the first of two, this is another one.
    let other = folded.flatMap { place in
      !isFound.contains(Array((manifest.name(place) ?? "").utf8)) && reported.insert(place).inserted
        ? place : nil
    }
    isOtherForm = other != nil
    let named = exact ?? other
    let isNamed = named.map(places.contains) ?? false
    let unreported =
      isNamed || file.relative == nil
      ? nil : places.first { manifest.name($0) == nil && !reported.contains($0) }
    if let unreported { reported.insert(unreported) }
    place = isNamed ? named : file.relative == nil ? places.first : unreported ?? places.first
    otherwise = isNamed ? nil : named
    isMisplaced = file.relative != nil && !places.isEmpty && !isNamed && unreported == nil
  }

  /// What is said of a name that is written in another way.
  fileprivate var formNote: String {
    isOtherForm ? "its name looks as in the manifest and is written in another Unicode form (NFC, NFD); " : ""
  }

  /// What is wrong with it.
  package func trouble(in manifest: ManifestFile) -> String {
    if let reason { return reason }
    if let otherwise {
      return
        "\(formNote)its SHA-256 is \(fingerprint?.digest.hex ?? ""), and that of the deposited file of this name \(manifest.manifest.lines[otherwise].digest)"
    }
    if isMisplaced, let place { return "was deposited under another name: \(manifest.shownName(place))" }
    return "is not in the manifest; its SHA-256 is \(fingerprint?.digest.hex ?? "")"
  }
}

extension ManifestFile {
  /// The lines whose names are known, by these.
  struct Names {
    /// By the bytes.
    var exact: [[UInt8]: Int] = [:]
    /// By what it looks like: Swift's strings are equal when they are canonically equivalent. Only where one line alone
    /// looks so.
    var folded: [String: Int] = [:]
  }

  /// The lines whose names are known, by these.
  var placesByName: Names {
    var names = Names()
    var several: Set<String> = []
    for place in manifest.lines.indices {
      guard let name = name(place) else { continue }
      names.exact[Array(name.utf8)] = place
      if names.folded.updateValue(place, forKey: name) != nil { several.insert(name) }
    }
    for name in several { names.folded[name] = nil }
    return names
  }
}

/// Files that were named, and those in the directories that were.
package struct NamedFiles {
  package struct File: Sendable {
    package let path: String
    /// The path in the directory that was named.
    package let relative: String?
  }

  package private(set) var all: [File] = []
  package private(set) var hasFolder = false
  /// What lies in the directories and is not looked at.
  package private(set) var leftOut: [FolderWalk.LeftOut] = []

  package init(_ paths: [String]) throws {
    for path in paths {
      var isFolder: ObjCBool = false
      guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder), isFolder.boolValue else {
        all.append(File(path: path, relative: nil))
        continue
      }
      hasFolder = true
      let walk = try FolderWalk(path)
      leftOut += walk.leftOut
      all += walk.files.map { File(path: walk.path(to: $0), relative: $0) }
    }
  }
}
