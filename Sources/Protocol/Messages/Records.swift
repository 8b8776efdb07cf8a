import OfficeSyncRecords

/// The sender begins: what it sends from here to `Done` comes from one snapshot.
public struct Begin: Hashable, Sendable {
  public var channel: Channel
  /// Names this stream; a receiver that is cut off shows it when it resumes.
  public var token: ReplicaID
  /// Whether the stream goes on where the receiver's progress ended; otherwise that progress is void.
  public var resumed: Bool
  /// About how many records will come, for progress; 0 if unknown.
  public var recordsEstimate: UInt64

  public init(channel: Channel, token: ReplicaID, resumed: Bool, recordsEstimate: UInt64) {
    self.channel = channel
    self.token = token
    self.resumed = resumed
    self.recordsEstimate = recordsEstimate
  }

  init(from reader: inout ByteReader) throws(CodecError) {
    channel = try reader.channel()
    token = try reader.replica()
    resumed = try reader.flags(allowed: 1, of: "begin") == 1
    recordsEstimate = try reader.varint()
  }

  func encode(into writer: inout ByteWriter) {
    writer.varint(channel)
    writer.replica(token)
    writer.byte(resumed ? 1 : 0)
    writer.varint(recordsEstimate)
  }
}

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

/// A piece of one entry that does not fit a frame. The pieces follow each other with nothing else of the channel
/// between; the last has nothing remaining.
public struct Part: Hashable, Sendable {
  public var channel: Channel
  /// Bytes of the entry that come after this piece.
  public var remaining: UInt64
  public var bytes: [UInt8]

  public init(channel: Channel, remaining: UInt64, bytes: [UInt8]) {
    self.channel = channel
    self.remaining = remaining
    self.bytes = bytes
  }

  init(from reader: inout ByteReader) throws(CodecError) {
    channel = try reader.channel()
    remaining = try reader.varint()
    guard remaining <= UInt64(WriteLimits.recordBytesMax + 4_096) else {
      throw .overLimit("record", max: WriteLimits.recordBytesMax)
    }
    bytes = Array(try reader.bytes(of: "part", max: Limits.frameBytesMax))
    guard !bytes.isEmpty else { throw .notCanonical("part") }
  }

  func encode(into writer: inout ByteWriter) {
    writer.varint(channel)
    writer.varint(remaining)
    writer.prefixed(bytes)
  }
}

/// The sender has sent all: only now may the receiver take the sender's knowledge for its own.
public struct Done: Hashable, Sendable {
  public var channel: Channel
  /// The sender's knowledge in the snapshot that the records came from.
  public var knowledge: VersionVector
  /// Of the same snapshot.
  public var digest: KnowledgeDigest
  public var condition: Condition
  public var recordsSent: UInt64

  public init(
    channel: Channel, knowledge: VersionVector, digest: KnowledgeDigest, condition: Condition,
    recordsSent: UInt64
  ) {
    self.channel = channel
    self.knowledge = knowledge
    self.digest = digest
    self.condition = condition
    self.recordsSent = recordsSent
  }

  init(from reader: inout ByteReader) throws(CodecError) {
    channel = try reader.channel()
    knowledge = try reader.vector()
    digest = try reader.digest()
    condition = try reader.condition()
    recordsSent = try reader.varint()
  }

  func encode(into writer: inout ByteWriter) {
    writer.varint(channel)
    writer.vector(knowledge)
    writer.raw(digest.bytes)
    writer.condition(condition)
    writer.varint(recordsSent)
  }
}
