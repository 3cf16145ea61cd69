import LedgerStore
import NIOSSL

/// How a node proves to its clients who it is (TLS), and whether they must.
public struct NodeCertificate: Hashable, Sendable {
  /// A PEM file of the certificate with those that lead to its authority, and one of its private key.
  public var certificate, key: String
  /// A PEM file of the authorities of which every client must have a certificate; nil where clients need none.
  public var clientAuthorities: String?

  /// - Parameters: paths of PEM files.
  public init(certificate: String, key: String, clientAuthorities: String? = nil) {
    (self.certificate, self.key, self.clientAuthorities) = (certificate, key, clientAuthorities)
  }

  /// What the server is set up with: TLS 1.2 or later.
  ///
  /// - Throws: `Failure`, which names the file that is not what it should be.
  var configuration: TLSConfiguration {
    get throws(Failure) {
      let chain = try certificates(certificate).map { NIOSSLCertificateSource.certificate($0) }
      let privateKey: NIOSSLPrivateKey
      do { privateKey = try NIOSSLPrivateKey(file: key, format: .pem) } catch {
        throw Failure("read", key, reason: "not a private key in PEM without a passphrase (\(error))")
      }
      var configuration = TLSConfiguration.makeServerConfiguration(
        certificateChain: chain, privateKey: .privateKey(privateKey))
      configuration.minimumTLSVersion = .tlsv12
      configuration.applicationProtocols = ["http/1.1"]
      if let clientAuthorities {
        configuration.trustRoots = .certificates(try certificates(clientAuthorities))
        // A client is known by its authority; it has no host whose name could be compared.
        configuration.certificateVerification = .noHostnameVerification
      }
      do { _ = try NIOSSLContext(configuration: configuration) } catch {
        throw Failure(
          "read", key, reason: "not the private key of the certificate in \(certificate) (\(error))")
      }
      return configuration
    }
  }

  private func certificates(_ path: String) throws(Failure) -> [NIOSSLCertificate] {
    do {
      let certificates = try NIOSSLCertificate.fromPEMFile(path)
      guard certificates.isEmpty else { return certificates }
    } catch { throw Failure("read", path, reason: "not certificates in PEM (\(error))") }
    throw Failure("read", path, reason: "it has no certificates in PEM")
  }
}
