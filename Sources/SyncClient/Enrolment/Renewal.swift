import Foundation
import OfficeSyncCommandErrors
import OfficeSyncCommandSupport
import OfficeSyncRecords
import OfficeSyncSecureTransport
import OfficeSyncSyncLink

/// Has a field device's certificate renewed in passing, in the last third of its life; an office's is warned about.
struct Renewal {
  /// So long before its end an office's certificate wants another one, which whoever holds the authority makes.
  private static let officeNoticeSeconds: Int64 = 14 * 86_400

  let settings: NetworkSettings
  let server: NetworkAddress
  let identity: Identity

  /// What comes of it never fails a command: there are weeks to try again in.
  ///
  /// - Parameter certificate: the one that is in use.
  /// - Returns: what is to be told.
  func runIfDue(_ certificate: CertificateFacts) async -> [Prose] {
    let now = Int64(Date().timeIntervalSince1970)
    switch identity.role {
    case .office: return Self.officeWarnings(of: certificate, identity, at: now)
    case .field:
      return CertificateRenewal.isDue(certificate, at: now) ? await run(certificate) : []
    }
  }

  /// What is to be told of an office's certificate.
  ///
  /// - Parameter now: seconds since 1970.
  static func officeWarnings(
    of certificate: CertificateFacts, _ identity: Identity, at now: Int64
  ) -> [Prose] {
    certificate.notAfterSeconds - now < officeNoticeSeconds
      ? [EnrolTexts.officeEnds(at: certificate.notAfterText, identity)] : []
  }

  private func run(_ certificate: CertificateFacts) async -> [Prose] {
    do {
      let renewed = try await CertificateRenewal.renew(
        settings.files, for: identity, host: server.host, port: server.port,
        software: "syncclient/\(productVersion)",
        time: min(settings.timeout, Exchange.connectTimeMax))
      let added = try trust(renewed.authorities)
      try SecureFile.replace(
        settings.certificate, with: renewed.certificatePEM, mode: SecureFile.worldReadable)
      let facts = try CertificateFacts(of: .bytes(renewed.certificatePEM))
      return [EnrolTexts.renewed(until: facts.notAfterText)] + added
    } catch {
      let reason =
        (error as? LinkError).map { CommandError($0, at: server.description) }
        ?? (error as? CommandError)
      return [
        EnrolTexts.notRenewed(until: certificate.notAfterText, reason?.message ?? "\(error)")
      ]
    }
  }

  /// Adds what the office trusts beside what is trusted here: a new authority of the organisation is known by the time it is
  /// needed. None is taken away: another office may still need it.
  ///
  /// - Returns: what is to be told.
  private func trust(_ authorities: [[UInt8]]) throws -> [Prose] {
    let known = try CertificatePEM.ders(of: .file(path: settings.authority))
    let new = authorities.filter { !known.contains($0) }
    if new.isEmpty { return [] }
    try SecureFile.replace(
      settings.authority, with: CertificatePEM.text(of: known + new),
      mode: SecureFile.worldReadable)
    return [EnrolTexts.trusts(new.count, settings.authority)]
  }
}
