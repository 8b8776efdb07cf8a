import GRDB
import OfficeSyncProtocol
import OfficeSyncRecords

import struct OfficeSyncProtocol.Progress

/// How far unfinished streams into one collection got.
struct ProgressTable {
  private let db: Database
  private let collection: Int64

  init(_ db: Database, collection: Int64) {
    self.db = db
    self.collection = collection
  }

  func find(from sender: Int64) throws -> Progress? {
    try RawStatement(
      db, "SELECT token, vector FROM progress WHERE collection = ? AND sender = ?"
    ).first({
      $0.int(collection)
      $0.int(sender)
    }) { row in
      Progress(token: try row.replica(0), vector: try VersionVector(stored: row.bytes(1)))
    }
  }

  func save(_ progress: Progress, from sender: Int64) throws {
    try RawStatement(
      db, "INSERT OR REPLACE INTO progress (collection, sender, token, vector) VALUES (?, ?, ?, ?)"
    ).run {
      $0.int(collection)
      $0.int(sender)
      $0.bytes(progress.token.bytes)
      $0.bytes(progress.vector.stored)
    }
  }

  func remove(from sender: Int64) throws {
    try RawStatement(db, "DELETE FROM progress WHERE collection = ? AND sender = ?").run {
      $0.int(collection)
      $0.int(sender)
    }
  }
}

extension VersionVector {
  /// Vectors that are only ever read whole are kept as their encoding.
  var stored: [UInt8] {
    var writer = ByteWriter()
    writer.vector(self)
    return writer.bytes
  }

  init(stored bytes: [UInt8]) throws {
    var reader = ByteReader(bytes)
    self = try reader.vector()
    try reader.finish()
  }
}
