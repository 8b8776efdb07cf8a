import OfficeSyncRecords

/// The client opens a collection to compare what both hold of it; no records flow but those that it fetches one by one.
///
/// The server answers `Same` if both know the same, else `Refused`.
public struct Compare: Hashable, Sendable {
  public var channel: Channel
  public var collection: CollectionName
  public var digest: KnowledgeDigest
  public var condition: Condition

  public init(
    channel: Channel, collection: CollectionName, digest: KnowledgeDigest, condition: Condition
  ) {
    self.channel = channel
    self.collection = collection
    self.digest = digest
    self.condition = condition
  }

  init(from reader: inout ByteReader) throws(CodecError) {
    channel = try reader.channel()
    collection = try reader.collection()
    digest = try reader.digest()
    condition = try reader.condition()
  }

  func encode(into writer: inout ByteWriter) {
    writer.varint(channel)
    writer.text(collection.text)
    writer.raw(digest.bytes)
    writer.condition(condition)
  }
}
