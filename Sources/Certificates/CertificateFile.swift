import Ledger

/// A file that says it is a certificate, split into its parts. Nothing in it is believed.
package struct CertificateFile {
  /// The parts in their order, each with the comment that begins it; the first has no name.
  private(set) var parts: [(name: String, bytes: ArraySlice<UInt8>)] = []

  /// More parts than any certificate has: three for each row, and some thirty others.
  static let maximumPartCount = 3 * CertificateSource.maximumProofCount + 100

  /// Whether `bytes` look like an HTML document.
  package static func isHTML(_ bytes: [UInt8]) -> Bool {
    let marked = bytes.starts(with: [0xef, 0xbb, 0xbf]) ? bytes.dropFirst(3) : bytes[...]
    let start = marked.drop { $0 == 0x20 || (0x09...0x0d).contains($0) }.prefix(14)
    let text = String(decoding: start, as: UTF8.self).lowercased()
    return text.hasPrefix("<!doctype html") || text.hasPrefix("<html")
  }

  /// When the certificate in `bytes` says that it was made, and by whom; nil where it is none.
  package static func issue(_ bytes: [UInt8]) -> CertificateIssue? {
    guard let file = try? CertificateFile(bytes) else { return nil }
    return file.embedded("issue").flatMap { CertificateIssue($0) }
  }

  /// The parts of `bytes`.
  ///
  /// - Throws: where there are more than any certificate has.
  init(_ bytes: [UInt8]) throws(CertificateFault) {
    let (before, after) = CertificatePage.marker
    var start = 0
    var name = ""
    var position = 0
    while position < bytes.count {
      guard bytes[position] == before[0], bytes[position...].starts(with: before),
        let next = CertificateFile.name(bytes[(position + before.count)...].prefix(48), endedBy: after)
      else {
        position += 1
        continue
      }
      parts.append((name, bytes[start..<position]))
      guard parts.count < CertificateFile.maximumPartCount else {
        throw CertificateFault("head", "malformed", "more parts than a certificate has")
      }
      (start, name) = (position, next)
      position += before.count + next.utf8.count + after.count
    }
    parts.append((name, bytes[start...]))
  }

  /// What stands before `ending`, where it is the name of a part.
  private static func name(_ bytes: ArraySlice<UInt8>, endedBy ending: [UInt8]) -> String? {
    let name = bytes.prefix { (0x61...0x7a).contains($0) || (0x30...0x39).contains($0) || $0 == 0x2d }
    // The comment's end begins with two hyphens, which a name may hold but not end in.
    let trimmed = name.reversed().drop { $0 == 0x2d }.reversed()
    guard !trimmed.isEmpty, bytes.dropFirst(trimmed.count).starts(with: ending) else { return nil }
    return String(decoding: trimmed, as: UTF8.self)
  }

  /// The text that part `name` embeds in an element of that id, or nil where it does not.
  func embedded(_ name: String) -> [UInt8]? {
    guard let part = parts.first(where: { $0.name == name })?.bytes else { return nil }
    return CertificateFile.preformatted(part, id: name)
  }

  private static func preformatted(_ part: ArraySlice<UInt8>, id: String) -> [UInt8]? {
    guard let start = part.firstRange(of: Array("<pre id=\"\(id)\">\n".utf8))?.upperBound,
      let end = part[start...].firstRange(of: Array("</pre>".utf8))?.lowerBound
    else { return nil }
    return HTML.unescaped(part[start..<end])
  }

  /// The texts of `proof-1`, `proof-2` and so on.
  ///
  /// - Throws: every one that can't be read.
  func proofs() throws(CertificateFaults) -> [[UInt8]] {
    var proofs: [[UInt8]] = []
    var faults: [CertificateFault] = []
    var next = 1
    for part in parts where part.name.hasPrefix("proof-") {
      let number = Int(part.name.dropFirst(6)) ?? 0
      if number > next, number <= CertificateFile.maximumPartCount {
        faults.append(CertificateFault("proof-\(next)", "missing", "the page embeds no such proof"))
      } else if number != next {
        faults.append(CertificateFault(part.name, "altered", "a proof that stands twice, or out of order"))
        continue
      }
      next = number + 1
      if let text = CertificateFile.preformatted(part.bytes, id: part.name) {
        proofs.append(text)
      } else {
        faults.append(
          CertificateFault(part.name, "malformed-proof", "the page embeds no such proof that can be read"))
      }
    }
    if proofs.isEmpty, faults.isEmpty {
      faults = [
        CertificateFault("proof-1", "missing", "the page embeds no proof; is it a certificate of zheng?")
      ]
    }
    guard faults.isEmpty else { throw CertificateFaults(faults) }
    return proofs
  }

  /// The name of the template that the page says it was made with.
  var template: String? {
    guard let head = parts.first(where: { $0.name == "head" })?.bytes.prefix(4096),
      let start = head.firstRange(of: Array("<meta name=\"template\" content=\"".utf8))?.upperBound
    else { return nil }
    let name = head[start...].prefix { (0x30...0x39).contains($0) || (0x61...0x66).contains($0) }
    return name.count == 64 ? String(decoding: name, as: UTF8.self) : nil
  }

  /// What is not as `page` has it, part by part.
  func differences(from page: CertificateFile) -> [CertificateFault] {
    var faults: [CertificateFault] = []
    var rest = parts[...]
    func unexpected(_ name: String) -> CertificateFault {
      CertificateFault(
        name.isEmpty ? "head" : name, "altered", "a part that does not belong here, or stands twice")
    }
    let begins = rest.removeFirst()
    if !begins.bytes.elementsEqual(page.parts[0].bytes) {
      faults.append(CertificateFault("head", "altered", "the page does not begin as certificates do"))
    }
    for part in page.parts.dropFirst() {
      if let next = rest.first, next.name == part.name {
        if !next.bytes.elementsEqual(part.bytes) {
          faults.append(
            CertificateFault(part.name, "altered", "it is not what the proofs prove, byte for byte"))
        }
        rest.removeFirst()
      } else if let place = rest.prefix(64).firstIndex(where: { $0.name == part.name }) {
        faults += rest[..<place].map { unexpected($0.name) }
        if !rest[place].bytes.elementsEqual(part.bytes) {
          faults.append(
            CertificateFault(part.name, "altered", "it is not what the proofs prove, byte for byte"))
        }
        rest = rest[(place + 1)...]
      } else {
        faults.append(CertificateFault(part.name, "altered", "it is not where it must be"))
      }
    }
    return faults + rest.map { unexpected($0.name) }
  }
}
