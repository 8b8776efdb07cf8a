import Foundation
import OfficeSyncCommandErrors
import OfficeSyncCommandSupport
import OfficeSyncRecords
import OfficeSyncSecureTransport
import OfficeSyncSyncLink

/// Has a field device's certificate renewed in passing, in the last third of its life.
struct Renewal {
  let settings: NetworkSettings
  let server: NetworkAddress
  let identity: Identity
  let console: Console

  /// What comes of it is told, and never fails the command: there are weeks to try again in.
  ///
  /// - Parameter certificate: the one that is in use.
  func runIfDue(_ certificate: CertificateFacts) async {
    let now = Int64(Date().timeIntervalSince1970)
    guard identity.role == .field, CertificateRenewal.isDue(certificate, at: now) else { return }
    do {
      let renewed = try await CertificateRenewal.renew(
        settings.files, for: identity, host: server.host, port: server.port,
        software: "syncclient/\(productVersion)",
        time: min(settings.timeout, Exchange.connectTimeMax))
      try SecureFile.replace(
        settings.certificate, with: renewed, mode: SecureFile.worldReadable)
      let facts = try CertificateFacts(of: .bytes(renewed))
      console.note(EnrolTexts.renewed(until: facts.notAfterText))
    } catch {
      let reason =
        (error as? LinkError).map { CommandError($0, at: server.description) }
        ?? (error as? CommandError)
      console.note(
        EnrolTexts.notRenewed(until: certificate.notAfterText, reason?.message ?? "\(error)"))
    }
  }
}
