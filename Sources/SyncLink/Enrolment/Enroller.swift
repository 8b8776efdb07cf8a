import NIOCore
import OfficeSyncProtocol
import OfficeSyncRecords
import OfficeSyncSecureTransport

/// The device's side of an enrolment: it looks for the authority that its token names, verifies the office by it, and only then
/// shows the secret.
public struct Enroller: Sendable {
  public let token: EnrolmentToken
  /// The number that was told separately; empty if none was.
  public let pin: String
  /// Name and version of this program, for the office's log.
  public let software: String

  public init(token: EnrolmentToken, pin: String, software: String) {
    self.token = token
    self.pin = pin
    self.software = software
  }

  /// What the office gave, in PEM.
  public struct Credentials: Hashable, Sendable {
    /// The device's certificate, and those between it and the authority.
    public let certificatePEM: [UInt8]
    public let authoritiesPEM: [UInt8]
    /// What the device may reach, or the beginning of it.
    public let access: [EnrolmentMessage.Access]
    public let office: Identity
  }

  /// - Parameters:
  ///   - address: nil for the token's.
  ///   - certificatePEM: made on this device over the key, signed by nobody else.
  ///   - keyPEM: the key that the device will have from now on.
  ///   - time: how long connecting may take, and then each step.
  /// - Throws: ``LinkError``: `.enrolment` when the office refuses, `.security` when it is not the token's office.
  public func enrol(
    at address: (host: String, port: Int)? = nil, certificatePEM: [UInt8], keyPEM: [UInt8],
    time: Duration
  ) async throws(LinkError) -> Credentials {
    do {
      let strangers = try context(certificatePEM, keyPEM, authorities: nil)
      let connection = try await Dialer(context: strangers, tickets: nil)
        .dialStranger(
          host: address?.host ?? token.host, port: address?.port ?? token.port, connectTime: time)
      return try await EnrolmentLink.run(on: connection, time: time) { link in
        let authorities = try await link.receiveAuthorities()
        let named = try named(authorities)
        try await connection.verifyPeerAgain(
          by: try context(certificatePEM, keyPEM, authorities: CertificatePEM.text(of: [named])))
        try await link.send(
          .application(
            EnrolmentMessage.Application(secret: token.secret, pin: pin, software: software)))
        let (issued, certificate) = try await link.receiveCertificate(for: token.identity)
        return Credentials(
          certificatePEM: certificate, authoritiesPEM: try CertificatePEM.text(of: authorities),
          access: issued.access, office: try await office(of: connection))
      }
    } catch {
      throw LinkError(error)
    }
  }

  private func context(
    _ certificate: [UInt8], _ key: [UInt8], authorities: [UInt8]?
  ) throws(TLSError) -> TLSContext {
    try TLSContext(
      TLSConfiguration(
        role: .client, certificateChain: .bytes(certificate), privateKey: .bytes(key),
        authorities: authorities.map { .bytes($0) }, strangerProtocol: Limits.enrolmentProtocol,
        acceptsPeerURI: { uri in (try? Identity(uri: uri))?.role == .office }))
  }

  /// The authority that the token names.
  private func named(_ authorities: [[UInt8]]) throws(TLSError) -> [UInt8] {
    let wanted = token.authority
    for der in authorities where try CertificatePEM.fingerprint(of: der) == wanted { return der }
    throw TLSError(.unknownAuthority, "the server does not belong to the token's organisation")
  }

  private func office(of connection: SecureConnection) async throws -> Identity {
    guard case .stranger(let office) = try await connection.counterpart.get() else {
      throw TLSError(.noApplicationProtocol, "the server does not enrol devices")
    }
    let facts = try CertificateFacts(of: .bytes(CertificatePEM.text(of: [office.certificateDER])))
    return try Identity(uri: facts.uris.first ?? "")
  }
}
