import GRDB
import OfficeSyncRecords

/// Small numbers for replica IDs, made as they are needed. Good for one transaction: another process may add to them.
final class ReplicaNumbers {
  private let db: Database
  private var known: [ReplicaID: Int64] = [:]
  /// Runs of records from one replica are the commonest case.
  private var latest: (id: ReplicaID, number: Int64)?

  init(_ db: Database) {
    self.db = db
  }

  /// The number of a replica; a new one is made.
  func number(of replica: ReplicaID) throws -> Int64 {
    if let latest, latest.id == replica { return latest.number }
    let number = try known[replica] ?? find(replica) ?? make(replica)
    known[replica] = number
    latest = (replica, number)
    return number
  }

  func find(_ replica: ReplicaID) throws -> Int64? {
    let select = try RawStatement(db, "SELECT number FROM replica WHERE id = ?")
    return try select.first({ $0.bytes(replica.bytes) }) { $0.int(0) }
  }

  private func make(_ replica: ReplicaID) throws -> Int64 {
    try RawStatement(db, "INSERT INTO replica (id) VALUES (?)").run { $0.bytes(replica.bytes) }
    return db.lastInsertedRowID
  }
}

extension RawRow {
  func replica(_ column: CInt) throws -> ReplicaID {
    let replica = withBytes(column) { bytes in
      bytes.count == ReplicaID.byteCount
        ? ReplicaID(
          high: UInt64(bigEndian: bytes.loadUnaligned(as: UInt64.self)),
          low: UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: 8, as: UInt64.self)))
        : nil
    }
    guard let replica else {
      throw StorageError.damaged(detail: "a replica ID has the wrong length")
    }
    return replica
  }
}
