import Foundation
import OfficeSyncInMemoryStore
import OfficeSyncStorage
import OfficeSyncTestSupport

/// Where a site's store lies: what outlives a crash, and can be copied.
enum Disk {
  case memory(InMemoryStore.Disk)
  /// A folder with SQLite's files.
  case folder(TestFolder)

  enum Kind { case memory, folder }

  /// Batches of two records and more are taken in as a first pull is.
  private static let bulkRecordsMin = 2

  static func make(_ kind: Kind, for replica: ReplicaInfo) throws -> (Disk, any SimulatedStore) {
    switch kind {
    case .memory:
      let disk = InMemoryStore.Disk(StoreImage(replica: replica))
      return (.memory(disk), InMemoryStore(on: disk))
    case .folder:
      let folder = try TestFolder()
      let store = try SQLiteStore.create(folder: folder.path + "/store", replica: replica)
      store.fillTail(withBatchesOf: Self.bulkRecordsMin)
      return (.folder(folder), store)
    }
  }

  func open() throws -> any SimulatedStore {
    switch self {
    case .memory(let disk): return InMemoryStore(on: disk)
    // What is durable is copied here and there: to the store it is one file that never moved.
    case .folder(let folder):
      let store = try SQLiteStore.open(folder: folder.path + "/store", in: .unknown)
      store.fillTail(withBatchesOf: Self.bulkRecordsMin)
      return store
    }
  }

  /// The files as they are now, as a backup or a killed program leaves them: whatever was not committed is not in them.
  func copy() throws -> Disk {
    switch self {
    case .memory(let disk): return .memory(InMemoryStore.Disk(disk.current))
    case .folder(let folder):
      let copy = try TestFolder()
      let (from, to) = (folder.path + "/store", copy.path + "/store")
      try FileManager.default.createDirectory(atPath: to, withIntermediateDirectories: true)
      // The index of the write-ahead log is made anew from the log.
      for name in ["store.sqlite", "store.sqlite-wal"]
      where FileManager.default.fileExists(atPath: "\(from)/\(name)") {
        try FileManager.default.copyItem(atPath: "\(from)/\(name)", toPath: "\(to)/\(name)")
      }
      return .folder(copy)
    }
  }
}
