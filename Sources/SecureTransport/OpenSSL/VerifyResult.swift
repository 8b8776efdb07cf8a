internal import COpenSSL

extension TLSError.Code {
  /// The one table from OpenSSL's verification results to our codes.
  init(verifyResult: Int32) {
    switch verifyResult {
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT, X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY,
      X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE, X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT,
      X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN, X509_V_ERR_CERT_SIGNATURE_FAILURE,
      X509_V_ERR_CERT_UNTRUSTED, X509_V_ERR_CERT_CHAIN_TOO_LONG, X509_V_ERR_INVALID_CA,
      X509_V_ERR_PATH_LENGTH_EXCEEDED, X509_V_ERR_PATH_LOOP, X509_V_ERR_NO_ISSUER_PUBLIC_KEY,
      X509_V_ERR_UNABLE_TO_DECODE_ISSUER_PUBLIC_KEY, X509_V_ERR_SUBJECT_ISSUER_MISMATCH,
      X509_V_ERR_AKID_SKID_MISMATCH, X509_V_ERR_AKID_ISSUER_SERIAL_MISMATCH,
      X509_V_ERR_KEYUSAGE_NO_CERTSIGN, X509_V_ERR_INVALID_NON_CA:
      self = .unknownAuthority
    case X509_V_ERR_CERT_HAS_EXPIRED: self = .certificateExpired
    case X509_V_ERR_CERT_NOT_YET_VALID: self = .certificateNotYetValid
    case X509_V_ERR_CERT_REVOKED: self = .certificateRevoked
    case X509_V_ERR_HOSTNAME_MISMATCH, X509_V_ERR_IP_ADDRESS_MISMATCH: self = .hostNameMismatch
    case X509_V_ERR_INVALID_PURPOSE, X509_V_ERR_CERT_REJECTED,
      X509_V_ERR_KEYUSAGE_NO_DIGITAL_SIGNATURE:
      self = .wrongPurpose
    case X509_V_ERR_PERMITTED_VIOLATION, X509_V_ERR_EXCLUDED_VIOLATION,
      X509_V_ERR_SUBTREE_MINMAX, X509_V_ERR_UNSUPPORTED_CONSTRAINT_TYPE,
      X509_V_ERR_UNSUPPORTED_CONSTRAINT_SYNTAX, X509_V_ERR_UNSUPPORTED_NAME_SYNTAX:
      self = .nameNotPermitted
    case X509_V_ERR_UNABLE_TO_GET_CRL, X509_V_ERR_UNABLE_TO_GET_CRL_ISSUER,
      X509_V_ERR_UNABLE_TO_DECRYPT_CRL_SIGNATURE, X509_V_ERR_CRL_SIGNATURE_FAILURE,
      X509_V_ERR_CRL_NOT_YET_VALID, X509_V_ERR_CRL_HAS_EXPIRED,
      X509_V_ERR_ERROR_IN_CRL_LAST_UPDATE_FIELD, X509_V_ERR_ERROR_IN_CRL_NEXT_UPDATE_FIELD,
      X509_V_ERR_KEYUSAGE_NO_CRL_SIGN, X509_V_ERR_UNHANDLED_CRITICAL_CRL_EXTENSION,
      X509_V_ERR_DIFFERENT_CRL_SCOPE, X509_V_ERR_CRL_PATH_VALIDATION_ERROR:
      self = .revocationListRejected
    case X509_V_ERR_OUT_OF_MEM, X509_V_ERR_UNSPECIFIED, X509_V_ERR_INVALID_CALL,
      X509_V_ERR_STORE_LOOKUP:
      self = .library
    default:
      // What is left are defects of the certificate itself: unreadable fields, weak keys, unknown extensions.
      self = .certificateRejected
    }
  }
}

extension TLSError {
  /// - Parameter certificate: the certificate of the chain that OpenSSL stopped at.
  init(verifyResult: Int32, certificate: OpenSSLCertificate?) {
    let code = Code(verifyResult: verifyResult)
    let library = String(cString: X509_verify_cert_error_string(Int(verifyResult)))
    let clock = "this machine's clock says \(CertificateTime.now.text)"
    let reason =
      switch code {
      case .unknownAuthority: "the peer's certificate is not from an authority trusted here"
      case .certificateExpired:
        "the peer's certificate expired on \(certificate?.notAfter.text ?? "an unknown date"); \(clock)"
      case .certificateNotYetValid:
        "the peer's certificate begins on \(certificate?.notBefore.text ?? "an unknown date"); \(clock)"
      case .certificateRevoked: "the peer's certificate has been revoked"
      case .hostNameMismatch:
        "the server's certificate is not made out to the host that was dialled, but to "
          + (certificate?.hosts ?? "none")
      case .wrongPurpose: "the peer's certificate was not issued for this side of a connection"
      case .nameNotPermitted: "the authority may not issue a certificate for the peer's name"
      case .revocationListRejected: "the local revocation list cannot be used"
      default: "the peer's certificate cannot be accepted"
      }
    self.init(code, reason, librarySteps: ["verify error \(verifyResult): \(library)"])
  }
}
