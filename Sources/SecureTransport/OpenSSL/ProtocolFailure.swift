internal import COpenSSL

extension TLSError {
  /// What OpenSSL's queue says about a failed handshake, read or write. The oldest known entry decides.
  init(protocolFailure steps: [OpenSSLStep]) {
    let texts = steps.map(\.text)
    for step in steps where step.library == ERR_LIB_SSL {
      if let alert = TLSAlert(reason: step.reason) {
        self.init(
          .refusedByPeer(alert), "the peer refused the connection: \(alert.meaning)",
          librarySteps: texts)
        return
      }
      if let (code, reason) = Self.meaning(ofReason: step.reason) {
        self.init(code, reason, librarySteps: texts)
        return
      }
    }
    self.init(
      .protocolViolation, "the peer broke the TLS protocol, or bytes were altered on the way",
      librarySteps: texts)
  }

  private static func meaning(ofReason reason: Int32) -> (Code, String)? {
    switch reason {
    case SSL_R_PEER_DID_NOT_RETURN_A_CERTIFICATE:
      (.noCertificate, "the peer presented no certificate")
    case SSL_R_NO_APPLICATION_PROTOCOL:
      (.noApplicationProtocol, "the peer speaks another application protocol")
    case SSL_R_UNSUPPORTED_PROTOCOL, SSL_R_WRONG_SSL_VERSION, SSL_R_VERSION_TOO_LOW,
      SSL_R_BAD_PROTOCOL_VERSION_NUMBER, SSL_R_UNKNOWN_PROTOCOL, SSL_R_UNSUPPORTED_SSL_VERSION,
      SSL_R_NO_PROTOCOLS_AVAILABLE:
      (.protocolVersion, "the peer does not speak TLS 1.3")
    case SSL_R_HTTP_REQUEST, SSL_R_HTTPS_PROXY_REQUEST, SSL_R_WRONG_VERSION_NUMBER:
      (.notTLS, "the peer does not speak TLS")
    case SSL_R_NO_SHARED_CIPHER, SSL_R_NO_SHARED_GROUPS, SSL_R_NO_SUITABLE_KEY_SHARE,
      SSL_R_NO_SHARED_SIGNATURE_ALGORITHMS, SSL_R_NO_SUITABLE_SIGNATURE_ALGORITHM,
      SSL_R_NO_SUITABLE_GROUPS:
      (.nothingShared, "there is no way to encrypt that both sides know")
    default: nil
    }
  }
}

extension TLSAlert {
  /// OpenSSL reports an alert from the peer as a reason of its own, this far above the alert's number.
  fileprivate init?(reason: Int32) {
    guard let number = UInt8(exactly: reason - SSL_AD_REASON_OFFSET), number > 0 else { return nil }
    self.init(rawValue: number)
  }
}
