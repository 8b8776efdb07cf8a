import OfficeSyncProtocol
import OfficeSyncRecords

/// Holds local writes to ``WriteLimits``, whatever engine stores them.
enum LocalWriteLimits {
  /// What a record measures against the soft limits.
  struct Size {
    var bytes: Int
    var paths: Int

    init(of record: Record, _ encoded: EncodedRecord) {
      bytes = encoded.bytes.count
      paths = record.fields.count
    }
  }

  /// - Throws: ``StorageError`` `.limit`, `.pathTwice`
  static func check(_ changes: [(path: FieldPath, content: Sibling.Content)]) throws {
    guard changes.count <= WriteLimits.pathsMax else {
      throw StorageError.limit(.paths(max: WriteLimits.pathsMax))
    }
    var valueBytes = 0
    var paths: Set<FieldPath> = []
    for change in changes {
      if changes.count > 1, !paths.insert(change.path).inserted {
        throw StorageError.pathTwice(change.path)
      }
      guard case .value(let value) = change.content else { continue }
      guard value.longestTextBytes <= WriteLimits.textBytesMax else {
        throw StorageError.limit(.textBytes(path: change.path, max: WriteLimits.textBytesMax))
      }
      valueBytes += value.sizeBytes
    }
    guard valueBytes <= WriteLimits.valueBytesMax else {
      throw StorageError.limit(.valueBytes(max: WriteLimits.valueBytesMax))
    }
  }

  /// A record that merging made large may be written to as long as that makes it no larger; removing is always allowed.
  ///
  /// - Throws: ``StorageError`` `.limit`
  static func check(
    growthFrom before: Size, to after: Size,
    by changes: [(path: FieldPath, content: Sibling.Content)]
  ) throws {
    if changes.allSatisfy({ $0.path == .deleted || $0.content == .absent }) { return }
    if before.bytes >= WriteLimits.recordBytesSoftMax, after.bytes > before.bytes {
      throw StorageError.limit(.recordBytes(max: WriteLimits.recordBytesSoftMax))
    }
    if before.paths >= WriteLimits.recordPathsSoftMax, after.paths > before.paths {
      throw StorageError.limit(.recordPaths(max: WriteLimits.recordPathsSoftMax))
    }
  }
}
