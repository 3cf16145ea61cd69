import Certificates
import Foundation
import TransparencyLog

// Checks what a ledger handed out, offline: a certificate, or a C2SP proof beside the entry that it is of.
//
//     OfflineCheck policy certificate.html
//     OfflineCheck policy record-12.tlog-proof leaf      # leaf is what `zheng check … --entry` writes
do {
  let files = try CommandLine.arguments.dropFirst().map { [UInt8](try Data(contentsOf: URL(filePath: $0))) }
  guard (2...3).contains(files.count) else { exit(64) }
  let (trusted, document, entry) = (files[0], files[1], files.last ?? [])
  let policy = try Policy(parsing: trusted.span)
  if files.count == 3 {
    let proof = try TLogProof(parsing: document.span)
    var hasher = TreeHasher()
    let (checkpoint, verdict) = try proof.verify(leaf: hasher.leaf(entry.span), policy: policy)
    let time = verdict.time.map { "no later than \(Date(timeIntervalSince1970: Double($0)))" }
    print("entry \(proof.index) of \(checkpoint.origin), \(time ?? "at a time that is not proven")")
  } else {
    let check = CertificateCheck(document, policy)
    for fault in check.faults { print("\(fault.part): \(fault.detail)") }
    guard let certificate = check.certificate, check.isGood else { exit(1) }
    print("\(certificate.number): \(certificate.item), deposited by \(certificate.deposit.proven.issuer.id)")
    for row in certificate.rows {
      print("\(row.number)  \(row.kind), then \(row.state.rawValue), with \(row.custodian)")
    }
  }
} catch {
  print("not good: \(error)")
  exit(1)
}
