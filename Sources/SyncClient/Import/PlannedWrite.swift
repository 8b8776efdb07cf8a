import OfficeSyncProtocol
import OfficeSyncRecords

/// What a row of an import comes to, worked out while the file was checked.
enum PlannedWrite {
  /// There was no such record.
  case new(RecordID, EncodedFields)
  /// Changes write by write, made by somebody who had seen `seen`.
  case changes(RecordID, [[Record.Change]], seen: VersionVector)
}

extension ByteWriter {
  mutating func planned(_ write: PlannedWrite) {
    switch write {
    case .new(let id, let fields):
      byte(0)
      prefixed(id.key.bytes)
      prefixed(fields.bytes)
    case .changes(let id, let writes, let seen):
      byte(1)
      prefixed(id.key.bytes)
      vector(seen)
      varint(writes.count)
      for changes in writes {
        varint(changes.count)
        for change in changes {
          prefixed(change.path.key.bytes)
          content(change.content)
        }
      }
    }
  }
}

extension ByteReader {
  /// What ``ByteWriter/planned(_:)`` wrote.
  ///
  /// - Throws: `CodecError`, `NameError`
  mutating func planned() throws -> PlannedWrite {
    let isNew = try byte() == 0
    let id = try RecordID(bytes: Array(bytes(of: "record ID", max: RecordID.bytesMax)))
    if isNew {
      return .new(
        id, EncodedFields(kept: Array(try bytes(of: "fields", max: WriteLimits.recordBytesMax))))
    }
    let seen = try vector()
    var writes: [[Record.Change]] = []
    for _ in 0..<(try count(of: "writes", itemBytesMin: 1)) {
      var changes: [Record.Change] = []
      for _ in 0..<(try count(of: "changes", itemBytesMin: 2)) {
        let path = try FieldPath(bytes: Array(bytes(of: "path", max: FieldPath.bytesMax)))
        changes.append((path, try content()))
      }
      writes.append(changes)
    }
    return .changes(id, writes, seen: seen)
  }
}
