internal import COpenSSL

/// One X.509 certificate.
final class OpenSSLCertificate {
  private let pointer: OpaquePointer

  /// Takes over the caller's reference.
  init(takingOwnership pointer: OpaquePointer) {
    self.pointer = pointer
  }

  /// Adds a reference of its own.
  convenience init(sharing pointer: OpaquePointer) {
    X509_up_ref(pointer)
    self.init(takingOwnership: pointer)
  }

  deinit {
    X509_free(pointer)
  }

  func withPointer<Result>(_ body: (OpaquePointer) -> Result) -> Result {
    body(pointer)
  }

  /// All certificates of a PEM text, in its order.
  ///
  /// - Throws: `TLSError` with the code given when there is none, or one of them is broken.
  static func all(
    inPEM bytes: [UInt8], failingWith code: TLSError.Code, _ what: String
  ) throws(TLSError) -> [OpenSSLCertificate] {
    try PEMReader.all(in: bytes, failingWith: code, what) { bio in
      PEM_read_bio_X509(bio, nil, nil, nil).map { OpenSSLCertificate(takingOwnership: $0) }
    }
  }

  /// Whether the certificate names itself as its issuer.
  var isSelfIssued: Bool {
    X509_NAME_cmp(X509_get_subject_name(pointer), X509_get_issuer_name(pointer)) == 0
  }

  var subject: String {
    guard let text = BIO_new(BIO_s_mem()) else { return "" }
    defer { BIO_free(text) }
    X509_NAME_print_ex(text, X509_get_subject_name(pointer), 0, shim_X509_NAME_format())
    var bytes = [UInt8](repeating: 0, count: 4096)
    let count = BIO_read(text, &bytes, Int32(bytes.count))
    return String(decoding: bytes.prefix(max(0, Int(count))), as: UTF8.self)
  }

  /// The serial number's octets, the highest first.
  var serial: [UInt8] { X509_get0_serialNumber(pointer).map(Self.bytes(of:)) ?? [] }

  /// The DER form; empty if OpenSSL cannot write it.
  var der: [UInt8] { BIOWriter.bytes { i2d_X509_bio($0, pointer) } ?? [] }

  /// - Returns: `nil` if the bytes are none, or more follows.
  convenience init?(der: [UInt8]) {
    OpenSSLErrorQueue.clear()
    defer { OpenSSLErrorQueue.clear() }
    let parsed = der.withUnsafeBufferPointer { buffer -> OpaquePointer? in
      var next = buffer.baseAddress
      guard let certificate = d2i_X509(nil, &next, der.count) else { return nil }
      guard let base = buffer.baseAddress, let next, next - base == der.count else {
        X509_free(certificate)
        return nil
      }
      return certificate
    }
    guard let parsed else { return nil }
    self.init(takingOwnership: parsed)
  }

  /// Whether it names the issuer, and the issuer's own key signed it. Dates and uses are not looked at.
  func isSigned(by issuer: OpenSSLCertificate) -> Bool {
    OpenSSLErrorQueue.clear()
    defer { OpenSSLErrorQueue.clear() }
    return issuer.withPointer { issuer in
      X509_check_issued(issuer, pointer) == X509_V_OK
        && X509_get0_pubkey(issuer).map { X509_verify(pointer, $0) == 1 } ?? false
    }
  }

  /// Whether it may sign certificates itself.
  var isAuthority: Bool { X509_check_ca(pointer) == 1 }

  /// `nil` if OpenSSL cannot write it.
  var pem: [UInt8]? { BIOWriter.bytes { PEM_write_bio_X509($0, pointer) } }

  /// SHA-256 of the DER form.
  var fingerprint: [UInt8] { sha256 { X509_digest(pointer, EVP_sha256(), $0, $1) } }

  /// SHA-256 of the public key: the same for every certificate over it.
  var keyFingerprint: [UInt8] { sha256 { X509_pubkey_digest(pointer, EVP_sha256(), $0, $1) } }

  private func sha256(
    _ digest: (_ bytes: UnsafeMutablePointer<UInt8>?, _ count: UnsafeMutablePointer<UInt32>) ->
      Int32
  ) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: Int(EVP_MAX_MD_SIZE))
    var count: UInt32 = 0
    let isDone = bytes.withUnsafeMutableBufferPointer { digest($0.baseAddress, &count) == 1 }
    return isDone ? Array(bytes.prefix(Int(count))) : []
  }

  var notBefore: CertificateTime { CertificateTime(borrowing: X509_get0_notBefore(pointer)) }
  var notAfter: CertificateTime { CertificateTime(borrowing: X509_get0_notAfter(pointer)) }

  /// The subject alternative names; `nil` when the extension is there but is broken or stands twice.
  var alternativeNames: [AlternativeName]? {
    var found: Int32 = 0
    guard let data = X509_get_ext_d2i(pointer, NID_subject_alt_name, &found, nil) else {
      return found == -1 ? [] : nil
    }
    let names = OpaquePointer(data)
    defer { GENERAL_NAMES_free(names) }
    return (0..<shim_GENERAL_NAMES_count(names)).compactMap { index in
      var kind: Int32 = 0
      guard let value = GENERAL_NAME_get0_value(shim_GENERAL_NAMES_at(names, index), &kind)
      else { return nil }
      switch kind {
      case GEN_URI: return .uri(Self.bytes(of: value))
      case GEN_DNS: return .dns(Self.bytes(of: value))
      case GEN_IPADD: return .address(Self.bytes(of: value))
      default: return .other
      }
    }
  }

  /// The hosts it is made out to, for people.
  var hosts: String {
    let hosts = (alternativeNames ?? []).compactMap { name -> String? in
      switch name {
      case .dns(let bytes): String(decoding: bytes, as: UTF8.self)
      case .address(let bytes) where bytes.count == 4:
        bytes.map { String($0) }.joined(separator: ".")
      case .address(let bytes):
        bytes.map { String($0, radix: 16) }.joined(separator: ":")
      case .uri, .other: nil
      }
    }
    return hosts.isEmpty ? "none" : hosts.joined(separator: ", ")
  }

  private static func bytes(of value: UnsafeMutableRawPointer) -> [UInt8] {
    bytes(of: UnsafePointer(value.assumingMemoryBound(to: ASN1_STRING.self)))
  }

  private static func bytes(of string: UnsafePointer<ASN1_STRING>) -> [UInt8] {
    Array(
      UnsafeBufferPointer(
        start: ASN1_STRING_get0_data(string), count: Int(ASN1_STRING_length(string))))
  }
}

/// One entry of a certificate's subject alternative names, its bytes as they stand there.
enum AlternativeName: Hashable {
  case uri([UInt8])
  case dns([UInt8])
  case address([UInt8])
  case other
}
