import Ledger
import Workflows

extension VaultAudit {
  /// Looks through the vaults at `paths`, each against the ledger in `directory` as it stands.
  init(_ paths: [String], ofLedgerIn directory: String) async throws {
    guard !paths.isEmpty else {
      self.init(obstacle: nil)
      return
    }
    let opened: DirectoryLedger
    do { opened = try DirectoryArgument.opened(directory) } catch {
      // The audit has told this fault at its place.
      guard let fault = error as? Fault else { throw error }
      self.init(obstacle: fault)
      return
    }
    try await self.init(paths, of: opened, CommandContext.current.work)
  }
}

extension VaultAudit.Finding {
  /// What is wrong, and what to do next; nil where nothing is to be done.
  ///
  /// - Parameter ledger: the ledger's directory.
  func advice(_ ledger: String) -> String? {
    let folder = "\(vault)/\(name)"
    switch state {
    case .intact, .erased: return nil
    case .staged:
      return localized(
        "personal data that a command left which was stopped; the next deliver or receipt destroys it")
    case .leftover:
      return
        localized(
          "the ledger knows no such delivery: left by a command that was interrupted; the next one mends it")
    case .handover(let handover, let item): return retold(handover.advice(item))
    case .notErased(let entry):
      let command = ShellText.zheng(
        "share erase", [ledger, item?.request ?? ""],
        options: "--delivery \(item?.delivery ?? 0) --vault \(ShellText.path(vault)) --key KEY.pem")
      return
        localized(
          "entry \(entry) says that it was erased, and something is left in \(folder); to finish: \(command)")
    case .gone:
      return localized(
        """
        salt or data are gone and no record says that they were erased; put \(folder) back from a backup, or \
        record why with zheng share erase --elsewhere
        """)
    case .altered:
      return
        localized(
          "salt and data in \(folder) do not give the commitment that was recorded; put them back from a backup"
        )
    }
  }
}

extension VaultAudit {
  /// What `verify --json` adds; nil where no vault was asked for.
  ///
  /// - Parameter ledger: the ledger's directory, for the commands that are suggested.
  func json(_ ledger: String) -> JSON? {
    if let obstacle { return ["ok": false, "obstacle": obstacle.json] }
    guard !vaults.isEmpty else { return nil }
    return [
      "ok": .bool(isGood),
      "vaults": .array(vaults.map { ["path": .text($0.path), "member": .text($0.member)] }),
      "deliveries": .array(
        findings.map {
          [
            "vault": .text($0.vault), "request": JSON($0.item?.request), "delivery": JSON($0.item?.delivery),
            "folder": .text($0.name), "state": .text($0.state.code), "entry": JSON($0.state.entry),
            "detail": JSON($0.advice(ledger)),
          ]
        }),
    ]
  }

  /// What `verify` adds for people.
  func rows(_ ledger: String) -> [(String, String)] {
    if obstacle != nil { return [("vault", localized("not looked into: the ledger can't be read"))] }
    var rows: [(String, String)] = []
    for finding in findings {
      let what =
        finding.item.map { localized("delivery \($0.delivery) of \(Printable.text($0.request))") }
        ?? finding.name
      switch finding.state {
      case .intact: continue
      case .erased(let entry): rows.append(("vault", localized("\(what): erased, by record \(entry)")))
      case .leftover, .staged:
        rows.append(("note", "\(finding.vault)/\(finding.name): \(finding.advice(ledger) ?? "")"))
      case .handover: rows.append(("note", finding.advice(ledger) ?? ""))
      case .notErased, .gone, .altered:
        rows.append(("FAULT", "\(finding.state.code): \(what): \(finding.advice(ledger) ?? "")"))
      }
    }
    for (path, member) in vaults {
      let own = findings.filter { $0.vault == path }
      let intact = own.count { if case .intact = $0.state { true } else { false } }
      let erased = own.count { if case .erased = $0.state { true } else { false } }
      let bad = own.count { $0.state.isFault }
      rows.append(
        (
          "vault",
          localized("\(path), of \(member): \(intact) intact, \(erased) erased, \(counted(bad, "fault"))")
        ))
    }
    return rows
  }
}
