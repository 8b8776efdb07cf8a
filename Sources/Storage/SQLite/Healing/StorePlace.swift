import Foundation
import GRDB
import OfficeSyncProtocol
import OfficeSyncRecords

/// Where a store's file is: the machine, and the file's number in its file system. A copy is elsewhere, so that it takes a
/// new replica ID before its first write. Being wrong does no harm: a store may take a new ID at any time.
///
/// Neither path nor device counts: folders are renamed and devices numbered anew by an ordinary restart.
public struct StorePlace: Hashable, Sendable {
  /// Empty for unknown.
  var machine: String
  /// 0 for unknown.
  var inode: UInt64

  /// For an image of a whole disk, which nothing here can tell from the original.
  public static let unknown = StorePlace(machine: "", inode: 0)

  private init(machine: String, inode: UInt64) {
    self.machine = machine
    self.inode = inode
  }

  init(ofFile path: String) {
    var status = stat()
    inode = stat(path, &status) == 0 ? UInt64(status.st_ino) : 0
    let text = try? String(contentsOfFile: "/etc/machine-id", encoding: .utf8)
    machine = text?.trimmingCharacters(in: .whitespacesAndNewlines) ?? ""
  }

  init(in db: Database) throws {
    let row = try Row.fetchOne(db, sql: "SELECT machine, inode FROM store")
    machine = row?["machine"] ?? ""
    inode = UInt64(bitPattern: row?["inode"] ?? 0)
  }

  func save(in db: Database) throws {
    try db.execute(
      sql: "UPDATE store SET machine = ?, inode = ?",
      arguments: [machine, Int64(bitPattern: inode)])
  }

  func isElsewhere(than other: StorePlace) -> Bool {
    let otherMachine = !machine.isEmpty && !other.machine.isEmpty && machine != other.machine
    return otherMachine || (inode != 0 && other.inode != 0 && inode != other.inode)
  }
}

extension SQLiteStore {
  /// Compares where the file is with where it was when it was last opened.
  ///
  /// - Returns: what was done because it is elsewhere; nil for the usual case.
  static func settle(_ pool: DatabasePool, in place: StorePlace) throws -> Healing? {
    if try place == .unknown || place == pool.read({ try StorePlace(in: $0) }) { return nil }
    return try pool.write { db in
      let before = try StorePlace(in: db)
      try place.save(in: db)
      let isNew = try Int.fetchOne(db, sql: "SELECT count(*) FROM collection") == 0
      guard place.isElsewhere(than: before), !isNew else { return nil }
      var generator = SystemRandomNumberGenerator()
      return try renew(db, isRestored: true) { ReplicaID.random(using: &generator) }
    }
  }
}
