import GRDB
import OfficeSyncRecords

/// The index by ID of one collection inside a write transaction, and the numbers of new records.
///
/// IDs are random, so each new one goes to another page of the index: of a million records a transaction of a thousand would write nearly
/// a thousand such pages. Records that come in bulk are therefore not entered, but left to the tail, in the order of their
/// arrival; the IDs in the tail are known to whoever fills it (``IDTail``). The tail is entered when it is long enough, when the stream
/// is complete, or when any other transaction looks a record up: after a kill, the next one.
final class RecordIDIndex {
  private let db: Database
  private let collection: Int64
  private let ids: RecordIDs
  private let addStatement: RawStatement
  private let isBulk: Bool
  private var tail: IDTail?
  /// The number of the next new record; nil before the first look.
  private var next: Int64?

  /// So few records are read to know all that there are: a first pull begins with the schema and a small frame.
  private static let readMax: Int64 = 4_096

  /// When new records are entered.
  enum Entering {
    case atOnce
    /// With the tail; what is known of that already.
    case late(IDTail?)
  }

  init(_ db: Database, collection: Int64, entering: Entering = .atOnce) throws {
    self.db = db
    self.collection = collection
    switch entering {
    case .atOnce: (isBulk, tail) = (false, nil)
    case .late(let known): (isBulk, tail) = (true, known)
    }
    ids = try RecordIDs(db, collection: collection)
    addStatement = try RawStatement(
      db,
      """
      INSERT INTO record_id (collection, id, record) VALUES (?, ?, ?) ON CONFLICT DO NOTHING
      """)
  }

  /// The number of a record.
  func find(_ id: RecordID) throws -> Int64? {
    _ = try begin()
    guard let tail else { return try ids.entered(id) }
    let known = try tail.find(IDTail.hash(id.key.bytes, collection)) { try isRecord($0, id) }
    return try tail.isWhole ? known : known ?? ids.entered(id)
  }

  /// Gives a new record its number.
  /// - Returns: nil, having changed nothing, if it is there already.
  func add(_ id: RecordID) throws -> Int64? {
    let row = try begin()
    if isBulk {
      if try find(id) != nil { return nil }
      if tail?.isEmpty == true { try begin(tailFrom: row) }
      tail?.append(IDTail.hash(id.key.bytes, collection))
    } else {
      let count = try addStatement.run {
        $0.int(collection)
        $0.bytes(id.key.bytes)
        $0.int(row)
      }
      if count == 0 { return nil }
    }
    next = row + 1
    return row
  }

  func remove(_ id: RecordID, _ row: Int64) throws {
    try RawStatement(
      db, "DELETE FROM record_id WHERE collection = ? AND id = ? AND record = ?"
    ).run {
      $0.int(collection)
      $0.bytes(id.key.bytes)
      $0.int(row)
    }
  }

  /// The last call of a transaction that took something in bulk.
  ///
  /// - Parameter isLast: whether the tail is entered, however long it is.
  /// - Returns: what is to be handed to the next one, if this one is committed.
  func finishBulk(entering isLast: Bool) throws -> IDTail? {
    if let tail, tail.isFull || (isLast && !tail.isEmpty) {
      try RecordIDs.enterTail(db)
      self.tail?.enter()
    }
    guard let tail, tail.isOfUse || !tail.isEmpty else { return nil }
    return tail
  }

  /// - Returns: the number of the next new record.
  private func begin() throws -> Int64 {
    if let next { return next }
    let select = try RawStatement(
      db, "SELECT tail_from, (SELECT max(number) FROM record) FROM store")
    let found = try select.first({ _ in }) { ($0.isNull(0) ? nil : $0.int(0), $0.int(1)) }
    let (from, last) = found ?? (nil, 0)
    guard last < .max else { throw StorageError.damaged(detail: "a record's number is too high") }
    let version = isBulk ? try Int64.fetchOne(db, sql: "PRAGMA data_version") ?? 0 : 0
    if isBulk, let tail, tail.dataVersion == version, tail.next == last + 1,
      from == nil || from == tail.start
    {
      // This process may have entered it for somebody else's sake.
      if from == nil { self.tail?.enter() }
    } else {
      if from != nil { try RecordIDs.enterTail(db) }
      tail = isBulk ? try readTail(through: last, version) : nil
    }
    next = last + 1
    return last + 1
  }

  private func begin(tailFrom row: Int64) throws {
    try RawStatement(db, "UPDATE store SET tail_from = ?").run { $0.int(row) }
  }

  /// All records, if they are few; otherwise none.
  private func readTail(through last: Int64, _ version: Int64) throws -> IDTail {
    guard last <= Self.readMax else { return IDTail(first: last + 1, dataVersion: version) }
    var tail = IDTail(first: 1, dataVersion: version)
    let select = try RawStatement(db, "SELECT number, collection, id FROM record ORDER BY number")
    try select.forEach({ _ in }) { row in
      // Where a number is missing, places are no numbers.
      guard row.int(0) == tail.next else { return false }
      tail.append(IDTail.hash(row.bytes(2), row.int(1)))
      return true
    }
    if tail.next != last + 1 { return IDTail(first: last + 1, dataVersion: version) }
    tail.enter()
    return tail
  }

  private func isRecord(_ row: Int64, _ id: RecordID) throws -> Bool {
    let select = try RawStatement(
      db, "SELECT 1 FROM record WHERE number = ? AND collection = ? AND id = ?")
    return try select.first({
      $0.int(row)
      $0.int(collection)
      $0.bytes(id.key.bytes)
    }) { _ in } != nil
  }
}
