import Foundation
import Workflows

/// The terminal at which a person sits, whatever standard input and output are.
enum Terminal {
  /// Asks for a line that is not shown while it is typed.
  ///
  /// - Returns: the line without its end; nil where there is no terminal at `path`.
  static func secret(_ question: String, at path: String) throws -> [UInt8]? {
    let terminal = open(path, O_RDWR | O_NOCTTY | O_CLOEXEC)
    guard terminal >= 0 else { return nil }
    defer { close(terminal) }
    var before = termios()
    guard tcgetattr(terminal, &before) == 0 else { return nil }
    var silent = before
    // Without the line discipline nothing is shown, and Ctrl-C comes as a byte: the settings are put back before it ends the process.
    silent.c_lflag &= ~tcflag_t(ECHO | ICANON | ISIG)
    guard tcsetattr(terminal, TCSAFLUSH, &silent) == 0 else { return nil }
    defer {
      tcsetattr(terminal, TCSAFLUSH, &before)
      write(to: terminal, "\n")
    }
    write(to: terminal, question)
    var line = Line()
    while true {
      var byte: UInt8 = 0
      let count = read(terminal, &byte, 1)
      if count < 0, errno == EINTR { continue }
      guard count == 1 else { throw CommandError.usage(localized("no passphrase was given")) }
      switch line.take(byte) {
      case .more: continue
      case .whole: return line.bytes
      case .cancelled: throw CommandError.usage(localized("no passphrase was given"))
      }
    }
  }

  /// A line as it is typed.
  struct Line {
    enum Step {
      case more
      case whole
      case cancelled
    }

    private(set) var bytes: [UInt8] = []

    /// Takes a byte from the keyboard: return ends the line, Ctrl-D too, backspace takes a character off and Ctrl-U all; Ctrl-C cancels.
    mutating func take(_ byte: UInt8) -> Step {
      switch byte {
      case 0x0a, 0x0d: return .whole
      case 0x04: return bytes.isEmpty ? .cancelled : .whole
      case 0x03: return .cancelled
      case 0x15: bytes = []
      case 0x08, 0x7f:
        // All bytes of a character in UTF-8.
        while let last = bytes.popLast(), last & 0xc0 == 0x80 {}
      default: bytes.append(byte)
      }
      return .more
    }
  }

  private static func write(to terminal: Int32, _ text: String) {
    // Where nothing can be shown the question is not seen, and the answer still counts.
    _ = Array(text.utf8).withUnsafeBytes { Foundation.write(terminal, $0.baseAddress, $0.count) }
  }
}
