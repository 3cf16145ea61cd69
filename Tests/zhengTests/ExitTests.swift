import COpenSSL
import Foundation
import LedgerCrypto
import Measures
import Testing

@testable import zheng

@Suite("The end of a command's process", .timeLimit(.minutes(30)))
struct ExitTests {
  /// With this a process exits where it begins to clean up.
  private static let cleanedUp: Int32 = 99

  @Test("libcrypto frees nothing, for the command's thread may just be ending")
  func libcryptoFreesNothing() async {
    await #expect(processExitsWith: .exitCode(ExitStatus.cannotCreate.rawValue)) {
      OPENSSL_atexit { _exit(ExitTests.cleanedUp) }
      // A key is made before it is seen that there is no place for it.
      await Zheng.executeAndExit(["key", "new", "/dev/null"])
    }
    // It would, if it were not told.
    await #expect(processExitsWith: .exitCode(ExitTests.cleanedUp)) {
      OPENSSL_atexit { _exit(ExitTests.cleanedUp) }
      _ = try PrivateKey(generating: .es256)
      exit(0)
    }
  }

  @Test("from its beginning on, what is interrupted is ended before the process is")
  func interrupted() async {
    // The signal comes at once; before somebody waits for it, it would end the process by itself.
    for _ in 0..<4 {
      await #expect(processExitsWith: .exitCode(ExitTests.cleanedUp)) {
        try Interruption.with(beginning: {}, ending: { _exit(ExitTests.cleanedUp) }) {
          kill(getpid(), SIGINT)
          while true { pause() }
        }
      }
      await #expect(processExitsWith: .exitCode(128 + SIGINT)) {
        try Interruption.with(beginning: {}, ending: {}) {
          kill(getpid(), SIGINT)
          while true { pause() }
        }
      }
    }
  }
}
