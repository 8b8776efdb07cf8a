import OfficeSyncProtocol
import OfficeSyncRecords
import OfficeSyncStorage

extension InMemoryStore {
  /// Holds the store against itself, by the rules that `verify --local` goes by.
  public func audit() -> [StoreDamage] {
    let image = disk.current
    return image.collections.sorted { $0.key < $1.key }.flatMap { name, collection in
      collection.audit(name, own: image.row.replica.id)
    }
  }
}

extension CollectionImage {
  fileprivate func audit(_ name: CollectionName, own: ReplicaID) -> [StoreDamage] {
    let schema = Schema.inForce(in: name, record: held(.schema)?.record)
    var audit = CollectionAudit(name, own: own, ownCounter: knowledge[own], schema: schema)
    let found = rows.flatMap { row in
      audit.take(row.id, row.held.traits, row.held.encoded.bytes) { entry in
        let list = entries[entry.replica] ?? []
        return list.contains(Entry(counter: entry.counter, row: row.held.row))
      }
    }
    let indexRows = entries.values.reduce(0) { $0 + $1.count }
    return found + audit.finish(totals, entryRows: indexRows)
  }
}
