import Foundation

/// The long run of the tests, `make soak`.
///
/// A test of many minutes or many processes is `.enabled(if: Soak.isOn, "long: make soak runs it")`.
public enum Soak {
  /// Whether this is the long run: `ZHENG_SOAK=1`.
  public static let isOn = ProcessInfo.processInfo.environment["ZHENG_SOAK"] == "1"
}
