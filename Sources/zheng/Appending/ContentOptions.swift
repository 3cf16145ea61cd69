import ArgumentParser
import Workflows

/// What plain records say beside their content: for the commands that sign them.
struct ContentOptions: ParsableArguments {
  @Option(help: "The media type of the content.") var type = StatementSigner.standardType
  @Option(help: "What the records are about: an item, a request or a case.") var subject: String?
  @Option(help: "The member that issues the statement. Default: the one whose key it is.") var issuer: String?
  @Option(
    help:
      "Record them by this time or not at all: \(Moment.help); a day is included. Default: no limit."
  )
  var expires: Moment?
  @Flag(help: "Each line of the files is a record, without its newline.") var lines = false
  @Flag(help: "Accept empty standard input; otherwise it is taken for a mistake.") var allowEmpty = false

  /// Whether none of it was given.
  var isDefault: Bool {
    type == StatementSigner.standardType && subject == nil && issuer == nil && expires == nil && !lines
  }
}
