import OfficeSyncRecords

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
