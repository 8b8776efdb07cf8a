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
