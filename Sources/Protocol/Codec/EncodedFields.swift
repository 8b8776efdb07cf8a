import OfficeSyncRecords

/// The fields of a record that a single write has made, in the record's encoding: what can be worked out of a new record before its
/// write has a name and a time.
public struct EncodedFields: Hashable, Sendable {
  public let bytes: [UInt8]
  /// Whether they were found to make a ``PlainRecord``, as they do of every write or of none.
  private let isPlain: Bool

  /// - Parameter changes: sorted by path, each path once; at least one.
  public init(_ changes: [Record.Change]) {
    var writer = ByteWriter(reserving: 512)
    writer.varint(changes.count)
    for change in changes {
      writer.prefixed(change.path.key.bytes)
      // One sibling, of the record's first write.
      writer.byte(1)
      writer.byte(0)
      writer.content(change.content)
    }
    bytes = writer.bytes
    isPlain = false
  }

  /// Takes up what was put away as ``bytes``, and checks it here rather than where somebody waits for ``record(as:info:)``.
  public init(kept bytes: [UInt8]) {
    self.bytes = bytes
    isPlain = PlainRecord.areFields(ofOneWrite: bytes)
  }

  /// The record whose only write this is.
  ///
  /// - Throws: ``CodecError`` for bytes that were not made here.
  public func record(as dot: Dot, info: WriteInfo) throws(CodecError) -> CheckedRecord {
    let made = encode(as: dot, info)
    return isPlain
      ? .plain(PlainRecord(trusted: made, onlyWrite: dot, at: info.time))
      : try CheckedRecord(made.bytes)
  }

  private func encode(as dot: Dot, _ info: WriteInfo) -> EncodedRecord {
    var writer = ByteWriter(reserving: bytes.count + 128)
    writer.byte(1)
    writer.replica(dot.replica)
    writer.byte(1)
    writer.text(info.author.description)
    writer.byte(1)
    writer.byte(0)
    writer.varint(dot.counter)
    writer.byte(1)
    writer.fixed64(info.time.bits)
    writer.text(info.note)
    writer.raw(bytes)
    let bodyCount = writer.bytes.count
    writer.varint(dot.counter)
    writer.byte(0)
    writer.vector(VersionVector())
    return EncodedRecord(trusted: writer.bytes, bodyCount: bodyCount)
  }
}
