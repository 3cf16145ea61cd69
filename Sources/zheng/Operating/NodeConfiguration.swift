import Workflows

/// Where else the options of `zheng node` come from: for `--listen` the variable `ZHENG_NODE_LISTEN`, and `"listen"` in the JSON file that
/// `--config` or `ZHENG_NODE_CONFIG` names. A flag goes before a variable, and a variable before the file.
///
/// What is said once, to one start, is no configuration: --clock-is-right and --adopt-head are flags alone.
enum NodeConfiguration {
  static let options: [(name: String, form: OptionsFile.Form)] = [
    ("listen", .text), ("host-name", .texts), ("base-path", .text), ("tls-cert", .text), ("tls-key", .text),
    ("tls-client-ca", .text), ("trusted-proxy", .texts), ("read", .text), ("metrics", .text),
    ("log-level", .text), ("validator", .text), ("board", .texts), ("board-user", .text),
    ("board-password-file", .text), ("board-ca", .text), ("peer", .texts), ("peer-ca", .text),
    ("own-url", .text),
    ("block-delay-ms", .number), ("queue", .number), ("connections-per-address", .number),
    ("records-per-minute", .number), ("least-free", .number),
  ]

  /// `arguments` with the options that come from elsewhere; those of another command as they are.
  ///
  /// - Throws: usage; no such input.
  static func completed(_ arguments: [String]) throws -> [String] {
    guard arguments.first == "node" else { return arguments }
    let environment = CommandContext.current.environment
    func variable(_ name: String) -> String? {
      let value = environment["ZHENG_NODE_" + name.uppercased().replacing("-", with: "_")]
      return value.flatMap { $0.isEmpty ? nil : $0 }
    }
    func isGiven(_ name: String) -> Bool {
      arguments.contains { $0 == "--\(name)" || $0.hasPrefix("--\(name)=") }
    }
    var (added, here): ([String], Set<String>) = ([], [])
    func add(_ name: String, _ values: [String]) {
      guard !isGiven(name), here.insert(name).inserted else { return }
      added += values.map { "--\(name)=\($0)" }
    }
    for (name, form) in options {
      guard let value = variable(name) else { continue }
      if case .texts = form {
        add(name, value.split(separator: ",").map(String.init))
      } else {
        add(name, [value])
      }
    }
    if let file = configurationFile(arguments) ?? variable("config") {
      for (name, values) in try OptionsFile.read(file, options) { add(name, values) }
    }
    return ["node"] + added + arguments.dropFirst()
  }

  /// The file that `--config` names.
  private static func configurationFile(_ arguments: [String]) -> String? {
    if let index = arguments.firstIndex(of: "--config"), index + 1 < arguments.count {
      return arguments[index + 1]
    }
    return arguments.first { $0.hasPrefix("--config=") }.map { String($0.dropFirst("--config=".count)) }
  }
}
