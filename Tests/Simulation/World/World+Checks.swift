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
    if try isSettled || !mayRecallOldNames(site) { return names.twins }
    let renamed = log.writes.indices.filter { !names.isUnshared(log.writes[$0].dot.replica) }
    return names.twins.union(WriteSet(renamed))
  }

  private func mayRecallOldNames(_ site: Site) throws -> Bool {
    try !site.isOffice || site.store.isRecovering
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
    let knowledge = try view.knowledge
    // A write without a stamp has no name yet.
    guard knowledge.isStamped else {
      standings[place] = nil
      return
    }
    let standing = try Standing(digest: knowledge.digest, condition: view.condition)
    standings[place] = standing
    for other in sites.indices where other != place.site {
      guard let theirs = standings[Place(site: other, collection: place.collection)] else {
        continue
      }
      if standing.contradicts(theirs) { try explain(view, sites[place.site], sites[other]) }
    }
  }

  /// Two that know the same differ. They may where both have taken up an old name again: a write that goes by both shows where it
  /// was overtaken under the other, and a deletion says that it saw both, to whoever had it before. An office takes up none, so
  /// whoever compares sums with one finds them right.
  private func explain(_ view: any CollectionSnapshot, _ site: Site, _ other: Site) throws {
    let isBetweenNames =
      try names.copies > 0 && !isSettled && [site, other].allSatisfy { try mayRecallOldNames($0) }
    let doubles =
      isBetweenNames ? try doubles(at: site).union(doubles(at: other)) : WriteSet()
    let theirs = try other.store.snapshot(of: view.collection)
    var isExplained = false
    for subject in subjects where subject.collection == view.collection {
      let (a, b) = (try view.record(subject.id), try theirs.record(subject.id))
      if a?.fields == b?.fields { continue }
      isExplained = isBetweenNames && a?.shown(without: doubles) == b?.shown(without: doubles)
      if isExplained { continue }
      throw Violation(
        "fingerprint",
        "\(site.name) and \(other.name) know the same of \(view.collection) and differ at "
          + "\(subject.id): \(describe(a)) and \(describe(b))")
    }
    if isExplained { return }
    throw Violation(
      "fingerprint",
      "\(site.name) and \(other.name) show the same of \(view.collection), and their sums differ")
  }
}

extension Record {
  /// What is shown, some writes and what deletions saw aside.
  fileprivate func shown(without writes: WriteSet) -> [FieldPath: [Sibling]] {
    var shown: [FieldPath: [Sibling]] = [:]
    for field in fields {
      let siblings = field.siblings.filter { sibling in
        Int(sibling.write.note).map { !writes.contains($0) } ?? true
      }
      .map { sibling in
        let isDeletion = field.path == .deleted && sibling.value != nil
        return isDeletion
          ? Sibling(dot: sibling.dot, write: sibling.write, content: .value(.null)) : sibling
      }
      if !siblings.isEmpty { shown[field.path] = siblings }
    }
    return shown
  }
}
