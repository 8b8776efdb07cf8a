import OfficeSyncCommandSupport
import OfficeSyncRecords
import OfficeSyncStorage

/// Everything that a running office tells of itself, at one moment: what `status` and `replicas` show, and what was counted
/// since it started.
struct OfficeFigures {
  var collections: [CollectionFigures]
  var isRecovering: Bool
  var standing: [StandingPeerEntry]
  var contacts: [Contact]
  /// Other offices' stores in use, with the writes that each lacked when it was last here, over all collections.
  var offices: [(peer: Peer, behind: UInt64)]
  var sessions: SessionTally.State
  var connections: Int
  var disk: DiskSpace?
  var reserve: DiskReserve
  var fileBytes: UInt64
  var logBytes: UInt64
  /// When the certificate and what goes with it end, in seconds since 1970; what cannot be read is not there.
  var ends: [(of: String, seconds: Int64)]
  /// Seconds since 1970 UTC.
  var now: Int64

  /// The whole text of the file.
  var exposition: String { families.map(\.text).joined() }

  var families: [MetricFamily] {
    var build = MetricFamily(
      "officesync_build_info", .gauge, "Always 1; the label says which version runs.")
    build.add(1, ("version", productVersion))
    let recovering = MetricFamily(
      "officesync_recovering", .gauge,
      "1 while the office takes from devices what it may have lost.",
      value: isRecovering ? 1 : 0)
    return [build] + collectionFamilies + [recovering] + sessionFamilies + peerFamilies
      + storeFamilies + [certificateFamily]
  }

  // MARK: The store

  private var collectionFamilies: [MetricFamily] {
    var records = MetricFamily("officesync_records", .gauge, "Records that are not deleted.")
    var conflicts = MetricFamily(
      "officesync_open_conflicts", .gauge, "Conflicts that a person has to settle.")
    var unsent = MetricFamily(
      "officesync_unsent_writes", .gauge,
      "Own writes that no other office has confirmed.")
    var refused = MetricFamily(
      "officesync_refused_records", .gauge, "Records that another office refused for good.")
    for collection in collections {
      let label = ("collection", collection.name.text)
      records.add(collection.records, label)
      conflicts.add(collection.conflicts, label)
      unsent.add(collection.unsent, label)
      refused.add(collection.refused, label)
    }
    return [records, conflicts, unsent, refused]
  }

  private var storeFamilies: [MetricFamily] {
    var families = [
      MetricFamily(
        "officesync_store_bytes", .gauge, "Size of the database's file.", value: fileBytes),
      MetricFamily(
        "officesync_log_bytes", .gauge, "Size of its write-ahead log.", value: logBytes),
    ]
    if let disk {
      families += [
        MetricFamily(
          "officesync_disk_free_bytes", .gauge, "What is free on the store's disk.",
          value: disk.freeBytes),
        MetricFamily(
          "officesync_disk_reserve_bytes", .gauge,
          "With less free than this nothing is taken from others.",
          value: reserve.bytes(ofTotal: disk.totalBytes)),
      ]
    }
    return families
  }

  // MARK: Sessions

  private var sessionFamilies: [MetricFamily] {
    typealias Counts = SessionTally.Counts
    func family(_ name: String, _ help: String, _ count: KeyPath<Counts, UInt64>) -> MetricFamily {
      var family = MetricFamily("officesync_\(name)_total", .counter, help)
      for side in SessionTally.Side.allCases {
        family.add(
          (sessions.counts[side] ?? Counts())[keyPath: count], ("began", side.rawValue))
      }
      return family
    }
    return [
      family("sessions", "Sessions that ended, by who began them.", \.sessions),
      family("session_errors", "Sessions that broke off or failed.", \.failures),
      family("sent_records", "Records that were sent.", \.recordsSent),
      family("received_records", "Records that came.", \.recordsReceived),
      family("new_conflicts", "Conflicts that records which came have opened.", \.conflicts),
      family("sent_bytes", "Bytes sent in sessions that ended.", \.bytesSent),
      family("received_bytes", "Bytes that came in sessions that ended.", \.bytesReceived),
      MetricFamily(
        "officesync_refused_connections_total", .counter,
        "Connections turned away before there was a session.", value: sessions.refused),
      MetricFamily(
        "officesync_connections", .gauge, "Connections that are open now.", value: connections),
    ]
  }

  // MARK: Other offices

  private var peerFamilies: [MetricFamily] {
    var well = MetricFamily(
      "officesync_peer_up", .gauge,
      "1 if the last attempt to sync with a standing peer went well.")
    var contact = MetricFamily(
      "officesync_peer_contact_seconds", .gauge,
      "When it was last tried, in seconds since 1970.")
    let byServer = Dictionary(self.contacts.map { ($0.server, $0) }, uniquingKeysWith: { $1 })
    for peer in standing {
      let last = byServer[peer.server]
      well.add(last?.result == "ok" ? 1 : 0, ("server", peer.server))
      if let last { contact.add(last.atMilliseconds / 1_000, ("server", peer.server)) }
    }
    var lag = MetricFamily(
      "officesync_peer_lag_writes", .gauge,
      "Writes that another office lacked when it was last here.")
    var seen = MetricFamily(
      "officesync_peer_seen_seconds", .gauge,
      "When another office was last here, in seconds since 1970.")
    for (peer, behind) in offices {
      let labels = [("identity", peer.identity.description), ("replica", "\(peer.replica)")]
      lag.add(behind, labels[0], labels[1])
      if let milliseconds = peer.seenMilliseconds {
        seen.add(milliseconds / 1_000, labels[0], labels[1])
      }
    }
    return [well, contact, lag, seen]
  }

  // MARK: Certificates

  private var certificateFamily: MetricFamily {
    var family = MetricFamily(
      "officesync_certificate_days_left", .gauge,
      "Days until the certificate, the authority's or the revocation list ends; negative afterwards."
    )
    for end in ends { family.add(Double((end.seconds - now) / 864) / 100, ("of", end.of)) }
    return family
  }
}
