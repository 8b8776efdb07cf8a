import OfficeSyncProtocol
import OfficeSyncRecords

/// A record's row as it lies in a store, whatever became of its bytes.
package struct StoredRow: Sendable {
  package var row: Int64
  package var id: RecordID
  package var traits: RecordTraits
  package var bytes: [UInt8]

  package init(row: Int64, id: RecordID, traits: RecordTraits, bytes: [UInt8]) {
    self.row = row
    self.id = id
    self.traits = traits
    self.bytes = bytes
  }
}

extension CollectionTables {
  /// Puts an office's records in the place of those that are damaged or missing here. What is kept added up is right again
  /// only after ``rebuild()``.
  package func repair(_ records: [IncomingRecord]) throws {
    let schema = try readableSchema()
    for incoming in records {
      let stored = try stored(incoming.id)
      let record = try repaired(incoming, stored)
      let encoded = RecordEncoder.encode(record)
      let part = Fingerprint(collection: name, id: incoming.id, record: encoded)
      let traits = RecordTraits(
        of: .whole(record, encoded), id: incoming.id, part: part, schema: { schema })
      let row: Int64?
      if let stored {
        try removeEntries(ofRecord: stored.row)
        try update(stored.row, encoded, traits)
        row = stored.row
      } else {
        row = try insert(incoming.id, encoded, traits)
      }
      guard let row else { throw StorageError.damaged(detail: "a record cannot be put back") }
      for entry in record.clock.entries { try insertEntry(entry, record: row) }
    }
    // A stream that goes on where it was cut would not bring again what was lost with a damaged record.
    try forgetStreams()
  }

  private func repaired(_ incoming: IncomingRecord, _ stored: StoredRow?) throws -> Record {
    let theirs = try incoming.checked.record
    guard let stored else { return theirs }
    let state = StoredState(
      stored.bytes, checksum: stored.traits.checksum, id: incoming.id, collection: name)
    do {
      switch state {
      case .unreadable: return theirs
      case .altered(let damaged):
        var known = VersionVector()
        for entry in damaged.clock.entries {
          let counter = min(entry.counter, try counter(of: entry.replica))
          if counter > 0 { known.insert(Dot(entry.replica, counter)) }
        }
        return try theirs.rescuing(damaged.record, within: known)
      case .sound(let mine, _):
        // It was made good meanwhile.
        var record = try mine.record
        try record.merge(theirs)
        return record
      }
    } catch let error as RecordError {
      throw StorageError.damaged(detail: "\(incoming.id) cannot be put together: \(error)")
    }
  }

  /// Makes the index by origin, what stands beside each record, and what is added up over all anew from the records. One
  /// that cannot be read stays as it is, and counts for nothing.
  ///
  /// - Returns: rows that hold the very bytes of another record that is sound: their IDs are damaged, and they are to go.
  package func rebuild() throws -> [(row: Int64, id: RecordID)] {
    let schema = try readableSchema()
    try removeAllEntries()
    var totals = try totals().emptied
    var altered: [[UInt8]: (row: Int64, id: RecordID)] = [:]
    var strays: [(row: Int64, id: RecordID)] = []
    try forEachStored { stored in
      let state = StoredState(
        stored.bytes, checksum: stored.traits.checksum, id: stored.id, collection: name)
      switch state {
      case .unreadable: break
      case .altered(let record):
        for entry in record.clock.entries { try insertEntry(entry, record: stored.row) }
        altered[stored.bytes] = (stored.row, stored.id)
      case .sound(let record, let part):
        let traits = RecordTraits(of: record, id: stored.id, part: part, schema: { schema })
        if traits != stored.traits { try update(stored.row, record.encoded, traits) }
        for entry in record.clock.entries { try insertEntry(entry, record: stored.row) }
        totals.add(part, traits)
        // What was fetched in the place of one that could not be found comes behind it.
        if !altered.isEmpty, let stray = altered[stored.bytes] { strays.append(stray) }
      }
    }
    for stray in strays { try removeEntries(ofRecord: stray.row) }
    try save(totals)
    return strays
  }

  /// The schema in force; none if it is damaged itself: then it is fetched too, and counted by again.
  private func readableSchema() throws -> Schema {
    guard let stored = try stored(.schema),
      case .sound(let checked, _) = StoredState(
        stored.bytes, checksum: stored.traits.checksum, id: .schema, collection: name),
      let record = try? checked.record
    else { return .inForce(in: name, record: nil) }
    return .inForce(in: name, record: record)
  }
}
