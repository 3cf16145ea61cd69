/// JSON that is put together here; an object's names are written in their order.
indirect enum JSONTree: Encodable, Sendable {
  case text(String)
  case number(UInt64)
  case truth(Bool)
  case array([JSONTree])
  case object([String: JSONTree])

  func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    switch self {
    case .text(let text): try container.encode(text)
    case .number(let number): try container.encode(number)
    case .truth(let truth): try container.encode(truth)
    case .array(let items): try container.encode(items)
    case .object(let fields): try container.encode(fields)
    }
  }
}

extension JSONTree: ExpressibleByStringLiteral, ExpressibleByStringInterpolation, ExpressibleByBooleanLiteral,
  ExpressibleByIntegerLiteral, ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
  init(stringLiteral text: String) { self = .text(text) }
  init(booleanLiteral truth: Bool) { self = .truth(truth) }
  init(integerLiteral number: UInt64) { self = .number(number) }
  init(arrayLiteral items: JSONTree...) { self = .array(items) }
  init(dictionaryLiteral fields: (String, JSONTree)...) {
    self = .object(Dictionary(fields, uniquingKeysWith: { $1 }))
  }
}
