import Logging
import OfficeSyncCommandSupport
import OfficeSyncRecords
import OfficeSyncSecureTransport
import OfficeSyncStorage

/// Keeps the office's revocation list as new as that of any office, and tells the others of its own: whoever is revoked is so
/// everywhere, as soon as the offices have met.
struct RevocationKeeper {
  let office: OfficeStore
  let logger: Logger
  /// The settings of the moment.
  let settings: @Sendable () throws -> RunSettings

  /// Compares the file with what the offices hold, and with the list of the authority that enrols devices here, if there is
  /// one. What no authority of this office signed is not looked at.
  ///
  /// - Returns: whether the file is another one now.
  func exchange() -> Bool {
    do {
      let network = try settings().network
      let entries = try office.store.revocations()
      let enrolment = AuthorityFolder(path: office.folder.enrolment)
      let authorities = try RevocationAuthorities(
        .file(path: network.authority),
        intermediates: entries.flatMap(\.issuers)
          + (enrolment.exists
            ? CertificatePEM.ders(of: .file(path: enrolment.certificatePath)) : []))
      let file = newest(of: try authorities.lists(in: .file(path: network.revocationList)))
      let own = newest(
        of: Array(file.values)
          + (try authorities.lists(in: .file(path: enrolment.revocationListPath))))
      let told = newest(of: entries.flatMap(\.lists).compactMap(authorities.list(der:)))
      for (authority, list) in own where told[authority].map(list.isNewer) ?? true {
        try office.store.publish(
          revocationList: list.der, ofAuthority: authority, issuer: list.intermediate,
          wallMilliseconds: wallMilliseconds())
      }
      let all = own.merging(told) { $1.isNewer(than: $0) ? $1 : $0 }
      if all == file { return false }
      let lists = all.sorted { $0.key.lexicographicallyPrecedes($1.key) }
      try SecureFile.replace(
        network.revocationList, with: lists.flatMap(\.value.pem), mode: SecureFile.worldReadable)
      logger.notice("\(RunTexts.revocationListTaken)")
      return true
    } catch {
      logger.error("\(RunTexts.revocationListNotKept)", metadata: ["error": "\(error)"])
      return false
    }
  }

  private func newest(of lists: [SignedRevocationList]) -> [[UInt8]: SignedRevocationList] {
    Dictionary(lists.map { ($0.authority, $0) }) { $1.isNewer(than: $0) ? $1 : $0 }
  }
}
