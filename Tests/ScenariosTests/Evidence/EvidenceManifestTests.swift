import LedgerCrypto
import Scenarios
import TestKit
import Testing
import TransparencyLog

@Suite("Evidence: the manifest of a directory")
struct EvidenceManifestTests {
  private func manifest(_ count: Int) throws -> EvidenceManifest {
    try EvidenceManifest(
      (0..<count).map { number in
        let digest = EvidenceLedger.digest("file \(number)")
        let salt = [UInt8](repeating: UInt8(truncatingIfNeeded: number), count: 32)
        let name: EvidenceManifest.Name =
          number.isMultiple(of: 3)
          ? .commitment(try EvidenceManifest.commitment(to: Array("甲/\(number)".utf8), salt: salt))
          : .path("目录/文件 \(number).txt")
        return try .init(digest: digest, size: UInt64(number), name: name)
      })
  }

  @Test(
    "it is read back as it was written, and every file is proven against what the deposit says, up to 70 files"
  )
  func proofs() throws {
    for count in 1...70 {
      let manifest = try manifest(count)
      #expect(try EvidenceManifest(parsing: manifest.file) == manifest)
      let deposited = manifest.summary
      #expect(deposited.files == UInt64(count) && deposited.bytes == UInt64(count * (count - 1) / 2))
      for index in [0, count / 2, count - 1] {
        let (line, proof) = (manifest.lines[index], manifest.proof(of: index))
        try EvidenceManifest.verify(line, proof, in: deposited)
        #expect(manifest.places(of: line.digest) == [index])
        let altered = try EvidenceManifest.Line(digest: line.digest, size: line.size + 1, name: line.name)
        #expect(throws: LogError.self) { try EvidenceManifest.verify(altered, proof, in: deposited) }
        let fewer = Evidence.Deposit.Manifest(
          root: deposited.root, files: deposited.files + 1, bytes: deposited.bytes)
        #expect(throws: LogError.self) { try EvidenceManifest.verify(line, proof, in: fewer) }
      }
    }
  }

  @Test("the order in which files are given does not matter, and every name stands there once")
  func canonical() throws {
    let lines = try manifest(20).lines
    #expect(try EvidenceManifest(lines.reversed()).file == EvidenceManifest(lines).file)
    let twice = try EvidenceManifest.Line(digest: .zero, size: 0, name: lines[0].name)
    #expect(throws: (any Error).self) { try EvidenceManifest(lines + [twice]) }
    #expect(throws: (any Error).self) { try EvidenceManifest([]) }
    let huge = try EvidenceManifest.Line(digest: .zero, size: .max, name: .path("huge"))
    #expect(throws: (any Error).self) { try EvidenceManifest(lines + [huge]) }
  }

  @Test("paths that lead out of the directory or can't be read back are refused")
  func paths() {
    for path in [
      "", "/a", "a/", "a//b", ".", "..", "a/../b", "./a", "a\nb", "a\u{7f}",
      String(repeating: "a", count: 4097),
    ] {
      #expect(throws: (any Error).self, "\(path)") {
        try EvidenceManifest.Line(digest: .zero, size: 0, name: .path(path))
      }
    }
    for path in ["a", "...", "a b", "目录/文件", ".hidden", "~a", "=a"] {
      #expect(EvidenceManifest.Line.isPath(path))
    }
  }

  @Test("a file that is not in the one form is refused")
  func strict() throws {
    let zero = String(repeating: "0", count: 64)
    let one = String(repeating: "0", count: 63) + "1"
    #expect(
      try EvidenceManifest(parsing: Array("zheng-manifest 1\n\(zero) 5 =a\n\(one) 0 =b\n".utf8)).byteCount
        == 5)
    for text in [
      "", "\n", "zheng-manifest 1\n", "zheng-manifest 1", "zheng-manifest 2\n\(zero) 5 =a\n",
      "zheng-manifest 1\n\(zero) 5 =a", "zheng-manifest 1\n\(zero) 5 =a\n\n",
      "zheng-manifest 1\n\(zero) 05 =a\n",
      "zheng-manifest 1\n\(zero) +5 =a\n", "zheng-manifest 1\n\(zero) 5 a\n",
      "zheng-manifest 1\n\(zero) 5  =a\n",
      "zheng-manifest 1\r\n\(zero) 5 =a\n", "zheng-manifest 1\n\(one) 0 =b\n\(zero) 5 =a\n",
      "zheng-manifest 1\n\(zero) 5 =a\n\(zero) 5 =a\n", "zheng-manifest 1\n\(zero) 5 =a\n\(one) 5 =a\n",
      "zheng-manifest 1\n\(zero) 5 ~a\n", "zheng-manifest 1\n\(zero) 99999999999999999999 =a\n",
      "zheng-manifest 1\n\(zero.dropLast()) 5 =a\n", "zheng-manifest 1\n\(zero.dropLast())A 5 =a\n",
    ] {
      #expect(throws: (any Error).self, "\(text)") { try EvidenceManifest(parsing: Array(text.utf8)) }
    }
  }

  @Test("a commitment to a name is the HMAC that openssl computes")
  func commitment() async throws {
    let path = Array("当事人/王某.txt".utf8)
    let salt = (0..<32).map { UInt8($0) }
    let length = (0..<8).map { $0 == 7 ? UInt8(path.count) : 0 }
    let message = Array("zheng.evidence.name.v1".utf8) + [0] + length + path
    let output = try await Shell.run(
      "openssl", ["dgst", "-sha256", "-mac", "HMAC", "-macopt", "hexkey:\(Hex.encode(salt))", "-binary"],
      input: message)
    #expect(try output.standardOutput == EvidenceManifest.commitment(to: path, salt: salt).bytes)
  }

  @Test("Fuzz: no manifest traps, and what is read is written back as the same bytes")
  func fuzz() throws {
    Fuzzing.run(
      "manifest", samples: [try manifest(5).file, try manifest(1).file], inputs: Fuzzing.inputs / 10
    ) { bytes in
      guard let manifest = try? EvidenceManifest(parsing: bytes) else { return }
      #expect(manifest.file == bytes)
    }
  }
}
