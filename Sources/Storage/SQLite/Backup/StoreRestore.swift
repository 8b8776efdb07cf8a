import Foundation
import GRDB
import OfficeSyncRecords

/// Puts a store back from a file that ``SQLiteStore/backUp(to:replacing:)`` wrote. The store goes on under a new replica ID,
/// since others may know later writes under the old one, and an office is in recovery.
public struct StoreRestore: Sendable {
  /// Who the store is now.
  public private(set) var replica: ReplicaInfo
  /// What the store that was there is called now; nil if there was none.
  public private(set) var replaced: String?

  /// - Parameters:
  ///   - backup: the file; it is only read.
  ///   - folder: where the store is to be. No program may have a store open there.
  ///   - replacing: whether a store that is there may be put aside. It is kept, under another name.
  ///   - nowMilliseconds: the wall clock, for that name.
  ///   - accept: called with who the backup is of; what it throws is thrown, and nothing was done.
  /// - Throws: ``StorageError``; `.exists` if there is a store, and it may not be put aside; `.noStore`, `.notOurs`, `.newer`
  ///   or `.damaged` for a file that cannot be put back.
  public init(
    from backup: String, into folder: String, replacing: Bool, nowMilliseconds: UInt64,
    accept: (ReplicaInfo) throws -> Void
  ) throws {
    let file = StoreFile(folder: folder)
    let backup = URL(fileURLWithPath: backup).path
    (replica, replaced) = try StorageError.translating {
      guard FileManager.default.fileExists(atPath: backup) else {
        throw StorageError.noStore(path: backup)
      }
      try StoreFile.requireHeader(of: backup)
      try file.makeFolder()
      try file.refuseNetworkFileSystem()
      if !replacing, FileManager.default.fileExists(atPath: file.path) {
        throw StorageError.exists(path: file.path)
      }
      let draft = try DraftFile(for: file.path)
      let replica = try Self.fill(draft, from: backup, accept)
      let aside = file.path + ".replaced-\(nowMilliseconds)"
      let wasThere = try file.putAside(as: aside)
      try draft.install()
      return (replica, wasThere ? aside : nil)
    }
  }

  private static func fill(
    _ draft: borrowing DraftFile, from backup: String, _ accept: (ReplicaInfo) throws -> Void
  ) throws -> ReplicaInfo {
    var configuration = Configuration()
    configuration.readonly = true
    let source = try DatabaseQueue(path: backup, configuration: configuration)
    var replica: ReplicaInfo?
    let place = StorePlace(ofFile: draft.path)
    try draft.write { copy in
      try source.backup(to: copy)
      try copy.writeWithoutTransaction { try SQLiteStore.check($0) }
      replica = try copy.write { db in
        _ = try Migrations.run(db)
        try accept(StoreRow(in: db).replica)
        var generator = SystemRandomNumberGenerator()
        _ = try SQLiteStore.renew(db, isRestored: true) { .random(using: &generator) }
        try place.save(in: db)
        return try StoreRow(in: db).replica
      }
      try StoreFile.keepLog(copy)
    }
    guard let replica else { throw StorageError.damaged(detail: "it does not say whose it is") }
    return replica
  }
}
