import ArgumentParser
import Scenarios

/// `zheng evidence`.
struct EvidenceCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "evidence", abstract: "Electronic evidence 电子存证: deposit, hand over, check.",
    discussion: """
      An item is a file, or a directory with its manifest. Only its fingerprint goes on the ledger, never the file; \
      from then on the ledger records who holds it. Custody moves only with two signatures, the giver's and the \
      receiver's.

        zheng evidence deposit ledger contract.pdf --item E-2026-17 \\
          --case '(2026)豫01民初17号' --method 当事人提交 --key notary.pem
        zheng evidence seal ledger E-2026-17 --seal S-0001 --key notary.pem
        zheng evidence offer ledger E-2026-17 --to examiner --seal S-0001 \\
          --purpose 鉴定 --key notary.pem
        zheng evidence accept ledger E-2026-17 contract.pdf --seal S-0001 \\
          --location 'room 3' --key examiner.pem
        zheng evidence check ledger contract.pdf
        zheng evidence history ledger E-2026-17
        zheng evidence certificate ledger E-2026-17 --out E-2026-17.html

      `zheng evidence status LEDGER ITEM` shows the possible next steps, with the command for each and who may run \
      it. Keep names, identity numbers and mobile numbers of people off the ledger; obvious numbers are refused \
      before anything is signed.

      Roles decide who may do what. The founders assign them (`zheng init`), and administrators change them (`zheng \
      members set-roles`):

      \(RoleHelp.table(of: Evidence.scenario.roles))
      """,
    groupedSubcommands: [
      CommandGroup(
        name: "Read and check",
        subcommands: [
          EvidenceCheckCommand.self, EvidenceStatusCommand.self, EvidenceHistoryCommand.self,
          EvidenceListCommand.self, EvidenceTodoCommand.self, EvidenceCertificateCommand.self,
          EvidenceExtractCommand.self,
        ]),
      CommandGroup(
        name: "Deposit",
        subcommands: [EvidenceDepositCommand.self, EvidenceRenewCommand.self, EvidenceCorrectCommand.self]),
      CommandGroup(
        name: "Custody",
        subcommands: [
          EvidenceSealCommand.self, EvidenceOfferCommand.self, EvidenceAcceptCommand.self,
          EvidenceDeclineCommand.self, EvidenceExamineCommand.self, EvidenceResealCommand.self,
          EvidencePresentCommand.self,
        ]),
      CommandGroup(
        name: "Order and countersignature",
        subcommands: [
          EvidenceHoldCommand.self, EvidenceLiftCommand.self, EvidenceReleaseCommand.self,
          EvidenceResolveCommand.self, EvidenceCountersignCommand.self,
        ]),
    ])
}
