import Ledger

/// The views over `index.sqlite` that show data sharing to anyone who opens it with `sqlite3`.
///
/// They are built on `current`, which has each value of the state as rows of a key, a field's name and its text. Instants are
/// kept in ms since the epoch and shown by the ledger's clocks, whose offset `clock` has as a modifier; an instant at which something is due is 24:00 of a day, and is shown as that
/// day. Flags are 0 or 1, and absent while there is nothing to say.
enum SharingViews {
  static let all = [requests, deliveries, catalogue]

  static let requests = IndexView(
    "sharing_requests", meaning: "one row for each request, as it stands now",
    query: select(
      "request",
      fields: [
        .text("request"), .text("state"), .text("provider"), .text("demander"), .text("entry"),
        .number("version"), .text("attribute"), .text("purpose"), .instant("requested"), .day("due"),
        .text("calendar"), .instant("replied"), .number("late"), .instant("from", as: "valid_from"),
        .instant("until", as: "valid_until"), .number("limit", as: "delivery_limit"),
        .day("delivery-due", as: "delivery_due"), .instant("delivered"),
        .number("delivery-late", as: "delivery_late"), .day("again-due", as: "delivery_due_again"),
        .number("deliveries"), .number("mismatches"),
        .instant("revoked"),
      ]))

  static let deliveries = IndexView(
    "sharing_deliveries", meaning: "one row for each delivery, as it stands now",
    query: select(
      "delivery",
      fields: [
        .text("request"), .number("delivery"), .text("state"), .text("provider"), .text("demander"),
        .text("entry"), .text("purpose"), .number("records"), .text("commitment"), .instant("delivered"),
        .number("late"), .instant("received"), .number("uses"), .number("objections"),
        .number("open-objections", as: "open_objections"),
        .number("provider-erasure", as: "provider_erasure"),
        .number("demander-erasure", as: "demander_erasure"),
      ]))

  static let catalogue = IndexView(
    "sharing_catalogue",
    meaning: "one row for each version of a catalogue entry that is or was in force",
    query: ["entry", "version"].map { kind in
      select(
        kind,
        fields: [
          .text("entry"), .number("version"), .text("state"), .text("name"), .text("provider"),
          .text("attribute"), .text("conditions"), .text("basis"), .text("grade"), .text("format"),
          .text("frequency"), .text("method"), .text("authority"), .instant("since"), .number("objections"),
          .number("open-objections", as: "open_objections"), .text("statement"),
        ])
    }.joined(separator: " UNION ALL "))

  private struct Field {
    let name, column, expression: String

    private init(_ name: String, _ column: String?, _ wrap: (String) -> String) {
      self.name = name
      self.column = column ?? name
      expression = wrap("max(CASE WHEN name = '\(name)' THEN value END)")
    }

    static func text(_ name: String) -> Field { Field(name, nil) { $0 } }

    static func number(_ name: String, as column: String? = nil) -> Field {
      Field(name, column) { "CAST(\($0) AS INTEGER)" }
    }

    static func instant(_ name: String, as column: String? = nil) -> Field {
      Field(name, column) { "datetime(\($0) / 1000, 'unixepoch', (SELECT modifier FROM clock))" }
    }

    /// The day whose 24:00 the instant is.
    static func day(_ name: String, as column: String? = nil) -> Field {
      Field(name, column) { "date(\($0) / 1000 - 1, 'unixepoch', (SELECT modifier FROM clock))" }
    }
  }

  /// One row for each value of the state whose key begins with `sharing/KIND/`.
  private static func select(_ kind: String, fields: [Field]) -> String {
    let columns = fields.map { "\($0.expression) AS \"\($0.column)\"" }.joined(separator: ", ")
    // A range, not LIKE, so that an index on the key serves it: '0' is the character after '/'.
    return
      "SELECT \(columns) FROM current WHERE key >= 'sharing/\(kind)/' AND key < 'sharing/\(kind)0' GROUP BY key"
  }
}
