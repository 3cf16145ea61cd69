import ArgumentParser
import Workflows

/// `zheng show`.
struct ShowCommand: AsyncResultCommand {
  static let configuration = CommandConfiguration(
    commandName: "show", abstract: "Show one record, with everything that verifying its signature takes.",
    discussion: """
        zheng show ledger 12
        zheng show ledger 12 --payload > contract.pdf

      Verify the signature without Zheng, for an ES256 (P-256) key:

        zheng show ledger 12 --public-key > key.pem
        zheng show ledger 12 --sig-structure > signed
        zheng show ledger 12 --signature-der > signature
        openssl dgst -sha256 -verify key.pem -signature signature signed

      and for an Ed25519 key, with --signature instead of --signature-der:

        openssl pkeyutl -verify -pubin -inkey key.pem -rawin -in signed -sigfile signature

      The id is the SHA-256 of what --sig-structure prints. In --json, bytes are in base64.
      """)

  /// What is printed raw.
  enum Part: String, EnumerableFlag {
    case payload, entry, sigStructure, signature, signatureDer, publicKey

    static func help(for part: Part) -> ArgumentHelp? {
      switch part {
      case .payload: "Print only the payload's bytes."
      case .entry: "Print only the entry's bytes, the COSE_Sign1 in the log."
      case .sigStructure: "Print only the bytes that are signed (RFC 9052 §4.4)."
      case .signature: "Print only the 64 bytes of the signature, r ‖ s for ES256."
      case .signatureDer: "Print only the signature in DER, as openssl needs it for ES256."
      case .publicKey: "Print only the signer's public key, in PEM."
      }
    }
  }

  @OptionGroup var ledger: LedgerArgument
  @Argument(help: "The record's index, or its id (64 hex digits).") var record: RecordReference
  @Flag var part: Part?
  @OptionGroup var options: OutputOptions

  func validate() throws {
    if part != nil, options.json {
      throw ValidationError(localized("--json holds all the parts; give one or the other"))
    }
  }

  func run(_ output: Output) async throws {
    let opened = try await ledger.opened()
    let shown = try await LedgerEntry(record.resolved(on: opened), on: opened)
    if let part { return try output.raw(shown.bytes(part)) }
    try output.result(shown.json, text: shown.text)
  }
}

extension LedgerEntry {
  /// The bytes of `part`.
  func bytes(_ part: ShowCommand.Part) throws -> [UInt8] {
    switch part {
    case .payload: return statement.payload
    case .entry: return statement.entry
    case .sigStructure: return statement.sigStructure
    case .signature: return statement.signature
    case .publicKey: return Array(try key.pem().utf8)
    case .signatureDer:
      guard let der = signatureDER else {
        throw CommandError.usage(
          localized("entry \(index) is signed with Ed25519, which knows no DER form; use --signature"))
      }
      return der
    }
  }
}
