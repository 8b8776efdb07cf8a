import CFileTimes
import Foundation
import GRDB
import OfficeSyncProtocol
import OfficeSyncRecords

/// Where a store's file is: the machine, and which file of it. A copy is elsewhere, so that it takes a new replica ID before
/// its first write. Being wrong does no harm: a store may take a new ID at any time.
///
/// Neither path nor device counts: folders are renamed and devices numbered anew by an ordinary restart. A file's number alone
/// is not enough: who removes a store and puts a copy in its place may get the number back.
public struct StorePlace: Hashable, Sendable {
  /// Empty for unknown.
  var machine: String
  /// The file's number in its file system; 0 for unknown.
  var inode: UInt64
  /// When the file was made, in nanoseconds since 1970; 0 for unknown.
  var birth: Int64

  /// For an image of a whole disk, which nothing here can tell from the original.
  public static let unknown = StorePlace(machine: "", inode: 0, birth: 0)

  init(machine: String, inode: UInt64, birth: Int64) {
    self.machine = machine
    self.inode = inode
    self.birth = birth
  }

  init(ofFile path: String) {
    var status = stat()
    inode = stat(path, &status) == 0 ? UInt64(status.st_ino) : 0
    birth = shim_file_birth(path)
    let text = try? String(contentsOfFile: "/etc/machine-id", encoding: .utf8)
    machine = text?.trimmingCharacters(in: .whitespacesAndNewlines) ?? ""
  }

  init(in db: Database) throws {
    let row = try Row.fetchOne(db, sql: "SELECT machine, inode, birth FROM store")
    machine = row?["machine"] ?? ""
    inode = UInt64(bitPattern: row?["inode"] ?? 0)
    birth = row?["birth"] ?? 0
  }

  func save(in db: Database) throws {
    try db.execute(
      sql: "UPDATE store SET machine = ?, inode = ?, birth = ?",
      arguments: [machine, Int64(bitPattern: inode), birth])
  }

  /// What one of them does not know says nothing.
  func isElsewhere(than other: StorePlace) -> Bool {
    (!machine.isEmpty && !other.machine.isEmpty && machine != other.machine)
      || (inode != 0 && other.inode != 0 && inode != other.inode)
      || (birth != 0 && other.birth != 0 && birth != other.birth)
  }
}

extension SQLiteStore {
  /// Compares where the file is with where it was when it was last opened.
  ///
  /// - Returns: what was done because it is elsewhere; nil for the usual case.
  static func settle(_ writer: DatabaseQueue, in place: StorePlace) throws -> Healing? {
    if try place == .unknown || place == writer.read({ try StorePlace(in: $0) }) { return nil }
    return try writer.write { db in
      let before = try StorePlace(in: db)
      try place.save(in: db)
      let isNew = try Int.fetchOne(db, sql: "SELECT count(*) FROM collection") == 0
      guard place.isElsewhere(than: before), !isNew else { return nil }
      var generator = SystemRandomNumberGenerator()
      return try renew(db, isRestored: true) { ReplicaID.random(using: &generator) }
    }
  }
}
