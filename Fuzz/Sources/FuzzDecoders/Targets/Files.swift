import Foundation
import OfficeSyncProtocol
import OfficeSyncRecords
import OfficeSyncStorage

/// A store's file in which bytes are not what was written: each five of the input are a place and what is XORed there.
/// Opening, auditing, reading, writing and rebuilding give what is there or a `StorageError`, and a store that the audit
/// finds sound shows what was written.
func fuzzFiles(_ bytes: [UInt8]) {
  let folder = DamagedFile.folder
  var file = DamagedFile.sound
  var input = FuzzInput(bytes)
  while let high = input.next() {
    let place = (Int(high) << 16 | input.number(below: 1 << 16)) % file.count
    file[place] ^= input.next() ?? 0
  }
  do {
    try DamagedFile.put(file)
    let store = try SQLiteStore.open(folder: folder, in: .unknown)
    let isSound = try store.audit { _, _ in }.isSound
    let snapshot = try store.snapshot(of: Scene.projects)
    for origin in snapshot.newestEntries.entries.map(\.replica) {
      _ = try? snapshot.entries(of: origin, after: EntryCursor(counter: 0), bytesGoal: 1 << 20)
    }
    _ = try? snapshot.digests(after: nil, through: nil, limit: 100)
    let records = try? snapshot.records(after: nil, limit: 100).map(\.record)
    if isSound { require(records == DamagedFile.records, "a sound store shows something else") }
    _ = try? store.rebuild(Scene.projects)
    _ = try store.write(to: Scene.projects, wallMilliseconds: Party.wall, note: "") { writer in
      try writer.put(
        try RecordID("a"), changes: [(path: try FieldPath("title"), content: .value(.null))],
        context: nil)
    }
  } catch is StorageError {
  } catch {
    require(false, "a damaged store gives \(error)")
  }
}

private enum DamagedFile {
  static let folder = FileManager.default.temporaryDirectory
    .appendingPathComponent("officesync-fuzz-\(ProcessInfo.processInfo.processIdentifier)").path
  private static let name = "\(folder)/store.sqlite"
  private static let made: (bytes: [UInt8], records: [Record]) = make()
  static var sound: [UInt8] { made.bytes }
  static var records: [Record] { made.records }

  static func put(_ bytes: [UInt8]) throws {
    for suffix in ["-wal", "-shm"] { try? FileManager.default.removeItem(atPath: name + suffix) }
    try Data(bytes).write(to: URL(filePath: name))
  }

  private static func make() -> (bytes: [UInt8], records: [Record]) {
    do {
      let store = try SQLiteStore.create(folder: folder, replica: Scene.office)
      try store.write(to: Scene.projects, wallMilliseconds: Party.wall, note: "") { writer in
        for id in ["a", "b", "c"] {
          _ = try writer.put(
            try RecordID(id),
            changes: [(path: try FieldPath("title"), content: .value(.text("title of \(id)")))],
            context: nil)
        }
      }
      _ = try store.emptyLog()
      let records = try store.snapshot(of: Scene.projects).records(after: nil, limit: 100)
      let bytes = try Data(contentsOf: URL(filePath: name))
      return (Array(bytes), records.map(\.record))
    } catch {
      fatalError("no store can be made in \(folder): \(error)")
    }
  }
}
