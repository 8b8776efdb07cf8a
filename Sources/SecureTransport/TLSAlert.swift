/// What a peer said when it refused a connection: a TLS alert (RFC 8446, section 6).
public struct TLSAlert: RawRepresentable, Hashable, Sendable {
  public let rawValue: UInt8

  public init(rawValue: UInt8) {
    self.rawValue = rawValue
  }

  public static let unexpectedMessage = TLSAlert(rawValue: 10)
  public static let badRecordMAC = TLSAlert(rawValue: 20)
  public static let recordOverflow = TLSAlert(rawValue: 22)
  public static let handshakeFailure = TLSAlert(rawValue: 40)
  public static let badCertificate = TLSAlert(rawValue: 42)
  public static let unsupportedCertificate = TLSAlert(rawValue: 43)
  public static let certificateRevoked = TLSAlert(rawValue: 44)
  public static let certificateExpired = TLSAlert(rawValue: 45)
  public static let certificateUnknown = TLSAlert(rawValue: 46)
  public static let illegalParameter = TLSAlert(rawValue: 47)
  public static let unknownCA = TLSAlert(rawValue: 48)
  public static let accessDenied = TLSAlert(rawValue: 49)
  public static let decodeError = TLSAlert(rawValue: 50)
  public static let decryptError = TLSAlert(rawValue: 51)
  public static let protocolVersion = TLSAlert(rawValue: 70)
  public static let insufficientSecurity = TLSAlert(rawValue: 71)
  public static let internalError = TLSAlert(rawValue: 80)
  public static let inappropriateFallback = TLSAlert(rawValue: 86)
  public static let userCanceled = TLSAlert(rawValue: 90)
  public static let missingExtension = TLSAlert(rawValue: 109)
  public static let unsupportedExtension = TLSAlert(rawValue: 110)
  public static let unrecognizedName = TLSAlert(rawValue: 112)
  public static let badCertificateStatusResponse = TLSAlert(rawValue: 113)
  public static let unknownPSKIdentity = TLSAlert(rawValue: 115)
  public static let certificateRequired = TLSAlert(rawValue: 116)
  public static let noApplicationProtocol = TLSAlert(rawValue: 120)

  /// Name and meaning of every alert of RFC 8446, as the side that receives it would say it.
  private static let table: [TLSAlert: (name: String, meaning: String)] = [
    .unexpectedMessage: ("unexpected_message", "it got a message out of turn"),
    .badRecordMAC: ("bad_record_mac", "what it received had been altered on the way"),
    .recordOverflow: ("record_overflow", "it got a record that is too long"),
    .handshakeFailure: (
      "handshake_failure",
      "it does not accept this side's identity, or there is no way to encrypt that both know"
    ),
    .badCertificate: (
      "bad_certificate",
      "it does not accept this side's certificate: not valid yet by its clock, "
        + "not made for this host name, or not carrying exactly one URI"
    ),
    .unsupportedCertificate: (
      "unsupported_certificate", "this side's certificate was not issued for this use"
    ),
    .certificateRevoked: ("certificate_revoked", "this side's certificate has been revoked"),
    .certificateExpired: ("certificate_expired", "this side's certificate has expired"),
    .certificateUnknown: (
      "certificate_unknown", "it could not accept this side's certificate, without saying why"
    ),
    .illegalParameter: ("illegal_parameter", "it got a message that contradicts itself"),
    .unknownCA: (
      "unknown_ca", "it does not know the authority that issued this side's certificate"
    ),
    .accessDenied: ("access_denied", "this side's certificate is valid but not admitted"),
    .decodeError: ("decode_error", "it could not decode a message"),
    .decryptError: ("decrypt_error", "a signature or check value did not verify"),
    .protocolVersion: ("protocol_version", "it does not speak this version of TLS"),
    .insufficientSecurity: ("insufficient_security", "it asks for stronger encryption"),
    .internalError: (
      "internal_error",
      "it has no room for another connection now, or failed for a reason of its own"
    ),
    .inappropriateFallback: (
      "inappropriate_fallback", "it got a needless retry of an older version"
    ),
    .userCanceled: ("user_canceled", "it gave up"),
    .missingExtension: ("missing_extension", "it misses a part of the handshake"),
    .unsupportedExtension: ("unsupported_extension", "it got an extension it had not asked for"),
    .unrecognizedName: ("unrecognized_name", "it is not the server of that name"),
    .badCertificateStatusResponse: (
      "bad_certificate_status_response", "it got an invalid statement on a certificate's status"
    ),
    .unknownPSKIdentity: ("unknown_psk_identity", "it does not know the shared key offered"),
    .certificateRequired: ("certificate_required", "it asks for a certificate, and none was sent"),
    .noApplicationProtocol: (
      "no_application_protocol", "it does not speak the application protocol asked for"
    ),
  ]

  /// The alert's name in RFC 8446, for instance `certificate_expired`; `alert 7` for one it does not list.
  public var name: String {
    Self.table[self]?.name ?? "alert \(rawValue)"
  }

  /// What the peer means by it: a clause that follows "the peer refused the connection:".
  public var meaning: String {
    Self.table[self]?.meaning ?? "it gave an unknown reason"
  }
}
