import Foundation
import Ledger
import LedgerClient
import LedgerCrypto
import LedgerStore
import Logging
import Scenarios
import Statements
import TestKit
import Testing

@testable import LedgerNode

/// The document that a node serves of itself.
private struct Document {
  struct Operation {
    let path, method: String
    let fields: [String: Any]

    var parameters: [[String: Any]] { fields["parameters"] as? [[String: Any]] ?? [] }

    func names(_ place: String) -> [String] {
      parameters.filter { $0["in"] as? String == place }.compactMap { $0["name"] as? String }
    }

    /// The contents of the answer with this status, by media type; nil where the document knows no such answer.
    func contents(_ status: Int) -> [String: Any]? {
      guard let response = (fields["responses"] as? [String: Any])?["\(status)"] as? [String: Any] else {
        return nil
      }
      return response["content"] as? [String: Any] ?? [:]
    }
  }

  let operations: [Operation]
  private let schemas: [String: Any]

  init(_ bytes: [UInt8]) throws {
    let whole = try #require(try JSONSerialization.jsonObject(with: Data(bytes)) as? [String: Any])
    #expect(whole["openapi"] as? String == "3.1.0")
    let paths = try #require(whole["paths"] as? [String: [String: [String: Any]]])
    operations = paths.flatMap { path, methods in
      methods.map { Operation(path: path, method: $0.key.uppercased(), fields: $0.value) }
    }
    schemas = try #require((whole["components"] as? [String: Any])?["schemas"] as? [String: Any])
  }

  /// Why `value` is not what `schema` says; nil where it is. Of JSON Schema what the document uses.
  func fault(_ value: Any, _ schema: [String: Any]) -> String? {
    if let reference = schema["$ref"] as? String {
      let name = String(reference.split(separator: "/").last ?? "")
      guard let schema = schemas[name] as? [String: Any] else { return "no schema \(name)" }
      return fault(value, schema).map { "\(name): \($0)" }
    }
    if let choices = schema["oneOf"] as? [[String: Any]] {
      let faults = choices.map { fault(value, $0) }
      return faults.count { $0 == nil } == 1 ? nil : "not one of \(faults)"
    }
    switch schema["type"] as? String {
    case "object":
      guard let value = value as? [String: Any] else { return "no object" }
      let properties = schema["properties"] as? [String: [String: Any]] ?? [:]
      for name in schema["required"] as? [String] ?? [] where value[name] == nil {
        return "\(name) is missing"
      }
      for (name, field) in value {
        guard let schema = properties[name] else { return "\(name) is unknown" }
        if let fault = fault(field, schema) { return "\(name): \(fault)" }
      }
      return nil
    case "array":
      guard let values = value as? [Any], let items = schema["items"] as? [String: Any] else {
        return "no array"
      }
      return values.lazy.compactMap { fault($0, items) }.first
    case "string":
      guard let text = value as? String else { return "no string" }
      if let words = schema["enum"] as? [String], !words.contains(text) { return "\(text) is no such word" }
      if let pattern = schema["pattern"] as? String,
        text.range(of: pattern, options: .regularExpression) == nil
      {
        return "\(text) is not \(pattern)"
      }
      return nil
    case "integer": return value is UInt64 || value is Int ? nil : "no integer"
    case "boolean": return value is Bool ? nil : "no truth value"
    default: return "a schema of no type"
    }
  }
}

