internal import COpenSSL

/// libcrypto as a whole: what it reports of itself, and how a process configures it.
@safe public enum Libcrypto {
  /// Its name and version, as in `OpenSSL 3.0.15 3 Sep 2024`.
  public static var version: String { unsafe String(cString: OpenSSL_version(OPENSSL_VERSION)) }

  /// Keeps libcrypto from freeing its memory when the process exits (`OPENSSL_INIT_NO_ATEXIT`, `OPENSSL_init_crypto(3)`).
  ///
  /// Otherwise it frees what belongs to every thread, including one that ends at the same moment, and the process crashes after
  /// its work is done (openssl/openssl issue 6214). Programs call this before anything else of libcrypto; later it has no
  /// effect.
  public static func skipCleanupAtExit() {
    // Where it can't be initialised, whatever is asked of it next says so.
    _ = OPENSSL_init_crypto(UInt64(OPENSSL_INIT_NO_ATEXIT), nil)
  }
}
