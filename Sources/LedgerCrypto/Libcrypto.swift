internal import COpenSSL

/// libcrypto as a whole: what it says of itself, and what a process tells it.
@safe public enum Libcrypto {
  /// Its name and version, as in `OpenSSL 3.0.15 3 Sep 2024`.
  public static var version: String { unsafe String(cString: OpenSSL_version(OPENSSL_VERSION)) }

  /// Has libcrypto leave to the system what it holds when the process exits (`OPENSSL_INIT_NO_ATEXIT`, `OPENSSL_init_crypto(3)`).
  ///
  /// By itself it frees then what belongs to every thread, also to one that ends in the same moment, which crashes the process
  /// after its work is done (openssl/openssl issue 6214). For programs, which call it before anything else of libcrypto: later it
  /// has no effect.
  public static func skipCleanupAtExit() {
    // Where it can't be initialised, whatever is asked of it next says so.
    _ = OPENSSL_init_crypto(UInt64(OPENSSL_INIT_NO_ATEXIT), nil)
  }
}
