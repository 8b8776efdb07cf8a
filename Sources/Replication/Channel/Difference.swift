import OfficeSyncProtocol
import OfficeSyncRecords

/// A stored record is not what was written: nothing of it may be sent.
struct DamagedRecord: Error, Hashable {
  let id: RecordID
}

/// What of a record a peer lacks. Pure: it decides by the record's own bytes and the two vectors.
struct Difference {
  let collection: CollectionName
  /// What the receiver said that it knows.
  let known: VersionVector
  /// What it had from an earlier stream of this sender that was cut.
  let resumed: VersionVector
  /// A field device sends its own writes alone: the replica IDs that are its own. nil for an office.
  let ownReplicas: Set<ReplicaID>?

  /// The entry to send for the index row (`origin`, `counter`) of a record; nil if it goes, or went, under another row.
  /// - Throws: ``DamagedRecord``
  func entry(for row: StoredEntry, origin: ReplicaID) throws(DamagedRecord) -> RecordEntry? {
    let record = try sound(row)
    guard let first = place(in: record.clock), record.clock.entries[first].replica == origin else {
      return nil
    }
    return RecordEntry(
      clockIndex: UInt64(first), id: row.id, record: try delta(of: record, row.id))
  }

  /// The entry to send for a sound record out of its turn; nil if the receiver has all of it.
  func entry(ahead id: RecordID, _ bytes: [UInt8]) -> RecordEntry? {
    guard let record = try? CheckedRecord(bytes), let first = place(in: record.clock),
      let delta = try? delta(of: record, id)
    else { return nil }
    return RecordEntry(clockIndex: UInt64(first), id: id, record: delta)
  }

  /// A record is sent once, for the first of its entries in the sender's order that the receiver lacks.
  private func place(in clock: VersionVector) -> Int? {
    clock.entries.firstIndex {
      isOwn($0.replica) && isUnknown($0) && !resumed.covers($0)
    }
  }

  /// The lowest counter of an own write in a record that the receiver lacks.
  /// - Throws: ``DamagedRecord``
  func lowestOwnUnknown(in row: StoredEntry) throws(DamagedRecord) -> UInt64 {
    let fields = try whole(sound(row), row.id).fields
    let dots = fields.lazy.flatMap { $0.siblings.lazy.map(\.dot) }
    return dots.filter(isWanted).reduce(row.cursor.counter) { min($0, $1.counter) }
  }

  /// Checked before anything is made of it: what a damaged clock says of who lacks the record is worth nothing either.
  private func sound(_ row: StoredEntry) throws(DamagedRecord) -> CheckedRecord {
    let state = StoredState(
      row.record, checksum: row.checksum, id: row.id, collection: collection)
    guard case .sound(let record, _) = state else { throw DamagedRecord(id: row.id) }
    return record
  }

  private func whole(
    _ checked: CheckedRecord, _ id: RecordID
  ) throws(DamagedRecord) -> Record {
    do { return try checked.record } catch { throw DamagedRecord(id: id) }
  }

  private func delta(
    of checked: CheckedRecord, _ id: RecordID
  ) throws(DamagedRecord) -> [UInt8] {
    if case .plain(let plain) = checked, plain.firstWrites.allSatisfy(isWanted) {
      return plain.encoded.bytes
    }
    let record = try whole(checked, id)
    let everything = record.fields.allSatisfy { $0.siblings.allSatisfy(isWanted) }
    if everything { return checked.encoded.bytes }
    var fields: [Record.Field] = []
    for field in record.fields
    where field.siblings.contains(where: isWanted) || isOwnDeletion(field) {
      let (sent, withheld) = (
        field.siblings.filter { isOwn($0.dot.replica) },
        field.siblings.filter { !isOwn($0.dot.replica) }.map(\.dot)
      )
      fields.append(Record.Field(path: field.path, siblings: sent, withheld: withheld))
    }
    do {
      let delta = try Record(fields: fields, clock: record.clock, erased: record.erased)
      return RecordEncoder.encode(delta).bytes
    } catch {
      throw DamagedRecord(id: id)
    }
  }

  /// What a deletion saw may go by other names at the receiver, though it knows the deletion: it joins the two. Without that
  /// both would know the same afterwards and differ.
  private func isOwnDeletion(_ field: Record.Field) -> Bool {
    field.path == .deleted && field.siblings.contains { $0.value != nil && isOwn($0.dot.replica) }
  }

  private func isOwn(_ replica: ReplicaID) -> Bool { ownReplicas?.contains(replica) ?? true }
  private func isUnknown(_ dot: Dot) -> Bool { !known.covers(dot) }
  private func isWanted(_ dot: Dot) -> Bool { isOwn(dot.replica) && isUnknown(dot) }
  private func isWanted(_ sibling: Sibling) -> Bool { isWanted(sibling.dot) }
}
