import COpenSSL
import Foundation
import LedgerCrypto
import Testing

@testable import zheng

@Suite("The end of a command's process")
struct ExitTests {
  /// With this a process exits where libcrypto begins to free what its threads have.
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
}
