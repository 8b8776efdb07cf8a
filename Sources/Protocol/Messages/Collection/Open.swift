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
  /// The sum of the origins that are closed here; nil if none is.
  public var closed: Fingerprint?
  public var condition: Condition
  /// What the client knows of its open origins, in short; nil if they are few.
  public var sums: GroupSums?

  /// Of the extension with the sums.
  static let sumsTag: UInt64 = 0

  public init(
    channel: Channel, collection: CollectionName, directions: Directions, digest: KnowledgeDigest,
    closed: Fingerprint? = nil, condition: Condition, sums: GroupSums? = nil
  ) {
    self.channel = channel
    self.collection = collection
    self.directions = directions
    self.digest = digest
    self.closed = closed
    self.condition = condition
    self.sums = sums
  }

  init(from reader: inout ByteReader) throws(CodecError) {
    channel = try reader.channel()
    collection = try reader.collection()
    directions = Directions(rawValue: try reader.flags(allowed: 3, of: "directions"))
    guard !directions.isEmpty else { throw .outOfRange("directions") }
    digest = try reader.digest()
    switch try reader.flags(allowed: 1, of: "closed origins") {
    case 0: closed = nil
    default: closed = try reader.fingerprint()
    }
    condition = try reader.condition()
    sums = try reader.extensions(finding: Self.sumsTag).map { bytes throws(CodecError) in
      guard let sums = GroupSums(bytes: bytes) else { throw .outOfRange("sums of origins") }
      return sums
    }
  }

  func encode(into writer: inout ByteWriter) {
    writer.varint(channel)
    writer.text(collection.text)
    writer.byte(directions.rawValue)
    writer.raw(digest.bytes)
    writer.byte(closed == nil ? 0 : 1)
    if let closed { writer.raw(closed.bytes) }
    writer.condition(condition)
    if let sums { writer.addExtension(Self.sumsTag, sums.bytes) }
  }
}
