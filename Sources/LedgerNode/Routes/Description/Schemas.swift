import LedgerClient

/// What the node's answers hold: the types of `LedgerClient` in words, to which a test holds every answer.
extension Schema {
  private static let index = Field.must("index", .number, "the index of its entry")
  private static let inBlock = Field.must("block", .number, "the height of its block")
  private static let time = Field.must("time", .number, "the time of its block, in ms since the epoch")
  private static let id = Field.must("id", .digest, "the statement id")

  private static func next(_ form: Form = .number) -> Field {
    .may("next", form, "what after is to be for the next page; absent on the last")
  }

  static let problem = Schema(
    "Problem", "Why a request was not granted (RFC 9457)",
    [
      .must("type", .text, "urn:zheng: and the code"), .must("title", .text, "the phrase of the status"),
      .must("status", .number, "the status"), .must("detail", .text, "a sentence for a person"),
      .must("code", .text, "the stable name of what is wrong"),
    ])

  static let receipt = Schema(
    "Receipt", "Where a record is, and what proves it",
    [
      index, inBlock, id, time, .must("proof", .text, "its C2SP tlog-proof against its block's checkpoint"),
      .must("checkpoint", .text, "that checkpoint, a signed note"),
    ])

  static let verdict = Schema(
    "Verdict", "What became of a statement; by the node's word",
    [
      id, .must("status", .number, "the status that the statement would have had alone"),
      .may("index", .number, "the index of its entry, of a record"),
      .may("block", .number, "the height of its block, of a record"),
      .may("time", .number, "the time of its block in ms since the epoch, of a record"),
      .may("problem", .object(problem), "why it is no record"),
    ])

  static let entry = Schema(
    "Entry", "An entry in words; its bytes are those of application/cose",
    [
      index, inBlock, time, id, .must("type", .text, "the content type of the payload"),
      .must("kid", .digest, "the RFC 9679 thumbprint of the key that signed it"),
      .may("issuer", .text, "the issuer's member id; absent in a block header"),
      .may("subject", .text, "what it is about"),
      .may("issuedAt", .number, "the claimed time, in s since the epoch"),
      .must("bytes", .number, "the number of bytes of the payload"), .must("payload", .base64, "the payload"),
    ])

  static let proofs = Schema(
    "Proofs", "What is recorded about something; the last page's state proof covers the records of all pages",
    [
      .must("state", .text, "a C2SP tlog-proof of what the keys have in the state after the newest block"),
      .must("records", .list(.object(provenRecord)), "the records, in the order of their entries"), next(),
    ])

  static let status = Schema(
    "Status", "How an item of evidence stands, proven by one checkpoint",
    [
      .must(
        "state", .text,
        "a C2SP tlog-proof of what the state has of the item, of the roster, and of what their values name"),
      .must(
        "consistency", .list(.digest),
        "the consistency path (RFC 9162 §2.1.4) from the tree of the size since to that proof's; empty where that is empty, not smaller or not given"
      ),
      .must(
        "records", .list(.text),
        "the C2SP tlog-proofs of the deposit and of what was received in the item's place, against the same checkpoint"
      ),
      .may("roster", .base64, "the items of the roster in force: a CBOR array of byte strings"),
    ])

  private static let provenRecord = Schema(
    "ProvenRecord", "A record of a list",
    [
      index, .must("lists", .list(.hex), "the keys of the lists that have it"),
      .must("proof", .text, "its C2SP tlog-proof, with the record in it"),
    ])

  static let records = Schema(
    "Records", "Records that were searched for, by the node's word",
    [
      .must("records", .list(.object(record)), "the records, in the order of their entries"), next(),
      .must("indexLag", .number, "how many of the newest entries the search did not see"),
    ])

  private static let record = Schema(
    "Record", "A record, by the node's word",
    [
      index, inBlock, time, id, .must("issuer", .text, "the issuer's member id"),
      .may("subject", .text, "what it is about"), .must("type", .text, "the content type of the payload"),
      .must("issuedAt", .number, "the claimed time, in s since the epoch"),
      .must("bytes", .number, "the number of bytes of the payload"),
      .must("digest", .digest, "the payload's SHA-256"),
    ])

  static let indices = Schema(
    "Indices",
    "The entries that a list of the state has; all of them are what the list that /state proves counts",
    [.must("records", .list(.number), "the indices, ascending"), next()])

  static let keys = Schema(
    "Keys", "Keys of the rule sets' values, by the node's word; /state proves what each has",
    [.must("keys", .list(.hex), "the keys, in the order of their bytes"), next(.hex)])

  static let blocks = Schema(
    "Blocks", "Blocks, by the node's word",
    [.must("blocks", .list(.object(block)), "the blocks, in the order of their heights"), next()])

