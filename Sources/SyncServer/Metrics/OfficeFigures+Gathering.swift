import OfficeSyncCommandSupport
import OfficeSyncRecords
import OfficeSyncSecureTransport
import OfficeSyncStorage
import OfficeSyncSyncLink

extension OfficeFigures {
  /// Gathers the figures of now.
  ///
  /// - Parameter settings: of the moment: certificates may have been replaced.
  init(of office: OfficeStore, _ settings: RunSettings, _ tally: SessionTally, connections: Int)
    throws
  {
    let known = try office.store.knowledgeByCollection()
    let offices = try office.store.peers().filter { $0.identity.role == .office && $0.isInUse }
    self.init(
      collections: try office.store.figures(), isRecovering: try office.store.isRecovering,
      standing: try office.store.standingPeers(), contacts: try office.store.contacts(),
      offices: offices.map { peer in
        (peer, peer.lag(behind: known).reduce(0) { $0 + $1.writes })
      },
      sessions: tally.current, connections: connections, disk: office.store.diskSpace,
      reserve: settings.reserve, fileBytes: office.store.fileBytes,
      logBytes: office.store.logBytes, ends: Self.ends(settings.files),
      now: Int64(wallMilliseconds() / 1_000))
  }

  /// Of one that has ended no connection can be made, and its end is what matters.
  private static func ends(_ files: CredentialFiles) -> [(of: String, seconds: Int64)] {
    if let credentials = try? ServerCredentials(files) {
      return [
        ("certificate", credentials.notAfterSeconds),
        ("authority", credentials.authorityNotAfterSeconds),
      ] + (credentials.revocationListDueSeconds.map { [("revocation-list", $0)] } ?? [])
    }
    let facts = try? CertificateFacts(of: .file(path: files.certificate))
    return facts.map { [("certificate", $0.notAfterSeconds)] } ?? []
  }
}
