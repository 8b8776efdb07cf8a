internal import COpenSSL

/// A TLS session that can be taken up again.
///
/// `@unchecked`: OpenSSL shares sessions between connections on any thread, counts references to them, and makes a new one
/// where a resumed connection changes something.
final class OpenSSLSession: @unchecked Sendable {
  private let pointer: OpaquePointer

  init(takingOwnership pointer: OpaquePointer) {
    self.pointer = pointer
  }

  deinit {
    SSL_SESSION_free(pointer)
  }

  func withPointer<Result>(_ body: (OpaquePointer) -> Result) -> Result {
    body(pointer)
  }

  /// What a server knows it by.
  var id: [UInt8] {
    var count: UInt32 = 0
    let bytes = SSL_SESSION_get_id(pointer, &count)
    return Array(UnsafeBufferPointer(start: bytes, count: Int(count)))
  }

  /// Whether it may still be taken up, by its age and its kind.
  var isResumable: Bool {
    let age = CertificateTime.now.seconds - Int64(SSL_SESSION_get_time(pointer))
    return SSL_SESSION_is_resumable(pointer) == 1
      && SSL_SESSION_get_protocol_version(pointer) == TLS1_3_VERSION
      && 0...Int64(SSL_SESSION_get_timeout(pointer)) ~= age
  }

  /// Whether this certificate was shown when the session was made.
  func wasMade(with leaf: OpenSSLCertificate) -> Bool {
    guard let own = SSL_SESSION_get0_peer(pointer) else { return false }
    return leaf.withPointer { X509_cmp(own, $0) == 0 }
  }

  // MARK: As text

  convenience init?(inPEM bytes: [UInt8]) {
    let session = PEMReader.first(in: bytes) { PEM_read_bio_SSL_SESSION($0, nil, nil, nil) }
    guard let session else { return nil }
    self.init(takingOwnership: session)
  }

  var pem: [UInt8]? { BIOWriter.bytes { PEM_write_bio_SSL_SESSION($0, pointer) } }
}
