internal import COpenSSL

/// A list of revoked certificates.
final class OpenSSLRevocationList {
  private let pointer: OpaquePointer

  init(takingOwnership pointer: OpaquePointer) {
    self.pointer = pointer
  }

  deinit {
    X509_CRL_free(pointer)
  }

  func withPointer<Result>(_ body: (OpaquePointer) -> Result) -> Result {
    body(pointer)
  }

  /// When the next list is due; `nil` if this one does not say.
  var nextUpdate: CertificateTime? {
    X509_CRL_get0_nextUpdate(pointer).map { CertificateTime(borrowing: $0) }
  }

  /// All lists of a PEM text.
  ///
  /// - Throws: `TLSError(.revocationListUnreadable)` when there is none, or one is broken.
  static func all(inPEM bytes: [UInt8]) throws(TLSError) -> [OpenSSLRevocationList] {
    try PEMReader.all(in: bytes, failingWith: .revocationListUnreadable, "revocation list") { bio in
      PEM_read_bio_X509_CRL(bio, nil, nil, nil).map { OpenSSLRevocationList(takingOwnership: $0) }
    }
  }

  /// When the list was made.
  var lastUpdate: CertificateTime { CertificateTime(borrowing: X509_CRL_get0_lastUpdate(pointer)) }

  /// The list's number, which grows with each list of an authority (RFC 5280 §5.2.3); `nil` if it has none that 64 bits hold.
  var number: UInt64? {
    guard let data = X509_CRL_get_ext_d2i(pointer, NID_crl_number, nil, nil) else { return nil }
    let integer = data.assumingMemoryBound(to: ASN1_INTEGER.self)
    defer { ASN1_INTEGER_free(integer) }
    var number: UInt64 = 0
    return ASN1_INTEGER_get_uint64(&number, integer) == 1 ? number : nil
  }

  /// Whether the authority signed the list.
  func isIssued(by authority: OpenSSLCertificate) -> Bool {
    OpenSSLErrorQueue.clear()
    defer { OpenSSLErrorQueue.clear() }
    return authority.withPointer { authority in
      X509_NAME_cmp(X509_CRL_get_issuer(pointer), X509_get_subject_name(authority)) == 0
        && X509_get0_pubkey(authority).map { X509_CRL_verify(pointer, $0) == 1 } ?? false
    }
  }

  /// The DER form.
  var der: [UInt8] { BIOWriter.bytes { i2d_X509_CRL_bio($0, pointer) } ?? [] }
  /// The PEM form, with its line end.
  var pem: [UInt8] { BIOWriter.bytes { PEM_write_bio_X509_CRL($0, pointer) } ?? [] }

  /// - Returns: `nil` if the bytes are none, or more follows.
  convenience init?(der: [UInt8]) {
    OpenSSLErrorQueue.clear()
    defer { OpenSSLErrorQueue.clear() }
    let parsed = der.withUnsafeBufferPointer { buffer -> OpaquePointer? in
      var next = buffer.baseAddress
      guard let list = d2i_X509_CRL(nil, &next, der.count) else { return nil }
      guard let base = buffer.baseAddress, let next, next - base == der.count else {
        X509_CRL_free(list)
        return nil
      }
      return list
    }
    guard let parsed else { return nil }
    self.init(takingOwnership: parsed)
  }
}
