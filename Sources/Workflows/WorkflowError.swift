/// Why an office's work was not done, where neither the rules refuse it (`Refusal`), nor the ledger is damaged (`Fault`), nor the
/// machine failed (`Failure`).
package struct WorkflowError: Error, Hashable, Sendable, CustomStringConvertible {
  /// What sort of complaint it is: whoever shows it acts by that, as a command line does with its exit status.
  package enum Kind: Sendable {
    /// What was looked at is not what it should be.
    case notVerified
    /// What was asked for makes no sense so.
    case usage
    /// What is to be read is not there or can't be opened.
    case noInput
    /// What is to be written can't be created.
    case cannotCreate
    /// The machine could not do it.
    case inputOutput
    /// Somebody else is at it; try again.
    case busy
    /// The ledger's rules would refuse it.
    case refused
  }

  package let kind: Kind
  /// The stable name.
  package let code: String
  /// What is wrong, and what to do next.
  package let detail: String
  /// What leads on from here.
  package let lead: Lead?

  /// What leads on from a complaint; whoever shows it knows how that is asked for.
  package enum Lead: Hashable, Sendable {
    /// To look at the items of the ledger that is so called.
    case items(of: String)
    /// To look at its members.
    case members(of: String)
    /// To go on without what is in the way.
    case leavingOut
    /// To say that nothing is what was meant.
    case emptyInput
    /// To use a manifest as it was written.
    case manifest
    /// To look at the file alone.
    case withoutManifest
    /// To give the ledger's id.
    case ledgerID
    /// To found a ledger: at this place, or at one where nothing is.
    case founding(at: String?)
    /// To look for everything that is damaged.
    case verification
    /// To make anew what is derived; it can't be read, for this reason.
    case rebuilding(because: String)
    /// To look at what there is of data sharing on the ledger that is so called.
    case requests(of: String)
    case objections(of: String)
    case waitingOffers(of: String)
    /// To make a vault.
    case vault
    /// To say that a vault is not where the data are kept.
    case outsideOfVault
    /// To hand over in another directory.
    case handoverElsewhere
    /// To write in the place of what is there, or elsewhere.
    case replacing
    /// To write a manifest elsewhere: in a place that is free, or beside this directory.
    case freeManifest
    case otherManifest(beside: String?)
    /// To make a key; the one that was given can't be read, for this reason.
    case newKey(because: String)
    /// To give the passphrase of a key.
    case passphrase
    /// To append to the ledger that is there.
    case appending
  }

  package init(_ kind: Kind, _ code: String, _ detail: String, lead: Lead? = nil) {
    (self.kind, self.code, self.detail, self.lead) = (kind, code, detail, lead)
  }

  package var description: String { detail }

  /// What was asked for makes no sense so.
  package static func usage(_ detail: String) -> WorkflowError { WorkflowError(.usage, "usage", detail) }

  /// What is to be read is not there.
  package static func noInput(_ detail: String) -> WorkflowError {
    WorkflowError(.noInput, "not-found", detail)
  }

  /// What is to be written can't be.
  package static func cannotCreate(_ detail: String) -> WorkflowError {
    WorkflowError(.cannotCreate, "cannot-create", detail)
  }
}
