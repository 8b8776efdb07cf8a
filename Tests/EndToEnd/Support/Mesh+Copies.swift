import Foundation
import OfficeSyncRecords

/// Copies of stores' folders, as people make them.
extension Mesh {
  /// Copies a store's folder with everything in it, as `cp -a` does, in the place of what is there. What is there goes last: the
  /// file system may give the number of a file that is gone to the next one, and the copy would pass for the original.
  func copyFolder(_ name: String, to copy: String) throws {
    try must("cp", "-a", name, "\(copy).copied")
    _ = try? FileManager.default.removeItem(atPath: "\(path)/\(copy)")
    try must("mv", "\(copy).copied", copy)
  }

  /// Writes an older copy over a store's files in place: what the system says of the files does not change, as when an
  /// image of the whole disk is put back.
  func overwrite(_ name: String, with copy: String) throws {
    for suffix in ["-wal", "-shm"] {
      try? FileManager.default.removeItem(atPath: "\(path)/\(name)/store.sqlite\(suffix)")
    }
    try must("dd", "if=\(copy)/store.sqlite", "of=\(name)/store.sqlite", "status=none")
  }

  /// The store takes its file for the one that it was always in, as in an image of a whole disk.
  func forgetPlace(_ name: String) throws {
    try alter(name, "UPDATE store SET machine = '', inode = 0, birth = 0")
  }

  /// Changes a store behind its programs' back.
  func alter(_ name: String, _ statement: String) throws {
    try must(
      "python3", "-c",
      "import sqlite3,sys; c = sqlite3.connect(sys.argv[1]); c.execute(sys.argv[2]); c.commit()",
      "\(name)/store.sqlite", statement)
  }

  func put(_ store: String, _ id: String, _ values: String...) throws {
    let run = try BuiltPrograms.run(
      "syncclient", ["put", "--data", store, "projects", id] + values, in: path)
    if run.status != 0 { throw Failed(command: "put \(id) in \(store)", run: run) }
  }

  func replica(_ store: String) throws -> String? {
    try must("syncclient", "status", "--data", store, "--json").json["replica"]?["id"]?.text
  }

  /// What a field shows, the current value first.
  func values(_ store: String, _ id: String, _ field: String) throws -> [String] {
    let record = try record(id, in: store)
    if let siblings = record["conflicts"]?[field]?.items {
      return siblings.compactMap { $0["value"]?.text }
    }
    return [record["fields"]?[field]?.text].compactMap { $0 }
  }
}
