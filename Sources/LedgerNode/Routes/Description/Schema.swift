/// What an object of JSON that a node gives may hold, for who reads it by a program: a schema of OpenAPI 3.1.
struct Schema: Sendable {
  /// What a value may be.
  indirect enum Form: Sendable {
    /// An integer of 64 bits without a sign.
    case number
    /// An integer of 64 bits with a sign.
    case integer
    case truth
    case text
    /// Bytes in lower-case hex.
    case hex
    /// A SHA-256 in lower-case hex.
    case digest
    case base64
    /// One of these.
    case word([String])
    case list(Form)
    case object(Schema)
    /// One of these.
    case either([Schema.Form])
  }

  struct Field: Sendable {
    let name: String
    let form: Form
    let meaning: String
    var isOptional = false
  }

  let name: String
  let meaning: String
  let fields: [Field]

  init(_ name: String, _ meaning: String, _ fields: [Field]) {
    (self.name, self.meaning, self.fields) = (name, meaning, fields)
  }

  /// The schema as OpenAPI has it.
  var json: JSONTree {
    var properties: [String: JSONTree] = [:]
    for field in fields {
      properties[field.name] = field.form.json.adding(["description": .text(field.meaning)])
    }
    return [
      "type": "object", "description": .text(meaning), "additionalProperties": false,
      "properties": .object(properties),
      "required": .array(fields.filter { !$0.isOptional }.map { .text($0.name) }),
    ]
  }
}

extension Schema.Field {
  static func must(_ name: String, _ form: Schema.Form, _ meaning: String) -> Self {
    Self(name: name, form: form, meaning: meaning)
  }

  static func may(_ name: String, _ form: Schema.Form, _ meaning: String) -> Self {
    Self(name: name, form: form, meaning: meaning, isOptional: true)
  }
}

extension Schema.Form {
  var json: JSONTree {
    switch self {
    case .number: ["type": "integer", "format": "uint64", "minimum": 0, "maximum": .number(.max)]
    case .integer: ["type": "integer", "format": "int64"]
    case .truth: ["type": "boolean"]
    case .text: ["type": "string"]
    case .hex: ["type": "string", "pattern": "^([0-9a-f]{2})+$"]
    case .digest: ["type": "string", "pattern": "^[0-9a-f]{64}$"]
    case .base64: ["type": "string", "contentEncoding": "base64"]
    case .word(let words): ["type": "string", "enum": .array(words.map { .text($0) })]
    case .list(let form): ["type": "array", "items": form.json]
    case .object(let schema): ["$ref": "#/components/schemas/\(schema.name)"]
    case .either(let forms): ["oneOf": .array(forms.map(\.json))]
    }
  }

  /// Every object in it.
  var schemas: [Schema] {
    switch self {
    case .number, .integer, .truth, .text, .hex, .digest, .base64, .word: []
    case .list(let form): form.schemas
    case .object(let schema): [schema] + schema.fields.flatMap(\.form.schemas)
    case .either(let forms): forms.flatMap(\.schemas)
    }
  }
}

extension QueryParameter.Form {
  /// The schema of one value as OpenAPI has it.
  var json: JSONTree {
    switch self {
    case .number: Schema.Form.number.json
    case .count(let range):
      ["type": "integer", "minimum": .number(range.lowerBound), "maximum": .number(range.upperBound)]
    case .bytes(let most):
      ["type": "string", "pattern": "^([0-9a-f]{2})+$", "maxLength": .number(UInt64(2 * most))]
    case .digest: Schema.Form.digest.json
    case .text(let most):
      ["type": "string", "pattern": "^[^\\u0000]+$", "minLength": 1, "maxLength": .number(UInt64(most))]
    case .moment: ["anyOf": [Schema.Form.number.json, ["type": "string", "format": "date-time"]]]
    case .word(let words): Schema.Form.word(words).json
    }
  }
}

extension JSONTree {
  /// The object with `fields` besides its own; anything else stays as it is.
  func adding(_ fields: [String: JSONTree]) -> JSONTree {
    guard case .object(let own) = self else { return self }
    return .object(own.merging(fields) { $1 })
  }
}
