import OfficeSyncRecords

/// The server's answer to `Hello`: who it is, and what the client may do there.
public struct Welcome: Hashable, Sendable {
  /// What the client may do with a collection.
  public struct Access: Hashable, Sendable {
    public var collection: CollectionName
    public var read: Bool
    public var write: Bool
    /// Whether the server holds records of it; false also where the client may not read them.
    public var isHeld: Bool

    public init(collection: CollectionName, read: Bool, write: Bool, isHeld: Bool) {
      self.collection = collection
      self.read = read
      self.write = write
      self.isHeld = isHeld && read
    }

    public var directions: Directions {
      (read ? Directions.pull : []).union(write ? Directions.push : [])
    }
  }

  /// The version that both will speak: the highest that both know.
  public var version: UInt64
  public var software: String
  public var replica: ReplicaID
  public var replicaName: String
  public var wallMilliseconds: UInt64
  /// The longest frame that the server takes from now on.
  public var frameBytesMax: Int
  /// Whether the server's store was put back from a copy and it takes from field devices what it may have lost: everything
  /// they hold, not their own writes alone.
  public var isRecovering: Bool
  /// The collections that the client may read or write, whether or not the server holds anything of them; sorted by name.
  public var collections: [Access]
  /// How both sides may compress from now on, of what the client offered; nil for not at all.
  public var compression: Compression?

  public init(
    version: UInt64 = Hello.version, software: String, replica: ReplicaID, replicaName: String,
    wallMilliseconds: UInt64, frameBytesMax: Int = Limits.frameBytesMax, isRecovering: Bool = false,
    collections: [Access], compression: Compression? = nil
  ) {
    self.version = version
    self.software = software
    self.replica = replica
    self.replicaName = replicaName
    self.wallMilliseconds = wallMilliseconds
    self.frameBytesMax = frameBytesMax
    self.isRecovering = isRecovering
    self.collections = collections
    self.compression = compression
  }

  /// Whether it says that the client may write the collection.
  public func mayWrite(_ name: CollectionName) -> Bool {
    collections.contains { $0.collection == name && $0.write }
  }

  init(from reader: inout ByteReader) throws(CodecError) {
    version = try reader.varint()
    software = try reader.text(of: "software", max: Limits.softwareBytesMax)
    replica = try reader.replica()
    replicaName = try reader.text(of: "replica name", max: Limits.replicaNameBytesMax)
    wallMilliseconds = try reader.varint()
    let frameBytes = try reader.varint()
    guard (UInt64(Limits.helloFrameBytesMax)...UInt64(UInt32.max)).contains(frameBytes) else {
      throw .outOfRange("frame size")
    }
    frameBytesMax = Int(frameBytes)
    isRecovering = try reader.flags(allowed: 1, of: "welcome") == 1
    let count = try reader.count(of: "collections", itemBytesMin: 3, max: Limits.collectionsMax)
    collections = []
    for _ in 0..<count {
      let name = try reader.collection()
      if let last = collections.last, last.collection >= name { throw .notCanonical("collections") }
      let flags = try reader.flags(allowed: 7, of: "access")
      let access = Access(
        collection: name, read: flags & 1 != 0, write: flags & 2 != 0, isHeld: flags & 4 != 0)
      guard access.flags == flags else { throw .notCanonical("access") }
      collections.append(access)
    }
    let chosen = try reader.compressions()
    guard chosen.count <= 1 else { throw .outOfRange("compression") }
    if let choice = chosen.first {
      guard let choice else { throw .outOfRange("compression") }
      compression = choice
    }
  }

  func encode(into writer: inout ByteWriter) {
    writer.varint(version)
    writer.text(software)
    writer.replica(replica)
    writer.text(replicaName)
    writer.varint(wallMilliseconds)
    writer.varint(frameBytesMax)
    writer.byte(isRecovering ? 1 : 0)
    writer.varint(collections.count)
    for access in collections {
      writer.text(access.collection.text)
      writer.byte(access.flags)
    }
    writer.compressions(compression.map { [$0] } ?? [])
  }
}

extension Welcome.Access {
  fileprivate var flags: UInt8 { (read ? 1 : 0) | (write ? 2 : 0) | (isHeld ? 4 : 0) }
}
