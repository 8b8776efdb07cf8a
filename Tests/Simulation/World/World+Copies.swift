import OfficeSyncRecords
import OfficeSyncTestSupport

/// Copies of stores: made, put beside the original, or in its place.
extension World {
  private static let backupsMax = 4
  private static let sitesMax = 14

  func backup(_ random: inout SplitMix64) throws {
    if backups.count >= Self.backupsMax { return }
    let site = anySite(&random)
    backups.append(try site.backup(unsent: unsent(at: site)))
    say("\(site.name) is backed up")
  }

  /// Its writes that nobody else has.
  private func unsent(at site: Site) -> WriteSet {
    sites.filter { $0 !== site }.reduce(site.ghost.allOwn) { $0.subtracting($1.ghost.all) }
  }

  func clone(_ random: inout SplitMix64) throws {
    guard !backups.isEmpty, sites.count < Self.sitesMax else { return }
    let backup = backups[Int.random(in: backups.indices, using: &random)]
    let copy = try Site(
      index: sites.count, cloneOf: backup, time: time,
      readsRecordByRecord: swarm.readsRecordByRecord, token: random.next())
    for link in links {
      if link.client == backup.site {
        links.append(Swarm.Link(client: copy.index, server: link.server))
      }
      // Somebody calls the wrong one of the two.
      if link.server == backup.site, random.oneIn(2) {
        links.append(Swarm.Link(client: link.client, server: copy.index))
      }
    }
    sites.append(copy)
    names.copied(backup.replica, unsent: backup.unsent)
    touched.insert(copy.index)
    histogram.note(.clone)
    say("\(copy.name) is a copy of \(sites[backup.site].name)")
  }

  func restore(_ random: inout SplitMix64) throws {
    guard !backups.isEmpty else { return }
    let backup = backups[Int.random(in: backups.indices, using: &random)]
    let site = sites[backup.site]
    if site.isLost { return }
    for connection in connections where connection.involves(site) {
      try connection.cut(dead: site)
    }
    try site.restore(backup)
    names.copied(backup.replica, unsent: backup.unsent)
    touched.insert(site.index)
    histogram.note(.restore)
    say("\(site.name) is put back from a copy")
  }
}