  static let block = Schema(
    "Block", "A block; by the node's word, but for what is signed: entry and checkpoint",
    [
      .must("height", .number, "its height"), .must("first", .number, "the index of its first entry"),
      .must("header", .number, "the index of its header, its last entry"),
      .must("time", .number, "its time, in ms since the epoch"),
      .must("records", .number, "the number of its records"),
      .must("root", .digest, "the root of the tree that ends with its header"),
      .must("state", .digest, "the root of the state after it"),
      .must("roster", .digest, "the root of the roster that was in force for it"),
      .may("entry", .base64, "its header's entry; absent in lists"),
      .may("checkpoint", .text, "its checkpoint, a signed note; absent in lists"),
    ])

  static let checkpoint = Schema(
    "Checkpoint", "The newest checkpoint, and what shows that it extends a tree that is known",
    [
      .must("checkpoint", .text, "the checkpoint, a signed note"),
      .must(
        "consistency", .list(.digest),
        "the consistency path (RFC 9162 §2.1.4); empty where the known tree is empty, or not smaller than this"
      ),
    ])

  static let health = Schema(
    "Health", "How the node is doing, by its own word",
    [
      .must(
        "status", .word(["ok", "stopping", "failed", "clock", "space", "consensus"]),
        "whether it takes statements"),
      .must("live", .truth, "false where only another start helps"),
      .must("ready", .truth, "whether it takes statements"),
      .must("reasons", .list(.object(reason)), "everything that keeps it from taking statements"),
      .may("failure", .text, "the first of the reasons, in words"), .must("ledger", .digest, "the ledger id"),
      .must("origin", .text, "the checkpoint origin"), .must("size", .number, "the number of entries"),
      .must("height", .number, "the height of the newest block"),
      .must("root", .base64, "the root of the newest checkpoint"),
      .may("time", .number, "the time of the newest block, in ms since the epoch"),
      .may("clock", .word(["synchronised", "unsynchronised", "doubted"]), "how its clock is doing"),
      .must("indexLag", .number, "how many entries the search index lacks"),
      .must("waiting", .number, "how many statements are under way"),
      .must("version", .text, "the node's software"),
    ])

  private static let reason = Schema(
    "Reason", "Why a node takes no statements",
    [
      .must(
        "code", .word(["failed", "stopping", "halted", "no-validator", "clock-jump", "low-space"]),
        "its stable name"),
      .must("detail", .text, "one sentence for a person"),
    ])

  static let consensus = Schema(
    "Consensus", "How the validators are doing, by the node's word",
    [
      .must("validator", .text, "the validator that the node is"),
      .must("state", .word(["working", "amnesic", "halted", "following"]), "what it does"),
      .may("reason", .text, "why, where it does not work"),
      .must("height", .number, "the height that it works on"), .must("round", .number, "the round of that"),
      .must("behind", .number, "how many heights it is behind the newest that any is known to work on"),
      .must("quorum", .number, "how many validators must vote and cosign"),
      .must("validators", .list(.object(validator)), "the validators in roster order"),
      .must("misconduct", .number, "how many times a validator was caught contradicting itself"),
    ])

  private static let validator = Schema(
    "Validator", "A validator, as far as the node has heard of it",
    [
      .must("name", .text, "its name"), .may("height", .number, "the height that it works on"),
      .may("round", .number, "the round of that"),
      .may("behind", .number, "how many heights it is behind the newest that any is known to work on"),
      .may(
        "clockOffsetSeconds", .integer,
        "by how many s its cosignatures are later than the others' of the same block"
      ),
      .may("lastSeen", .number, "when it was last heard of, in ms since the epoch"),
    ])

  static let members = Schema(
    "Members", "The members by the roster of a block, by the node's word",
    [
      .must("ledger", .digest, "the ledger id"), .must("height", .number, "the height of the block"),
      .must("roster", .digest, "the root of the roster"),
      .must("entryLimit", .number, "the most bytes of an entry"),
      .must("administrators", .list(.text), "the ids of who may change the roster"),
      .must("members", .list(.object(member)), "everyone, in the order of their ids; removed members too"),
    ])

  private static let member = Schema(
    "Member", "A member",
    [
      .must("id", .text, "its name in statements"), .may("zh", .text, "its name in Chinese"),
      .may("en", .text, "its name in English"), .must("roles", .list(.text), "what it may do"),
      .must("isInForce", .truth, "whether it may write"),
      .must("keys", .list(.object(key)), "every key that it ever had"),
    ])

  private static let key = Schema(
    "Key", "A key of a member",
    [
      .must("kid", .digest, "its RFC 9679 thumbprint"),
      .must("algorithm", .word(["es256", "ed25519"]), "its algorithm"),
      .must("from", .number, "the first height at which it holds"),
      .may("until", .number, "the first height at which it does not hold any more"),
      .must("isInForce", .truth, "whether it holds"),
    ])
}
