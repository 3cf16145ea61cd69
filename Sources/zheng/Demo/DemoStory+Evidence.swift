extension DemoStory {
  /// A contract is deposited, handed over to be examined and back, certified, and checked by a judge.
  mutating func evidence() throws {
    let contract = DemoMaterials.contract
    heading(
      localized("The Notary Office deposits a contract."),
      localized(
        """
        Its fingerprint and what is claimed about it go onto the ledger, signed with the notary's key; the file stays where \
        it is. The notary is its first custodian, and puts a seal on it.
        """))
    try run(
      """
      zheng evidence deposit ledger \(contract) --key keys/notary.pem --item E-2026-001 --case '(2026)豫01民初17号' \
      --method '当事人当面提交 handed in by the party' --source '出租方 the lessor' --format text/plain
      """)
    try run(
      "zheng evidence seal ledger E-2026-001 --key keys/notary.pem --seal S-0001 --condition '完好 intact'")
    heading(
      localized("It is handed over to the court's Forensic Office."),
      localized(
        """
        Custody moves with two signatures: the notary offers, the Forensic Office accepts after it has compared digest and \
        seal. Nobody else can accept in its place, member or stranger.
        """))
    try run(
      "zheng evidence offer ledger E-2026-001 \(contract) --key keys/notary.pem --to forensics --seal S-0001 --purpose '笔迹鉴定 handwriting'"
    )
    let accept =
      "zheng evidence accept ledger E-2026-001 \(contract) --seal S-0001 --location '鉴定室 laboratory' --key"
    try run("\(accept) keys/health.pem", expects: .refused)
    try run("zheng key new keys/stranger.pem", shownLines: 1)
    try run("\(accept) keys/stranger.pem", expects: .refused)
    try run("\(accept) keys/forensics.pem")
    heading(
      localized("It is examined, sealed anew, and handed back."),
      localized("While it is being examined it can't be handed on; a seal's number is never used twice."))
    try run(
      "zheng evidence examine ledger E-2026-001 --key keys/forensics.pem --method '显微比对 microscopy' --tool 'VSC 8000'"
    )
    try run(
      "zheng evidence reseal ledger E-2026-001 --key keys/forensics.pem --seal S-0001", expects: .refused)
    try run("zheng evidence reseal ledger E-2026-001 --key keys/forensics.pem --seal S-0002")
    try run(
      "zheng evidence offer ledger E-2026-001 \(contract) --key keys/forensics.pem --to notary --seal S-0002 --purpose '归还 return'"
    )
    try run(
      "zheng evidence accept ledger E-2026-001 \(contract) --key keys/notary.pem --seal S-0002 --location '证物室 evidence room'"
    )
    heading(
      localized("Who has held it?"), localized("The chain of custody, without a gap, and each step signed."))
    try run("zheng evidence history ledger E-2026-001", shownLines: 40)
    try folderOfFiles()
    try certificate()
  }

  private mutating func folderOfFiles() throws {
    heading(
      localized("A whole directory costs one signature."),
      localized(
        """
        The ledger has the root over a manifest that stays with the notary, and each file can still be proven. Here: \
        \(materials.directoryMeaning).
        """))
    try run(
      """
      zheng evidence deposit ledger \(DemoMaterials.directory) --key keys/notary.pem --item E-2026-002 --case '(2026)豫01民初17号' \
      --method '整目录固定 the whole directory' --manifest files.manifest
      """)
    try run(
      "zheng evidence check ledger \(materials.oneOfMany) --item E-2026-002 --manifest files.manifest")
  }

  private mutating func certificate() throws {
    let name = DemoMaterials.contractName
    heading(
      localized("A judge gets a certificate, 存证证书."),
      localized(
        """
        One page that opens in any browser and prints on paper, with the proofs inside. In the folder judge there are only the \
        certificate, the published policy and the file; the ledger is not needed.
        """))
    try run("zheng evidence certificate ledger E-2026-001 --out judge/certificate.html")
    try run("cp policy \(DemoMaterials.contract) judge/")
    try run(
      "cd judge && zheng check certificate.html --policy policy --file \(name)", shownLines: 40)
    heading(
      localized("What was changed is found, and named."),
      localized("One character more in the file; another name on the page."))
    try run("cd judge && cp \(name) changed.txt && echo . >> changed.txt")
    try run(
      "cd judge && zheng check certificate.html --policy policy --file changed.txt", expects: .notVerified,
      shownLines: 4, fromEnd: true)
    try run("cd judge && sed 's/公证处/测绘院/g' certificate.html > forged.html")
    try run(
      "cd judge && zheng check forged.html --policy policy", expects: .notVerified, shownLines: 8)
  }
}
