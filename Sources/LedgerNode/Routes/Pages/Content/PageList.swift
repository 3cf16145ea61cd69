extension PageRoute {
  /// Every page, in the order of the bar above.
  static let all = [
    Page.check, Page.overview, Page.evidence, Page.board, Page.members, Page.audit, Page.todo,
    Page.statement, Page.preparedStatement, Page.item, Page.caseItems,
    Page.certificate, Page.record, Page.block, Page.digest, Page.request, Page.report, Page.reportTable,
    Page.catalogue, Page.find,
    Page.screen,
  ]
}
