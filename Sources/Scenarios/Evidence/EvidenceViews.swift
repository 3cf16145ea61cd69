import Ledger

extension Evidence {
  static let itemsView = IndexView(
    "evidence_items",
    meaning: "One item of evidence as it stands: its state, who holds it, its seal and digest.",
    query: """
      SELECT replace(replace(substr(key, 15), '%2F', '/'), '%25', '%') AS item,
        max(CASE WHEN name = 'state' THEN value END) AS state,
        max(CASE WHEN name = 'custodian' THEN value END) AS custodian,
        max(CASE WHEN name = 'case' THEN value END) AS "case",
        max(CASE WHEN name = 'seal' THEN value END) AS seal,
        max(CASE WHEN name = 'receiver' THEN value END) AS receiver,
        max(CASE WHEN name = 'dispute' THEN value END) AS dispute,
        CAST(max(CASE WHEN name = 'holds' THEN value END) AS INTEGER) AS holds,
        max(CASE WHEN name = 'digests.sha-256' THEN value END) AS sha256,
        CAST(max(CASE WHEN name = 'size' THEN value END) AS INTEGER) AS size,
        CAST(max(CASE WHEN name = 'manifest.files' THEN value END) AS INTEGER) AS files,
        CAST(coalesce(max(CASE WHEN name = 'manifest.bytes' THEN value END),
          max(CASE WHEN name = 'size' THEN value END)) AS INTEGER) AS bytes,
        max(CASE WHEN name = 'depositor' THEN value END) AS depositor,
        max(CASE WHEN name = 'deposit' THEN value END) AS deposit,
        max(CASE WHEN name = 'last' THEN value END) AS last,
        CAST(max(CASE WHEN name = 'entries' THEN value END) AS INTEGER) AS entries,
        max(CASE WHEN name = 'pending' THEN value END) AS pending,
        strftime('%Y-%m-%dT%H:%M:%SZ',
          CAST(max(CASE WHEN name = 'since' THEN value END) AS INTEGER) / 1000, 'unixepoch') AS since
      FROM current
      WHERE key >= 'evidence/item/' AND key < 'evidence/item0'
      GROUP BY key
      """)

  /// The kinds that are entries of the custody chain, as SQL lists them.
  private static let custodyKinds = EvidenceKind.allCases.filter(\.isCustodyEntry)
    .map { "'\($0.rawValue)'" }.joined(separator: ", ")

  static let custodyView = IndexView(
    "evidence_custody",
    meaning: """
      One record about an item of evidence, in the order of the ledger; is_custody is 1 for an entry of its custody chain, and \
      completed tells of a resolve or release whether it was countersigned (completed), waits, or is void; differs is 1 for an \
      accept whose digest is not the item's.
      """,
    query: """
      SELECT r.subject AS item, r.entry AS entry,
        strftime('%Y-%m-%dT%H:%M:%SZ', b.time / 1000, 'unixepoch') AS time,
        substr(r.type, 32, length(r.type) - 36) AS kind,
        r.issuer AS issuer, lower(hex(r.id)) AS statement,
        substr(r.type, 32, length(r.type) - 36) IN
          (\(custodyKinds)) AS is_custody,
        (SELECT value FROM fields f WHERE f.entry = r.entry AND f.name = 'previous') AS previous,
        (SELECT value FROM fields f WHERE f.entry = r.entry AND f.name = 'to') AS "to",
        (SELECT value FROM fields f WHERE f.entry = r.entry AND f.name = 'seal') AS seal,
        (SELECT value FROM fields f WHERE f.entry = r.entry AND f.name IN ('digest', 'digests.sha-256')) AS sha256,
        CASE WHEN r.type = 'application/vnd.zheng.evidence.accept+cbor' THEN
          (SELECT value FROM fields f WHERE f.entry = r.entry AND f.name = 'digest') <>
          (SELECT value FROM current c WHERE c.name = 'digests.sha-256'
            AND c.key = 'evidence/item/' || replace(replace(r.subject, '%', '%25'), '/', '%2F'))
        END AS differs,
        (SELECT value FROM fields f WHERE f.entry = r.entry AND f.name = 'outcome') AS outcome,
        (SELECT value FROM fields f WHERE f.entry = r.entry AND f.name = 'order') AS "order",
        (SELECT value FROM fields f WHERE f.entry = r.entry AND f.name IN ('reason', 'purpose', 'why', 'condition')
          ORDER BY f.name DESC LIMIT 1) AS remark,
        (SELECT value FROM fields f WHERE f.entry = r.entry AND f.name = 'statement') AS corrects,
        strftime('%Y-%m-%dT%H:%M:%SZ', CAST((SELECT value FROM fields f
          WHERE f.entry = r.entry AND f.name = 'occurred') AS INTEGER), 'unixepoch') AS occurred,
        (SELECT value FROM current c WHERE c.key = 'evidence/pending/' || lower(hex(r.id))
          AND c.name = 'state') AS completed
      FROM records r JOIN blocks b ON b.height = r.block
      WHERE r.type >= 'application/vnd.zheng.evidence.' AND r.type < 'application/vnd.zheng.evidence/'
      ORDER BY r.entry
      """)
}
