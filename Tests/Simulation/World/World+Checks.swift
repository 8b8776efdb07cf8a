import OfficeSyncProtocol
import OfficeSyncRecords
import OfficeSyncReplication
import OfficeSyncStorage

extension World {
  /// Looks at every site whose store changed.
  func check() throws {
    for index in touched.sorted() { try check(sites[index]) }
    touched = []
  }

  private func check(_ site: Site) throws {
    let id = try site.store.replica().id
    if id != site.replica { try takeNewID(id, at: site) }
    let doubles = try self.doubles(at: site)
    for (number, collection) in swarm.collections.enumerated() {
      let view = try site.store.snapshot(of: collection)
      let place = Place(site: site.index, collection: number)
      let checks = SiteCheck(
        site: site, view: view, subjects: subjects(of: number), log: log, names: names,
        doubles: doubles)
      try checks.run(&found[place, default: SiteCheck.Found()], &right)
      try compare(place, view)
    }
  }

  /// Writes that may show at a site under a name that nobody there has overtaken.
  ///
  /// Where names ended is believed of offices alone. So a device that has renamed a branch and then meets an office which has
  /// not yet heard of the fork gets the old names again, until it has; and so does an office in recovery from devices.
  private func doubles(at site: Site) throws -> WriteSet {
    if names.copies == 0 { return WriteSet() }
    if isSettled { return names.twins }
    if site.isOffice, try !site.store.isRecovering { return names.twins }
    let renamed = log.writes.indices.filter { !names.isUnshared(log.writes[$0].dot.replica) }
    return names.twins.union(WriteSet(renamed))
  }

  /// Only a copy gives a store a new ID, once. What it wrote and showed to nobody may go along.
  private func takeNewID(_ id: ReplicaID, at site: Site) throws {
    if names.isUnshared(site.replica) {
      throw Violation("identity", "\(site.name) took a new ID without a clone or a restore")
    }
    var isFresh = true
    for collection in swarm.collections {
      let carried = try site.store.snapshot(of: collection).knowledge.vector[id]
      guard carried == 0 || carried == site.counters[collection] else {
        throw Violation(
          "counter", "\(site.name) begins its new ID at \(carried) in \(collection)")
      }
      if carried > 0 { isFresh = false }
      site.counters[collection] = carried
    }
    if isFresh { names.began(id) }
    site.replica = id
    histogram.note("healing new ID")
    say("\(site.name) has a new ID")
  }

  /// Equal knowledge, and nothing half-received: then the contents are equal, too.
  private func compare(_ place: Place, _ view: any CollectionSnapshot) throws {
    let knowledge = view.knowledge
    // A write without a stamp has no name yet.
    guard knowledge.isStamped else {
      standings[place] = nil
      return
    }
    let standing = Standing(digest: knowledge.digest, condition: view.condition)
    standings[place] = standing
    for other in sites.indices where other != place.site {
      guard let theirs = standings[Place(site: other, collection: place.collection)] else {
        continue
      }
      if standing.contradicts(theirs) {
        throw Violation(
          "fingerprint",
          "\(sites[place.site].name) and \(sites[other].name) know the same of "
            + "\(view.collection) and differ")
      }
    }
  }
}
