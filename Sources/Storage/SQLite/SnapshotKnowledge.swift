import GRDB
import OfficeSyncProtocol
import OfficeSyncRecords

/// Which writes of a collection are known, as one read transaction finds it.
struct SnapshotKnowledge {
  var knowledge = Knowledge()
  var ended: [Ending] = []
  var isPartial = false
  var newestEntries = VersionVector()

  /// Of a collection that is not there.
  init() {}

  init(_ db: Database, collection number: Int64, closed: ClosedOriginsCache) throws {
    let closed = try closed.knowledge(db, collection: number)
    knowledge = closed
    knowledge.vector.join(try KnowledgeTable(db, collection: number).openVector())
    knowledge.newestStamps.merge(try StampTable(db, collection: number).newestOfOpen()) { $1 }
    ended = try EndingTable(db, collection: number).all()
    let entries = ClockEntries(db, collection: number)
    let open = try entries.newestOfOpen()
    newestEntries = open.joined(closed.vector)
    for beyond in open.entries where !knowledge.vector.covers(beyond) {
      // What came of an origin that ended is all that may ever come: there is nothing to wait for.
      let (origin, known) = (beyond.replica, knowledge.vector[beyond.replica])
      guard let stamp = knowledge.newestStamps[origin],
        ended.contains(where: { $0.stamp == stamp }),
        let origin = try ReplicaNumbers(db).find(origin)
      else {
        isPartial = true
        continue
      }
      knowledge.strays[beyond.replica] = try entries.strays(
        of: origin, beyond.replica, beyond: known)
    }
  }
}