@Suite("The document that describes the node", .timeLimit(.minutes(30))) struct OpenAPITests {
  /// What is asked of each route: by its path and query what the document calls it.
  private func examples(_ wire: Wire, _ receipt: NodeReceipt) throws -> [String: [String]] {
    let (list, digest) = (Hex.encode(StateKey.subject("case 7", of: StateKey.plain).bytes), receipt.id)
    let roster = try wire.request("GET", "/members").json(NodeMembers.self).roster
    return [
      "/openapi.json": ["/openapi.json"], "/formats": ["/formats"],
      "/entries": ["/entries?index=0", "/entries?index=9", "/entries"],
      "/entries/{name}": ["/entries/2", "/entries/3", "/entries/9", "/entries/x"],
      "/checkpoint": ["/checkpoint", "/checkpoint?since=1", "/checkpoint?since=x"],
      "/tile/{path}": ["/tile/0/000.p/4", "/tile/9"], "/policy": ["/policy"], "/health": ["/health"],
      "/metrics": ["/metrics"], "/session": ["/session"],
      "/proof/{name}": ["/proof/2", "/proof/2?at=head", "/proof/3", "/proof/x"],
      "/proof": ["/proof?subject=case%207", "/proof?item=a", "/proof"],
      "/status": ["/status?item=a&since=1", "/status?item=a", "/status"],
      "/state": ["/state?key=\(list)", "/state"],
      "/state/subject/{owner}/{subject}": ["/state/subject/plain/a", "/state/subject/nobody/a"],
      "/state/digest/{digest}": ["/state/digest/\(digest)", "/state/digest/x"],
      "/state/statement/{id}": ["/state/statement/\(digest)", "/state/statement/x"],
      "/state/item/{item}": ["/state/item/a", "/state/item/%00"],
      "/state/request/{request}": ["/state/request/a", "/state/request/%ff"],
      "/records": ["/records", "/records?limit=1", "/records?list=\(list)", "/records?limit=0"],
      "/values": ["/values?prefix=ab", "/values"],
      "/blocks": ["/blocks", "/blocks?limit=1", "/blocks?entry=0", "/blocks?entry=9", "/blocks?limit=0"],
      "/blocks/{height}": ["/blocks/0", "/blocks/9", "/blocks/x"], "/events": [],
      "/roster": ["/roster"], "/roster/{root}": ["/roster/\(roster)", "/roster/\(digest)", "/roster/x"],
      "/members": ["/members", "/members?at=0", "/members?at=9", "/members?at=x"],
    ]
  }

  @Test("every answer of every route is of a status, a media type and a form that the document names")
  func answers() async throws {
    let ledger = try TestLedger()
    try await withNode(ledger) { node in
      try await node.connected { wire in
        let receipt = try wire.post(ledger.entry([1])).json(NodeReceipt.self)
        let document = try Document(wire.request("GET", "/openapi.json").body)
        func check(_ answer: WireResponse, _ operation: Document.Operation, _ name: String) throws {
          let contents = try #require(operation.contents(answer.status), "\(name): \(answer.status)")
          let type = String(answer["content-type"]?.prefix { $0 != ";" } ?? "")
          let content = try #require(contents[type] as? [String: Any], "\(name): \(type)")
          guard let schema = content["schema"] as? [String: Any] else { return }
          let fault = document.fault(
            try JSONSerialization.jsonObject(with: Data(answer.body), options: .fragmentsAllowed), schema)
          #expect(fault == nil, "\(name): \(answer.text.prefix(500))")
        }
        let examples = try self.examples(wire, receipt)
        let reading = document.operations.filter { $0.method == "GET" }
        #expect(Set(reading.map(\.path)) == Set(examples.keys))
        for operation in reading {
          for path in examples[operation.path] ?? [] {
            for type in ["application/json", "text/csv", "text/plain", "application/cose"] {
              try check(wire.request("GET", path, ["Accept: \(type)"]), operation, "\(path) \(type)")
            }
          }
        }
        let posts = document.operations.filter { $0.method == "POST" }
        #expect(document.operations.count == reading.count + posts.count)
        #expect(Set(posts.map(\.path)) == ["/entries", "/session"])
        let writing = try #require(posts.first { $0.path == "/entries" })
        let (cose, sequence) = ("Content-Type: application/cose", SequenceTests.type)
        let entry = try ledger.entry([2])
        for (headers, body) in [
          ([cose], entry), ([cose], entry), ([cose, "Accept: text/plain"], entry),
          ([cose, "Prefer: return=minimal"], try ledger.entry([3])),
          ([sequence], try entry + ledger.entry([4], issuer: "x")),
          ([cose], [0]), ([], entry), ([cose], try ledger.entry([5], issuer: "x")),
          ([cose], try ledger.entry([5], ledger: .zero)),
        ] {
          try check(wire.post(body, headers), writing, "\(headers)")
        }
      }
    }
  }

  @Test("a route takes the parameters that the document names, no others, and only what they may be")
  func parameters() async throws {
    let ledger = try TestLedger()
    try await withNode(ledger) { node in
      try await node.connected { wire in
        let receipt = try wire.post(ledger.entry([1])).json(NodeReceipt.self)
        let document = try Document(wire.request("GET", "/openapi.json").body)
        for operation in document.operations where operation.method == "GET" {
          // The first is good.
          guard let good = try self.examples(wire, receipt)[operation.path]?.first else { continue }
          let (path, query) = (good.prefix { $0 != "?" }, good.drop { $0 != "?" }.dropFirst())
          let inBraces = operation.path.split(separator: "/").filter { $0.hasPrefix("{") }
          #expect(operation.names("path").map { "{\($0)}" } == inBraces.map(String.init))
          func status(_ query: some StringProtocol) throws -> Int {
            try wire.request("GET", "\(path)?\(query)").status
          }
          #expect(try status(query) == 200, "\(good)")
          for wrong in operation.names("query").map({ "\($0)=" }) + ["nonsense=1"] {
            #expect(
              try status(query.isEmpty ? wrong : "\(query)&\(wrong)") == 400, "\(operation.path) \(wrong)")
          }
          let required = operation.parameters.filter {
            $0["in"] as? String == "query" && $0["required"] as? Bool == true
          }
          if !required.isEmpty { #expect(try status("") == 400, "\(operation.path)") }
        }
      }
    }
  }

  @Test("the formats name every kind and record of every scenario, with all their fields")
  func formats() async throws {
    let ledger = try TestLedger()
    try await withNode(ledger) { node in
      let page = try await node.connected { try $0.request("GET", "/formats") }
      #expect(page.status == 200 && page["content-type"] == "text/plain; charset=utf-8")
      for scenario in Scenarios.all {
        #expect(page.text.contains(scenario.cddl))
        for kind in scenario.kinds {
          #expect(page.text.contains("; \(Kind.prefix)\(scenario.name).\(kind.name)+cbor\n"))
        }
      }
      #expect(page.text.contains(ledger.id.hex))
    }
  }

  @Test(
    "each route of the router but the pages is in the document, with its methods, and each of the document is a route"
  )
  func table() async throws {
    let ledger = try TestLedger()
    let committer = try Committer(LedgerWriter(ledger.folder, .inTests))
    let router = NodeRoutes(
      committer: committer, visitors: Visitors(connectionLimit: 1, byteLimit: 1), settings: TestNode.patient,
      log: LimitedLog(Logger(label: "test")), audits: NodeAudits(committer, TestNode.patient)
    ).router()
    let paths = router.routes.map { route in
      let parts = route.path.description.split(separator: "/").map { $0 == "**" ? "{path}" : $0 }
      return "/" + parts.joined(separator: "/")
    }
    try await committer.stop()
    try await withNode(ledger) { node in
      try await node.connected { wire in
        let document = try Document(wire.request("GET", "/openapi.json").body)
        let operations = Dictionary(grouping: document.operations, by: \.path)
        // Pages are for people, and the document for programs.
        let pages =
          PageRoute.all.map { "/\($0.name)" } + ["/\(PageAsset.style.name)", "/\(PageAsset.script.name)"]
        #expect(
          Set(operations.keys).union(pages) == Set(paths) && Set(operations.keys).isDisjoint(with: pages))
        for (path, here) in operations {
          let address = path.replacing("{path}", with: "0/000.p/2").replacing(#/\{\w+\}/#, with: "0")
          let methods = Set(here.map(\.method) + (here.contains { $0.method == "GET" } ? ["HEAD"] : []))
          for method in ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "QUERY"]
          where path != "/events" {
            let answer = try wire.request(method, address, body: method == "POST" ? [] : nil)
            #expect(
              (answer.status == 405) == !methods.contains(method), "\(method) \(path): \(answer.status)")
            if answer.status == 405 {
              #expect(
                Set((answer["allow"] ?? "").components(separatedBy: ", ")) == methods, "\(method) \(path)")
            }
          }
        }
      }
    }
  }
}
