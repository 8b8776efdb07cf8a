import GRDB
import OfficeSyncProtocol
import OfficeSyncRecords

/// What changes overtook, of all collections, in the order in which that happened.
struct HistoryTable {
  private let db: Database
  private let numbers: ReplicaNumbers

  init(_ db: Database, _ numbers: ReplicaNumbers) {
    self.db = db
    self.numbers = numbers
  }

  func append(_ overtaken: OvertakenSibling, ofRecord row: Int64) throws {
    let sibling = overtaken.sibling
    let origin = try numbers.number(of: sibling.dot.replica)
    let byOrigin = try overtaken.by.map { try numbers.number(of: $0.replica) }
    try RawStatement(
      db,
      """
      INSERT INTO history (record, path, origin, counter, sibling, at, by_origin, by_counter)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?)
      """
    ).run {
      $0.int(row)
      $0.bytes(overtaken.path.key.bytes)
      $0.int(origin)
      $0.counter(sibling.dot.counter)
      $0.bytes(sibling.stored)
      $0.counter(overtaken.milliseconds)
      $0.optional(byOrigin)
      $0.optional(overtaken.by.map { Int64($0.counter) })
    }
  }

  func all(ofRecord row: Int64) throws -> [OvertakenSibling] {
    try RawStatement(
      db,
      """
      SELECT path, own.id, counter, sibling, at, later.id, by_counter
      FROM history JOIN replica AS own ON own.number = origin
      LEFT JOIN replica AS later ON later.number = by_origin
      WHERE record = ? ORDER BY history.number
      """
    ).all({ $0.int(row) }) { row in
      let by = row.isNull(5) ? nil : Dot(try row.replica(5), row.counter(6))
      return OvertakenSibling(
        path: try FieldPath(stored: row.bytes(0)),
        sibling: try Sibling(stored: row.bytes(3), dot: Dot(try row.replica(1), row.counter(2))),
        milliseconds: row.counter(4), by: by)
    }
  }

  func erase(ofRecord row: Int64, coveredBy erased: VersionVector) throws {
    for entry in erased.entries {
      let origin = try numbers.number(of: entry.replica)
      try RawStatement(db, "DELETE FROM history WHERE record = ? AND origin = ? AND counter <= ?")
        .run {
          $0.int(row)
          $0.int(origin)
          $0.counter(entry.counter)
        }
    }
  }

  func rename(ofRecord row: Int64, by renaming: Renaming) throws {
    let origin = try numbers.number(of: renaming.origin)
    let name = try numbers.number(of: renaming.name)
    for (column, counter) in [("origin", "counter"), ("by_origin", "by_counter")] {
      try RawStatement(
        db,
        "UPDATE history SET \(column) = ? WHERE record = ? AND \(column) = ? AND \(counter) > ?"
      ).run {
        $0.int(name)
        $0.int(row)
        $0.int(origin)
        $0.counter(renaming.after)
      }
    }
  }
}

extension Sibling {
  /// All but the dot, in the encoding that records use.
  fileprivate var stored: [UInt8] {
    var writer = ByteWriter(reserving: 64)
    writer.text(write.author.description)
    writer.fixed64(write.time.bits)
    writer.text(write.note)
    writer.content(content)
    return writer.bytes
  }

  fileprivate init(stored bytes: [UInt8], dot: Dot) throws {
    var reader = ByteReader(bytes)
    let author = try Identity(stored: reader.text(of: "author", max: 128))
    let time = HybridTime(bits: try reader.fixed64())
    let note = try reader.text(of: "note", max: WriteInfo.noteBytesMax)
    let content = try reader.content()
    try reader.finish()
    self.init(
      dot: dot, write: WriteInfo(time: time, author: author, note: note), content: content)
  }
}

extension FieldPath {
  fileprivate init(stored bytes: [UInt8]) throws {
    do {
      try self.init(bytes: bytes)
    } catch {
      throw StorageError.damaged(detail: "a path is malformed")
    }
  }
}
