import LedgerCrypto
import Statements
import TransparencyLog

/// How the reader checks the certificate: with `zheng check`, in the browser, with openssl, by hand.
extension CertificatePage {
  mutating func addChecks() {
    add(
      "browser",
      """
      <section class="browser">
      <h2>\(label(Bilingual("在浏览器中核验（离线）", "Check in this browser (offline)")))</h2>
      \(paragraphs(
        "<b>网页不能自证。</b>改动本页的人也能改动页内脚本，所以这里的结果只供参考，<b>以 zheng check 为准</b>；未检查不等于通过。请保留原文件，不要用浏览器“另存为”。",
        "<b>A page cannot vouch for itself.</b> Whoever alters it can alter its script too: what is shown here is a help, <b>zheng check is the authority</b>, and what is not checked has not passed. Keep the file as it is; do not save it from the browser."
      ))
      <p id="drop"><label for="file">选择或拖入原文件 Choose or drop the original file: </label><input type="file" id="file" disabled></p>
      <p id="summary" class="unchecked">脚本未运行：一切均未检查。 The script has not run: nothing is checked.</p>
      <p id="verdict" class="unchecked">未选择原文件：文件未核对。 No file was chosen: no file is checked.</p>
      <ul id="results"></ul>
      </section>

      """)
    add(
      "check",
      """
      <section>
      <h2>\(label(Bilingual("如何核验", "How to check")))</h2>
      <h3>1. zheng check</h3>
      \(paragraphs(
        "策略文件须来自可信来源（账本的发起单位公布），不要使用本页内嵌的。只需本文件、策略与原文件，无须账本与网络。",
        "Take the policy from a source that you trust, as the founders publish it, not from this page. This file, the policy and the original are enough; no ledger and no network."
      ))
      <pre class="shell">zheng check CERTIFICATE.html --policy POLICY --file ORIGINAL</pre>
      <h3>2. openssl</h3>
      \(paragraphs(
        "以下命令不用我们的软件，核验原文件的摘要、存证人的签名、该记录在日志之中、日志与验证者对检查点的签名（第 1 行；其余各行同理）。其中的公钥须与可信的策略和存证人公布的一致。",
        "Without our software: the file's digest, the depositor's signature, that the record is in the log, and who signed the checkpoint (row 1; the other rows go the same way). Compare the public keys with a policy that you trust, and with what the depositor publishes."
      ))
      <pre class="shell" id="openssl">
      \(OpenSSLSteps(certificate.deposit).text)</pre>
      <h3>3. \(Bilingual("手工", "By hand").both)</h3>
      \(paragraphs(
        "计算原文件的 SHA-256，与上文逐字比对；叶哈希为 SHA-256(0x00 ‖ 记录)，上层为 SHA-256(0x01 ‖ 左 ‖ 右)（RFC 6962），逐级算到检查点的根；检查点是三行文本（来源、大小、根），由日志与验证者签名（C2SP signed-note、tlog-cosignature）。二维码为账本编号与存证陈述编号，可据以向账本的任一节点查询。",
        "Compute the original's SHA-256 and compare it with the one above, digit by digit. The leaf is SHA-256(0x00 ‖ record), a node SHA-256(0x01 ‖ left ‖ right) (RFC 6962), up to the checkpoint's root; the checkpoint is three lines of text (origin, size, root) that the log and the validators sign (C2SP signed-note, tlog-cosignature). The QR code holds the ledger id and the statement id, by which any node of the ledger finds the record."
      ))
      </section>
      </main>

      """)
  }
}

/// A shell script that checks a row with openssl alone. It holds nothing but words of ours, numbers, hex and base64.
struct OpenSSLSteps {
  /// The script.
  let text: String

