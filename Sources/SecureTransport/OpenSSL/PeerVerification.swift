internal import COpenSSL

/// Judges a peer's certificate chain, in place of OpenSSL's own last step, so that a refusal for *our* reasons (the
/// URI, the application protocol) also happens within the handshake and reaches the peer as an alert.
enum PeerVerification {
  /// - Returns: 1 to accept; otherwise the refusal is noted on the connection and OpenSSL sends the alert.
  static func verify(_ chain: OpaquePointer?) -> Int32 {
    let connection = OpenSSLConnection.of(verifying: chain)
    guard let connection, let chain else { return 0 }
    do {
      if connection.agreedProtocol == .strangers {
        connection.meet(try stranger(of: chain, on: connection))
      } else {
        connection.accept(try judge(chain, on: connection))
      }
      return 1
    } catch {
      connection.refuse(error.asTLSError)
      X509_STORE_CTX_set_error(chain, error.verifyResult)
      return 0
    }
  }

  /// A refusal, and the result from which OpenSSL derives the alert.
  private struct Refusal: Error {
    let asTLSError: TLSError
    let verifyResult: Int32
  }

  /// Whoever shows a certificate is one; TLS itself sees to it that it holds the key. What it showed is kept, to be judged
  /// when there is somebody to trust.
  private static func stranger(
    of chain: OpaquePointer, on connection: OpenSSLConnection
  ) throws(Refusal) -> TLSStranger {
    guard let shown = PeerCertificates(unverified: chain) else {
      throw Refusal(
        asTLSError: TLSError(.noCertificate, "the peer presented no certificate"),
        verifyResult: X509_V_ERR_UNSPECIFIED)
    }
    connection.certificates = shown
    return TLSStranger(certificateDER: shown.leaf.der)
  }

  private static func judge(
    _ chain: OpaquePointer, on connection: OpenSSLConnection
  ) throws(Refusal) -> TLSPeer {
    guard connection.agreedProtocol == .members else {
      throw Refusal(
        asTLSError: .noAgreedProtocol, verifyResult: X509_V_ERR_APPLICATION_VERIFICATION)
    }
    return try judgeChain(chain, on: connection, by: connection.context)
  }

  /// Judges certificates that a peer showed earlier by what is in force now.
  ///
  /// - Parameters:
  ///   - connection: what the peer is asked for: role, host name, URI.
  ///   - context: whose authorities and revocation lists decide.
  /// - Throws: `TLSError`, as the handshake would fail with.
  static func judge(
    _ certificates: PeerCertificates, on connection: OpenSSLConnection, by context: OpenSSLContext
  ) throws(TLSError) -> TLSPeer {
    OpenSSLErrorQueue.clear()
    defer { OpenSSLErrorQueue.clear() }
    guard let chain = X509_STORE_CTX_new() else {
      throw TLSError(drainingQueueAs: .library, "OpenSSL could not make a verification")
    }
    defer { X509_STORE_CTX_free(chain) }
    // The issuers are part of the verification only as long as their list lives.
    let verdict: Result<TLSPeer, TLSError> = certificates.withIssuers { issuers in
      guard connection.prepare(chain, toVerify: certificates.leaf, issuers, by: context) else {
        return .failure(
          TLSError(drainingQueueAs: .library, "OpenSSL could not begin a verification"))
      }
      do throws(Refusal) {
        return .success(try judgeChain(chain, on: connection, by: context))
      } catch {
        return .failure(error.asTLSError)
      }
    }
    return try verdict.get()
  }

  private static func judgeChain(
    _ chain: OpaquePointer, on connection: OpenSSLConnection, by context: OpenSSLContext
  ) throws(Refusal) -> TLSPeer {
    connection.warnings = []
    X509_STORE_CTX_set_verify_cb(chain) { accepted, chain in
      PeerVerification.tolerate(accepted, chain)
    }
    guard X509_verify_cert(chain) == 1 else {
      let result = X509_STORE_CTX_get_error(chain)
      let certificate = X509_STORE_CTX_get_current_cert(chain).map {
        OpenSSLCertificate(sharing: $0)
      }
      let error = TLSError(verifyResult: result, certificate: certificate)
      // From a signature that fails (an authority made anew under its old name) OpenSSL would derive `decrypt_error`,
      // as for altered bytes.
      throw Refusal(
        asTLSError: error,
        verifyResult: error.code == .unknownAuthority
          ? X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY : result)
    }
    if context.requiresCurrentLists, let warning = connection.warnings.first {
      // To the peer it is none of the reasons that TLS has a word for.
      throw Refusal(
        asTLSError: TLSError(.revocationListRejected, warning.text),
        verifyResult: X509_V_ERR_DIFFERENT_CRL_SCOPE)
    }
    let verified = PeerCertificates(verified: chain)
    guard let verified else {
      throw Refusal(
        asTLSError: TLSError(.noCertificate, "the peer presented no certificate"),
        verifyResult: X509_V_ERR_UNSPECIFIED)
    }
    connection.certificates = verified
    return try identify(verified, on: connection)
  }

  private static func identify(
    _ certificates: PeerCertificates, on connection: OpenSSLConnection
  ) throws(Refusal) -> TLSPeer {
    let certificate = certificates.leaf
    let uris = (certificate.alternativeNames ?? []).compactMap { name in
      if case .uri(let bytes) = name { bytes } else { nil }
    }
    guard let bytes = uris.first, uris.count == 1 else {
      throw Refusal(
        asTLSError: TLSError(
          .uriCount, "the peer's certificate carries \(uris.count) URIs instead of one"),
        verifyResult: X509_V_ERR_CERT_REJECTED)
    }
    let uri = String(decoding: bytes, as: UTF8.self)
    // A URI is printable ASCII (RFC 3986); this also keeps a zero byte from hiding what follows it.
    guard bytes.allSatisfy({ (0x21...0x7e).contains($0) }), connection.context.acceptsPeerURI(uri)
    else {
      throw Refusal(
        asTLSError: TLSError(.uriRefused, "the peer is \(uri), which is not accepted here"),
        verifyResult: X509_V_ERR_APPLICATION_VERIFICATION)
    }
    return TLSPeer(
      uri: uri, subject: certificate.subject,
      serial: CertificateFacts.hexadecimal(certificate.serial),
      fingerprint: CertificateFacts.hexadecimal(certificate.fingerprint),
      notAfterSeconds: certificate.notAfter.seconds,
      validUntilSeconds: certificates.notAfterSeconds, warnings: connection.warnings)
  }

  /// Lets a revocation list count for what it lists when it is out of date or another authority's: OpenSSL would
  /// refuse *everybody*, and one forgotten renewal would stop all offices at once.
  private static func tolerate(_ accepted: Int32, _ chain: OpaquePointer?) -> Int32 {
    guard accepted == 0 else { return accepted }
    let warning: TLSWarning
    switch X509_STORE_CTX_get_error(chain) {
    case X509_V_ERR_CRL_HAS_EXPIRED: warning = .revocationListExpired
    case X509_V_ERR_CRL_NOT_YET_VALID: warning = .revocationListNotYetValid
    case X509_V_ERR_UNABLE_TO_GET_CRL: warning = .revocationListMissing
    default: return 0
    }
    OpenSSLConnection.of(verifying: chain)?.warnings.insert(warning)
    X509_STORE_CTX_set_error(chain, X509_V_OK)
    return 1
  }
}

extension TLSError {
  static let noAgreedProtocol = TLSError(
    .noApplicationProtocol, "the server did not agree on the application protocol")
}
