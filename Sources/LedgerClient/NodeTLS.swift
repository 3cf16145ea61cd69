import NIOSSL

/// Whom a node of https is judged by, and by what it knows the client. What is nil is the system's, or is not shown.
public struct NodeTLS: Hashable, Sendable {
  /// A PEM file of the certificates that are trusted in place of the system's.
  public var authorities: String?
  /// A PEM file of the client's certificate with those that lead to its authority, and the one of its key.
  public var certificate, key: String?

  /// - Parameters: paths of PEM files; `certificate` and `key` go together.
  public init(authorities: String? = nil, certificate: String? = nil, key: String? = nil) {
    (self.authorities, self.certificate, self.key) = (authorities, certificate, key)
  }

  package var configuration: TLSConfiguration {
    get throws(NodeClientError) {
      var configuration = TLSConfiguration.makeClientConfiguration()
      configuration.minimumTLSVersion = .tlsv12
      if let authorities {
        configuration.trustRoots = .certificates(try certificates(authorities))
      }
      if let certificate, let key {
        configuration.certificateChain = try certificates(certificate).map { .certificate($0) }
        do { configuration.privateKey = .privateKey(try NIOSSLPrivateKey(file: key, format: .pem)) } catch {
          throw NodeClientError(
            .credentials, "\(key) holds no private key in PEM that can be read without a passphrase: \(error)"
          )
        }
      }
      return configuration
    }
  }

  private func certificates(_ path: String) throws(NodeClientError) -> [NIOSSLCertificate] {
    do {
      let certificates = try NIOSSLCertificate.fromPEMFile(path)
      guard certificates.isEmpty else { return certificates }
    } catch {
      throw NodeClientError(.credentials, "\(path) holds no certificates in PEM: \(error)")
    }
    throw NodeClientError(.credentials, "\(path) holds no certificates in PEM")
  }
}
