import Certificates
import Ledger
import LedgerCrypto
import Scenarios

/// The fields of a statement as inputs, each with its name and what it means.
extension Page {
  /// Every field of `form`.
  ///
  /// - Parameters:
  ///   - typed: what was typed before.
  ///   - wrong: the field that will not do, and what it must be.
  func inputs(_ form: StatementForm, _ typed: [String: String], wrong: (path: String, must: HTML)?) throws
    -> HTML
  {
    try inputs(form.fields, "", form.suggested.merging(typed) { $1 }, wrong)
  }

  private func inputs(
    _ fields: [FieldDescription], _ prefix: String, _ values: [String: String],
    _ wrong: (path: String, must: HTML)?
  ) throws -> HTML {
    var html: HTML = ""
    for field in fields {
      let path = prefix + field.key
      if case .map(let inner) = field.content {
        html += try
          "<fieldset><legend>\(fieldName(path))</legend>\(inputs(inner, path + ".", values, wrong))</fieldset>"
        continue
      }
      guard let input = try input(field, path, values[path] ?? "", isWrong: wrong?.path == path) else {
        continue
      }
      let id = "f-\(path)"
      let mark: HTML =
        field.presence == .required
        ? try "<span class=\"soft\">\(text("form.must"))</span>"
        : try "<span class=\"soft\">\(text("form.may"))</span>"
      html += try """
      <p class="field"><label for="\(id)">\(fieldName(path))</label> \(mark)
      \(input)<span class="meaning" id="\(id)-means">\(fieldMeaning(path))\(formHint(field))</span>
      """
      if let wrong, wrong.path == path { html += "<span class=\"b\" role=\"alert\">✕ \(wrong.must)</span>" }
      html += "</p>"
    }
    return html
  }

  /// What a field means.
  func fieldMeaning(_ path: String) throws -> HTML { try text("means.\(path)") }

  private func formHint(_ field: FieldDescription) throws -> HTML {
    switch field.content {
    case .texts: try " \(text("form.a-line-each"))"
    case .unsigned(let range) where FormReader.isTime(range):
      try " \(text("form.by-clock", ["clock": clock()]))"
    case .bytes(let count): try " \(text("form.digits", ["count": "\(2 * count.lowerBound)"]))"
    case .text, .word, .unsigned, .unsigneds, .map, .maps: ""
    }
  }

  /// The input of a field; nil for what no form has.
  private func input(_ field: FieldDescription, _ path: String, _ value: String, isWrong: Bool) throws
    -> HTML?
  {
    let id = "f-\(path)"
    let isRequired = field.presence == .required
    let common: HTML = """
      id="\(id)" name="\(path)" aria-describedby="\(id)-means"\(when(isRequired, " required"))\(when(isWrong, " aria-invalid=\"true\"")) autocomplete="off"
      """
    switch field.content {
    case .text(_, .plain) where Page.memberFields.contains(path):
      var html: HTML = "<select \(common)><option value=\"\"></option>"
      for member in state.roster.members where member.isInForce(at: state.height) {
        html += try
          "<option value=\"\(member.id)\"\(when(member.id == value, " selected"))>\(shown(member.name))</option>"
      }
      return html + "</select>"
    case .text(let bytes, _) where bytes.upperBound > 256:
      return "<textarea \(common) rows=\"3\" maxlength=\"\(bytes.upperBound)\">\(value)</textarea>"
    case .text(let bytes, _):
      return "<input \(common) value=\"\(value)\" maxlength=\"\(bytes.upperBound)\">"
    case .word(let words):
      var html: HTML = "<select \(common)>\(when(!isRequired, "<option value=\"\"></option>"))"
      for word in words {
        html += try
          "<option value=\"\(word)\"\(when(word == value, " selected"))>\(text("value.\(word)"))</option>"
      }
      return html + "</select>"
    case .unsigned(let range) where FormReader.isTime(range):
      return "<input \(common) type=\"datetime-local\" step=\"1\" value=\"\(value)\">"
    case .unsigned:
      return "<input \(common) inputmode=\"numeric\" pattern=\"[0-9]+\" value=\"\(value)\">"
    case .bytes(let count):
      // A digest is of a file, which the page's script hashes here.
      let file: HTML =
        count.lowerBound == Digest.byteCount && count.count == 1
        ? try
          "<label class=\"button plain\" hidden>\(text("form.of-file"))<input type=\"file\" class=\"hidden\" data-hashes=\"\(id)\"></label>"
        : ""
      return
        "<input \(common) class=\"mono\" value=\"\(value)\" maxlength=\"\(3 * count.upperBound)\">\(file)"
    case .texts, .unsigneds:
      return "<textarea \(common) rows=\"4\">\(value)</textarea>"
    case .map, .maps: return nil
    }
  }
}
