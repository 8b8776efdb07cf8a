import OfficeSyncProtocol
import OfficeSyncRecords

/// Holds one collection's records, one after the other, against what is kept beside them, and at the end what is kept
/// added up against their sum. Pure: an engine hands in what it reads.
package struct CollectionAudit {
  let collection: CollectionName
  private let own: ReplicaID
  private let ownCounter: UInt64
  private let schema: Schema?
  private var totals = CollectionTotals()
  /// Entries that the clocks of the records have together.
  private(set) var entries = 0
  private var records = 0
  /// Whether some record could not be reckoned with: then sums prove nothing.
  private(set) var isIncomplete = false

  /// - Parameter schema: the one in force; nil if it cannot be read.
  package init(_ collection: CollectionName, own: ReplicaID, ownCounter: UInt64, schema: Schema?) {
    self.collection = collection
    self.own = own
    self.ownCounter = ownCounter
    self.schema = schema
  }

  /// Takes one record as it is stored.
  ///
  /// - Parameters:
  ///   - isFound: whether the index by ID leads to it.
  ///   - hasEntry: whether the index by origin has this entry of its clock.
  package mutating func take(
    _ id: RecordID, _ traits: RecordTraits, _ state: [UInt8], isFound: Bool = true,
    hasEntry: (Dot) throws -> Bool
  ) rethrows -> [StoreDamage] {
    records += 1
    let misplaced =
      isFound ? [] : [damage(.index, id, "the index by ID does not lead to it")]
    return try misplaced + check(id, traits, state, hasEntry)
  }

  private mutating func check(
    _ id: RecordID, _ traits: RecordTraits, _ state: [UInt8], _ hasEntry: (Dot) throws -> Bool
  ) rethrows -> [StoreDamage] {
    switch StoredState(state, checksum: traits.checksum, id: id, collection: collection) {
    case .unreadable:
      isIncomplete = true
      return [damage(.record, id, "it cannot be read")]
    case .altered:
      isIncomplete = true
      return [damage(.record, id, "it is not what was written")]
    case .sound(let record, let part):
      totals.add(part, traits)
      return try check(id, traits, record, part, hasEntry)
    }
  }

  private mutating func check(
    _ id: RecordID, _ traits: RecordTraits, _ record: CheckedRecord, _ part: Fingerprint,
    _ hasEntry: (Dot) throws -> Bool
  ) rethrows -> [StoreDamage] {
    var found: [StoreDamage] = []
    if let schema, RecordTraits(of: record, id: id, part: part, schema: { schema }) != traits {
      found.append(damage(.index, id, "it is counted wrongly"))
    }
    for entry in record.clock.entries {
      entries += 1
      if try !hasEntry(entry) {
        found.append(damage(.index, id, "the index by origin lacks \(entry)"))
      }
    }
    if record.clock[own] > ownCounter {
      found.append(damage(.counter, id, "it holds own writes beyond \(ownCounter)"))
    }
    return found
  }

  /// Notes a record whose bytes cannot even be fetched.
  mutating func miss(_ id: RecordID) -> StoreDamage {
    isIncomplete = true
    return damage(.record, id, "its place in the file cannot be read")
  }

  /// The last call: what the collection keeps added up, and how many rows its indexes have, by origin and by ID.
  package func finish(
    _ kept: CollectionTotals, entryRows: Int, idRows: Int? = nil
  ) -> [StoreDamage] {
    if isIncomplete { return [] }
    var found: [StoreDamage] = []
    if kept.fingerprint != totals.fingerprint {
      found.append(damage(.totals, nil, "its fingerprint is not the sum of its records'"))
    }
    for (name, kept, sum) in [
      ("records", kept.records, totals.records), ("live records", kept.live, totals.live),
      ("open conflicts", kept.conflicts, totals.conflicts),
    ] where kept != sum {
      found.append(damage(.totals, nil, "\(kept) \(name) are counted, and there are \(sum)"))
    }
    for (name, rows, expected) in [
      ("origin", entryRows, entries), ("ID", idRows ?? records, records),
    ] where rows != expected {
      found.append(
        damage(.index, nil, "the index by \(name) has \(rows) rows instead of \(expected)"))
    }
    return found
  }

  private func damage(_ kind: StoreDamage.Kind, _ id: RecordID?, _ detail: String) -> StoreDamage {
    StoreDamage(kind, collection, id, detail)
  }
}
