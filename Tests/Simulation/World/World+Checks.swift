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
    guard id == site.replica else {
      throw Violation("identity", "\(site.name) took a new ID without a clone or a restore")
    }
    for (number, collection) in swarm.collections.enumerated() {
      let view = try site.store.snapshot(of: collection)
      let subjects = (0...swarm.records).map { subject(number, $0) }
      let checks = SiteCheck(
        site: site, view: view, subjects: subjects, log: log, suspects: suspects)
      try checks.run(&checked[site.index, default: [:]])
      try compare(site, view)
    }
  }

  /// Equal knowledge, and nothing half-received: then the contents are equal, too.
  private func compare(_ site: Site, _ view: any CollectionSnapshot) throws {
    let place = Place(site: site.index, collection: view.collection)
    // A write without a stamp has no name yet.
    guard view.knowledge.isStamped else {
      standings[place] = nil
      return
    }
    let standing = Standing(digest: view.knowledge.digest, condition: view.condition)
    standings[place] = standing
    for other in sites where other !== site {
      let other = Place(site: other.index, collection: view.collection)
      guard let theirs = standings[other] else { continue }
      if standing.contradicts(theirs) {
        throw Violation(
          "fingerprint",
          "\(site.name) and \(sites[other.site].name) know the same of \(view.collection) and differ"
        )
      }
    }
  }
}
