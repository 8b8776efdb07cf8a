import OfficeSyncProtocol
import OfficeSyncRecords
import OfficeSyncSecureTransport

/// How a field device has its certificate renewed, over the key that it has, while the old one is still good.
public enum CertificateRenewal {
  /// Whether it is time: the last third of the certificate's life has begun, and it has not ended.
  ///
  /// - Parameter now: seconds since 1970.
  public static func isDue(_ certificate: CertificateFacts, at now: Int64) -> Bool {
    let life = certificate.notAfterSeconds - certificate.notBeforeSeconds
    return (certificate.notAfterSeconds - life / 3..<certificate.notAfterSeconds).contains(now)
  }

  /// What an office gave.
  public struct Renewed: Hashable, Sendable {
    /// The new certificate, and those between it and an authority.
    public let certificatePEM: [UInt8]
    /// The authorities that the office trusts, in DER.
    public let authorities: [[UInt8]]
  }

  /// - Parameters:
  ///   - files: what the device shows, and whom it trusts.
  ///   - software: name and version of this program, for the office's log.
  ///   - time: how long connecting may take, and then all the rest.
  /// - Throws: ``LinkError``: `.enrolment` when the office refuses.
  public static func renew(
    _ files: CredentialFiles, for identity: Identity, host: String, port: Int, software: String,
    time: Duration
  ) async throws(LinkError) -> Renewed {
    do {
      let context = try TLSContext(
        dialling: files, strangerProtocol: Limits.enrolmentProtocol)
      let connection = try await Dialer(context: context, tickets: nil)
        .dialStranger(host: host, port: port, connectTime: time)
      return try await EnrolmentLink.run(on: connection, time: time) { link in
        try await connection.verifyPeerAgain()
        try await link.send(.renewal(software: software))
        // It is an office by the authorities that are trusted until now.
        let authorities = try await link.receiveAuthorities()
        return Renewed(
          certificatePEM: try await link.receiveCertificate(for: identity).pem,
          authorities: authorities)
      }
    } catch {
      throw LinkError(error)
    }
  }
}
