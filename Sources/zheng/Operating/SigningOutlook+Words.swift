import Workflows

extension Backups.Outlook {
  /// What stands between this machine and the next block, each thing a line.
  var rows: [String] {
    var rows: [String] = []
    if let keys {
      rows.append(localized("no: \(Printable.text(keys.description))"))
    }
    for validator in validators {
      if let refusal = validator.refusal {
        rows.append(localized("\(validator.name): no: \(Printable.text(refusal.reason))"))
      } else if keys == nil {
        rows.append(
          localized(
            "\(validator.name): ready; this machine signed block \(validator.signed.map(String.init) ?? localized("none")) last, and the ledger goes on from there"
          )
        )
      }
    }
    return rows
  }
}
