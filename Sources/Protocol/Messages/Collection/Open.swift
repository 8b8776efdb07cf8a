import OfficeSyncRecords

/// Which way records are to flow, seen from the client.
public struct Directions: OptionSet, Hashable, Sendable {
  public static let pull = Directions(rawValue: 1)
  public static let push = Directions(rawValue: 2)

  public let rawValue: UInt8

  public init(rawValue: UInt8) {
    self.rawValue = rawValue
  }
}

/// The client opens a collection and says in short what it knows of it.
public struct Open: Hashable, Sendable {
  public var channel: Channel
  public var collection: CollectionName
  /// At least one.
  public var directions: Directions
  public var digest: KnowledgeDigest
  public var condition: Condition

  public init(
    channel: Channel, collection: CollectionName, directions: Directions, digest: KnowledgeDigest,
    condition: Condition
  ) {
    self.channel = channel
    self.collection = collection
    self.directions = directions
    self.digest = digest
    self.condition = condition
  }

  init(from reader: inout ByteReader) throws(CodecError) {
    channel = try reader.channel()
    collection = try reader.collection()
    directions = Directions(rawValue: try reader.flags(allowed: 3, of: "directions"))
    guard !directions.isEmpty else { throw .outOfRange("directions") }
    digest = try reader.digest()
    condition = try reader.condition()
  }

  func encode(into writer: inout ByteWriter) {
    writer.varint(channel)
    writer.text(collection.text)
    writer.byte(directions.rawValue)
    writer.raw(digest.bytes)
    writer.condition(condition)
  }
}