  init(_ row: CertificateRow) {
    var lines = ["# 1. 原文件 The original: SHA-256"]
    if case .map(let digests)? = row.payload["digests"], case .bytes(let digest)? = digests["sha-256"] {
      lines += [
        "test \"$(openssl dgst -sha256 -r ORIGINAL | cut -c1-64)\" = \(Hex.encode(digest)) && echo original OK || echo original NOT",
        "", "# 2. 存证人签名的内容含有该摘要 What the depositor signed names that digest",
      ]
      lines += OpenSSLSteps.file("statement.bin", row.statement.sigStructure)
      lines.append(
        "od -An -v -tx1 statement.bin | tr -d ' \\n' | grep -q \(Hex.encode(digest)) && echo digest OK || echo digest NOT"
      )
    } else {
      lines += OpenSSLSteps.file("statement.bin", row.statement.sigStructure)
    }
    lines += ["", "# 3. 存证人的签名 The depositor's signature"]
    if let key = row.proven.issuer.keys.first(where: { $0.id == row.statement.keyID })?.key {
      lines += OpenSSLSteps.pem("depositor.pem", key)
      lines += OpenSSLSteps.verify("depositor.pem", key, row.statement.signature, "statement")
    }
    lines += ["", "# 4. 该记录在日志之中 The record is in the log"]
    lines += OpenSSLSteps.file("entry.bin", row.statement.entry)
    lines += OpenSSLSteps.inclusion(
      row.proof.proof, size: row.proven.checkpoint.size, root: row.proven.checkpoint.root)
    lines += ["", "# 5. 检查点：来源、大小、根 The checkpoint: origin, size, root"]
    let note = row.proof.proof.checkpoint
    lines += OpenSSLSteps.file("checkpoint.txt", Array(note.text.utf8))
    lines += [
      "cat checkpoint.txt",
      "test \"$(sed -n 3p checkpoint.txt)\" = \(Base64.encode(row.proven.checkpoint.root.bytes)) && echo root OK || echo root NOT",
    ]
    let verdict = row.proven.verdict
    if let line = note.signatures.first(where: { $0.names(verdict.log) }) {
      lines += ["", "# 6. 日志的签名 The log's signature"]
      lines += OpenSSLSteps.pem("log.pem", verdict.log.publicKey)
      lines += OpenSSLSteps.verify("log.pem", verdict.log.publicKey, line.signature, "checkpoint", "txt")
    }
    for (place, witness) in verdict.witnesses.enumerated() {
      let lineOfWitness = note.signatures.first {
        $0.names(witness.witness.key)
          && (try? Cosignature(parsing: $0.signature.span))?.timestamp == witness.timestamp
      }
      guard let line = lineOfWitness, let cosignature = try? Cosignature(parsing: line.signature.span) else {
        continue
      }
      let name = "cosigned-\(place + 1)"
      lines += [
        "",
        "# \(7 + place). 验证者 \(place + 1) 的签名 The signature of validator \(place + 1), over its time and the checkpoint",
      ]
      lines += OpenSSLSteps.pem("validator-\(place + 1).pem", witness.witness.key.publicKey)
      lines += OpenSSLSteps.file(
        "\(name).txt", Cosignature.message(timestamp: cosignature.timestamp, text: note.text))
      lines += OpenSSLSteps.verify(
        "validator-\(place + 1).pem", witness.witness.key.publicKey, cosignature.signature, name, "txt")
    }
    text = lines.map { $0 + "\n" }.joined()
  }

  private static func file(_ name: String, _ bytes: [UInt8]) -> [String] {
    ["openssl base64 -d > \(name) <<'END'", VisibleText.base64Lines(Base64.encode(bytes)), "END"]
  }

  /// The key as a SubjectPublicKeyInfo (RFC 5280, RFC 5480, RFC 8410), written out so that it never depends on a library.
  private static func pem(_ name: String, _ key: PublicKey) -> [String] {
    let es256 = "3059301306072a8648ce3d020106082a8648ce3d03010703420004"
    let ed25519 = "302a300506032b6570032100"
    let prefix = Hex.decode(key.algorithm == .es256 ? es256 : ed25519) ?? []
    return [
      "cat > \(name) <<'END'", "-----BEGIN PUBLIC KEY-----",
      VisibleText.base64Lines(Base64.encode(prefix + key.rawBytes)), "-----END PUBLIC KEY-----", "END",
    ]
  }

  private static func verify(
    _ pem: String, _ key: PublicKey, _ signature: [UInt8], _ name: String, _ suffix: String = "bin"
  ) -> [String] {
    switch key.algorithm {
    case .es256:
      let der = ECDSASignature.der(fromRaw: signature.span) ?? []
      return file("\(name).sig", der) + [
        "openssl dgst -sha256 -verify \(pem) -signature \(name).sig \(name).\(suffix)"
      ]
    case .ed25519:
      return file("\(name).\(pem).sig", signature) + [
        "openssl pkeyutl -verify -pubin -inkey \(pem) -rawin -in \(name).\(suffix) -sigfile \(name).\(pem).sig"
      ]
    }
  }

  /// The path from the leaf to the root, each sibling on its side (RFC 9162 §2.1.3.2).
  private static func inclusion(_ proof: TLogProof, size: UInt64, root: Digest) -> [String] {
    var lines = [
      "b() { openssl base64 -A; }",
      "h() { openssl dgst -sha256 -binary | b; }",
      "node() { { printf '\\001'; echo \"$1\" | openssl base64 -d; echo \"$2\" | openssl base64 -d; } | h; }",
      "r=$({ printf '\\000'; cat entry.bin; } | h)",
    ]
    var (index, last) = (proof.index, size - 1)
    for hash in proof.path {
      let sibling = Base64.encode(hash.bytes)
      if !index.isMultiple(of: 2) || index == last {
        lines.append("r=$(node \(sibling) \"$r\")")
        while index.isMultiple(of: 2), index != 0 { (index, last) = (index >> 1, last >> 1) }
      } else {
        lines.append("r=$(node \"$r\" \(sibling))")
      }
      (index, last) = (index >> 1, last >> 1)
    }
    return lines + ["test \"$r\" = \(Base64.encode(root.bytes)) && echo inclusion OK || echo inclusion NOT"]
  }
}
