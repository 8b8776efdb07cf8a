import OfficeSyncRecords

/// One record as it is sent.
public struct RecordEntry: Hashable, Sendable {
  /// Which entry of the record's clock this is sent for, counted from 0: its place in the sender's order, and how far
  /// progress gets.
  public var clockIndex: UInt64
  public var id: RecordID
  public var record: [UInt8]

  public init(clockIndex: UInt64, id: RecordID, record: [UInt8]) {
    self.clockIndex = clockIndex
    self.id = id
    self.record = record
  }

  init(from reader: inout ByteReader) throws(CodecError) {
    clockIndex = try reader.varint()
    id = try reader.recordID()
    record = Array(try reader.bytes(of: "record", max: WriteLimits.recordBytesMax))
  }

  func encode(into writer: inout ByteWriter) {
    writer.varint(clockIndex)
    writer.prefixed(id.key.bytes)
    writer.prefixed(record)
  }

  /// An upper bound on the encoded size.
  public var encodedBytesMax: Int { record.count + id.key.bytes.count + 10 + 2 + 4 }

  /// Reads one entry that came in parts.
  /// - Throws: ``CodecError``
  public init(joined bytes: [UInt8]) throws(CodecError) {
    var reader = ByteReader(bytes)
    try self.init(from: &reader)
    try reader.finish()
  }

  /// The bytes that go out in parts.
  public var encoded: [UInt8] {
    var writer = ByteWriter(reserving: encodedBytesMax)
    encode(into: &writer)
    return writer.bytes
  }
}

/// Records in the sender's order: by origin, then by counter.
public struct Records: Hashable, Sendable {
  public var channel: Channel
  public var entries: [RecordEntry]

  public init(channel: Channel, entries: [RecordEntry]) {
    self.channel = channel
    self.entries = entries
  }

  init(from reader: inout ByteReader) throws(CodecError) {
    channel = try reader.channel()
    let count = try reader.count(of: "records", itemBytesMin: 4)
    entries = []
    entries.reserveCapacity(count)
    for _ in 0..<count { entries.append(try RecordEntry(from: &reader)) }
  }

  func encode(into writer: inout ByteWriter) {
    writer.varint(channel)
    writer.varint(entries.count)
    for entry in entries { entry.encode(into: &writer) }
  }
}
