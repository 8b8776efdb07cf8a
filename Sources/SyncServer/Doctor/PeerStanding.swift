import OfficeSyncRecords
import OfficeSyncStorage

/// How an office stands with the others: those that it syncs with by itself, and those that it has met.
struct PeerStanding: Sendable {
  /// An office that lacks something is given so long before anybody is told.
  static let patienceMilliseconds: UInt64 = 86_400_000
  /// A sync on a schedule that was due so often and did not come is late.
  static let roundsMax: UInt64 = 3

  var standing: [StandingPeerEntry]
  var contacts: [Contact]
  /// Those that this store has met.
  var met: [Peer]
  /// What this store knows.
  var known: [CollectionName: VersionVector]

  /// - Parameter now: milliseconds since 1970 UTC.
  func findings(at now: UInt64) -> [Finding] {
    let contacts = Dictionary(contacts.map { ($0.server, $0) }, uniquingKeysWith: { $1 })
    let wrong =
      standing.compactMap { finding(of: $0, contacts[$0.server], at: now) }
      + met.compactMap { finding(of: $0, at: now) }
    if !wrong.isEmpty { return wrong }
    return [
      .ok(
        .peers,
        standing.isEmpty ? DoctorTexts.noPeers : DoctorTexts.peersWell(standing.count))
    ]
  }

  private func finding(
    of peer: StandingPeerEntry, _ contact: Contact?, at now: UInt64
  ) -> Finding? {
    guard let contact else {
      return .warning(.peers, DoctorTexts.neverReached(peer.server), DoctorTexts.isServerUp)
    }
    let last = moment(contact.atMilliseconds)
    if contact.result != "ok" {
      return .problem(
        .peers, DoctorTexts.fails(peer.server, contact.result, last),
        DoctorTexts.look(up: contact.result))
    }
    // A live connection says nothing while there is nothing to say.
    guard let every = peer.everySeconds else { return nil }
    let patience = UInt64(every) * 1_000 * Self.roundsMax
    guard now > contact.atMilliseconds, now - contact.atMilliseconds > patience else { return nil }
    return .warning(.peers, DoctorTexts.overdue(peer.server, last), DoctorTexts.isServerUp)
  }

  /// Field devices are away for weeks.
  private func finding(of peer: Peer, at now: UInt64) -> Finding? {
    guard peer.identity.role == .office, peer.isInUse, let seen = peer.seenMilliseconds, now > seen,
      now - seen > Self.patienceMilliseconds
    else { return nil }
    let lacking = peer.lag(behind: known).reduce(0) { $0 + $1.writes }
    if lacking == 0 { return nil }
    return .warning(
      .peers, DoctorTexts.behind(peer.identity.description, lacking, moment(seen)),
      DoctorTexts.syncOrRetire)
  }
}
