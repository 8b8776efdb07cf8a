import OfficeSyncProtocol
import OfficeSyncRecords
import OfficeSyncStorage

extension Peer {
  /// Whether its store still goes by this ID, as far as is known here.
  var isInUse: Bool { successor == nil && retiredMilliseconds == nil }

  /// Collections that it has shown here, by name, with the number of writes that it lacked when it was last here.
  ///
  /// - Parameter office: what this office knows.
  func lag(
    behind office: [CollectionName: VersionVector]
  ) -> [(collection: CollectionName, writes: UInt64)] {
    knowledge.sorted { $0.key < $1.key }.map { name, known in
      let entries = office[name]?.entries ?? []
      let lacking = entries.reduce(into: UInt64(0)) { sum, entry in
        if !known.covers(entry) { sum += entry.counter - known[entry.replica] }
      }
      return (name, lacking)
    }
  }
}

extension SQLiteStore {
  /// What the store knows of each collection, closed origins aside.
  func knowledgeByCollection() throws -> [CollectionName: VersionVector] {
    var known: [CollectionName: VersionVector] = [:]
    for name in try collections() { known[name] = try snapshot(of: name).knowledge.open }
    return known
  }
}
