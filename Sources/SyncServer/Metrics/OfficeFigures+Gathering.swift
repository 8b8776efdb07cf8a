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
      logBytes: office.store.logBytes, ends: Self.ends(settings.network),
      now: Int64(wallMilliseconds() / 1_000))
  }

  /// Read as they are, whether or not a connection can be made with them; the key is left alone.
  private static func ends(_ settings: NetworkSettings) -> [(of: String, seconds: Int64)] {
    let ends = [
      ("certificate", try? CertificateFacts(of: .file(path: settings.certificate)).notAfterSeconds),
      (
        "authority",
        try? CertificateFacts.all(of: .file(path: settings.authority)).map(\.notAfterSeconds).max()
      ),
      (
        "revocation-list",
        try? SignedRevocationList.dueSeconds(of: .file(path: settings.revocationList))
      ),
    ]
    return ends.compactMap { name, seconds in seconds.map { (name, $0) } }
  }
}
