import Hummingbird

/// `GET /openapi.json`: the document that describes the node to programs (OpenAPI 3.1), made of the table of routes.
enum OpenAPI {
  static func answer(_ routes: [Route], version: String) throws -> Answer {
    try Answer(.ok, json: document(routes, version: version), .none)
  }

  private static func document(_ routes: [Route], version: String) -> JSONTree {
    var paths: [String: [String: JSONTree]] = [:]
    for route in routes { paths[route.path, default: [:]][route.name] = operation(route) }
    let schemas = routes.flatMap(\.gives).compactMap(\.form).flatMap(\.schemas) + [Schema.problem]
    return [
      "openapi": "3.1.0",
      "info": ["title": "A node of a ledger", "version": .text(version), "description": .text(description)],
      "servers": [["url": "."]],
      "paths": .object(paths.mapValues { .object($0) }),
      "components": [
        "schemas": .object(Dictionary(schemas.map { ($0.name, $0.json) }, uniquingKeysWith: { $1 }))
      ],
    ]
  }

  private static let description = """
    Statements are COSE_Sign1; /formats says how they and their payloads are made. HEAD works as GET. A parameter that is not named \
    here is refused; values are percent-encoded, and a + is a plus. An answer with an ETag is 304 where If-None-Match names it. Proofs are C2SP tlog-proofs, which hold under the \
    policy without this node; what comes with neither a proof nor a signature is by the node's word. Indices count entries and \
    heights count blocks, both from 0.
    """

  private static func operation(_ route: Route) -> JSONTree {
    var operation: [String: JSONTree] = [
      "operationId": .text(route.operationID), "summary": .text(route.summary),
      "parameters": .array(
        route.parts.map { parameter($0, "path") } + route.query.map { parameter($0, "query") }
          + route.headers.map { parameter($0, "header") }),
      "responses": .object(responses(route)),
      // Whether it shows records, or what is derived from them.
      "x-shows-records": .truth(route.shows == .records),
    ]
    if case .submit = route.work { operation["requestBody"] = requestBody }
    if case .beginSession = route.work {
      operation["requestBody"] = [
        "required": true,
        "content": [
          "application/x-www-form-urlencoded": [
            "schema": [
              "type": "object", "properties": ["token": ["type": "string"]], "required": ["token"],
            ]
          ]
        ],
      ]
    }
    return .object(operation)
  }

  private static let requestBody: JSONTree = [
    "required": true,
    "content": [
      "application/cose": [
        "schema": [
          "type": "string", "format": "binary", "description": "a statement: a COSE_Sign1 of at most 1 MiB",
        ]
      ],
      "application/cbor-seq": [
        "schema": [
          "type": "string", "format": "binary",
          "description": "statements one after the other (RFC 8742), of at most 8 MiB; each gets a verdict",
        ]
      ],
    ],
  ]

  private static func parameter(_ parameter: QueryParameter, _ place: String) -> JSONTree {
    let one = parameter.form.json
    let schema: JSONTree =
      parameter.most == 1
      ? one
      : [
        "type": "array", "items": one, "minItems": 1, "maxItems": .number(UInt64(parameter.most)),
      ]
    return [
      "name": .text(parameter.name), "in": .text(place), "description": .text(parameter.meaning),
      "schema": schema,
      "required": .truth(place == "path" || parameter.isRequired),
    ]
  }

  private static func responses(_ route: Route) -> [String: JSONTree] {
    var responses: [String: JSONTree] = [:]
    for status in route.problems {
      responses["\(status.code)"] = response(status, ["application/problem+json": .object(Schema.problem)])
    }
    if route.hasEntityTag {
      responses["304"] = ["description": .text(HTTPResponse.Status.notModified.reasonPhrase)]
    }
    for content in route.gives {
      for status in content.statuses {
        let forms = route.gives.filter { $0.statuses.contains(status) }.map { ($0.type, $0.form) }
        var contents = Dictionary(forms, uniquingKeysWith: { first, _ in first })
        if route.problems.contains(status) { contents["application/problem+json"] = .object(Schema.problem) }
        responses["\(status.code)"] = response(status, contents)
      }
    }
    return responses
  }

  private static func response(_ status: HTTPResponse.Status, _ contents: [String: Schema.Form?]) -> JSONTree
  {
    let content = contents.map { type, form -> (String, JSONTree) in
      let schema = form.map(\.json)
      return (type, schema.map { ["schema": $0] } ?? [:])
    }
    return [
      "description": .text(status.reasonPhrase),
      "content": .object(Dictionary(uniqueKeysWithValues: content)),
    ]
  }
}

extension Route {
  /// The method of the document; `HEAD` works as `GET`.
  fileprivate var name: String { methods[0].rawValue.lowercased() }

  fileprivate var operationID: String {
    ([name] + path.split { !$0.isLetter && !$0.isNumber }.map(String.init)).joined(separator: "-")
  }

  fileprivate var hasEntityTag: Bool {
    switch work {
    case .submit, .follow, .measure, .form, .beginSession, .beginAudit, .posted, .validator: false
    case .read, .page, .prove: true
    }
  }

  /// The statuses of the problems that it may answer with.
  fileprivate var problems: [HTTPResponse.Status] {
    let all: [HTTPResponse.Status] = [
      .badRequest, .misdirectedRequest, .tooManyRequests, .requestHeaderFieldsTooLarge, .internalServerError,
      .serviceUnavailable,
    ]
    let own: [HTTPResponse.Status] =
      switch work {
      case .submit:
        [
          .forbidden, .requestTimeout, .conflict, .contentTooLarge, .unsupportedMediaType, .expectationFailed,
          .unprocessableContent,
        ]
      case .follow, .form, .beginAudit: []
      case .measure: [.forbidden]
      case .beginSession:
        [.unauthorized, .forbidden, .requestTimeout, .contentTooLarge, .unsupportedMediaType]
      case .validator:
        [.unauthorized, .forbidden, .notFound, .requestTimeout, .contentTooLarge, .unsupportedMediaType]
      case .read, .page: [.notFound]
      case .posted: [.notFound, .requestTimeout, .contentTooLarge, .unsupportedMediaType]
      case .prove: [.notFound, .contentTooLarge]
      }
    // Where members read, for want of a member's token.
    return all + own + (shows == .records ? [.unauthorized, .forbidden] : [])
  }
}
