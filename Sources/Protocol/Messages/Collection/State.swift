import OfficeSyncRecords

/// How far a receiver got in a session that was cut, in the sender's order: valid only for the sender that gave out
/// the token and still remembers it.
public struct Progress: Hashable, Sendable {
  public var token: ReplicaID
  /// Every record with an entry up to here has come.
  public var vector: VersionVector

  public init(token: ReplicaID, vector: VersionVector) {
    self.token = token
    self.vector = vector
  }
}

/// What one side knows of a collection in full. The server sends it when digests differ; the client answers with its own.
public struct State: Hashable, Sendable {
  public var channel: Channel
  /// Which way records will flow, seen from the client: what was asked for, less what no grant allows.
  public var directions: Directions
  public var knowledge: Knowledge
  /// "R ended at counter n": replicas whose name forked there.
  public var ended: VersionVector
  public var condition: Condition
  /// Present if the side that says this is to receive and has something left of an earlier session.
  public var progress: Progress?

  public init(
    channel: Channel, directions: Directions, knowledge: Knowledge, ended: VersionVector,
    condition: Condition,
    progress: Progress?
  ) {
    self.channel = channel
    self.directions = directions
    self.knowledge = knowledge
    self.ended = ended
    self.condition = condition
    self.progress = progress
  }

  init(from reader: inout ByteReader) throws(CodecError) {
    channel = try reader.channel()
    directions = Directions(rawValue: try reader.flags(allowed: 3, of: "directions"))
    let count = try reader.count(
      of: "knowledge", itemBytesMin: ReplicaID.byteCount + 2, max: Limits.vectorEntriesMax)
    var entries: [Dot] = []
    var stamps: [ReplicaID: Stamp] = [:]
    for _ in 0..<count {
      let entry = try reader.dot()
      entries.append(entry)
      // 0 stands for "no stamp", so this is not `reader.stamp()`.
      let stamped = try reader.varint()
      guard stamped <= Dot.counterMax else { throw .outOfRange("counter") }
      if stamped > 0 {
        stamps[entry.replica] = Stamp(counter: stamped, token: try reader.replica())
      }
    }
    guard let vector = VersionVector(sorted: entries) else { throw .notCanonical("knowledge") }
    knowledge = Knowledge(vector: vector, newestStamps: stamps)
    ended = try reader.vector()
    condition = try reader.condition()
    switch try reader.flags(allowed: 1, of: "progress") {
    case 0: progress = nil
    default: progress = Progress(token: try reader.replica(), vector: try reader.vector())
    }
  }

  func encode(into writer: inout ByteWriter) {
    writer.varint(channel)
    writer.byte(directions.rawValue)
    writer.varint(knowledge.vector.count)
    for entry in knowledge.vector.entries {
      writer.dot(entry)
      if let stamp = knowledge.newestStamps[entry.replica] {
        writer.stamp(stamp)
      } else {
        writer.varint(0)
      }
    }
    writer.vector(ended)
    writer.condition(condition)
    writer.byte(progress == nil ? 0 : 1)
    if let progress {
      writer.replica(progress.token)
      writer.vector(progress.vector)
    }
  }
}
