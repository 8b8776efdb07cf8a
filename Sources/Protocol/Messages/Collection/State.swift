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
  /// Where names forked, as far as this side has heard; sorted.
  public var ended: [Ending]
  public var condition: Condition
  /// Present if the side that says this is to receive and has something left of an earlier session.
  public var progress: Progress?

  public init(
    channel: Channel, directions: Directions, knowledge: Knowledge, ended: [Ending],
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
    knowledge = try reader.knowledge()
    ended = try reader.endings()
    condition = try reader.condition()
    switch try reader.flags(allowed: 1, of: "progress") {
    case 0: progress = nil
    default: progress = Progress(token: try reader.replica(), vector: try reader.vector())
    }
  }

  func encode(into writer: inout ByteWriter) {
    writer.varint(channel)
    writer.byte(directions.rawValue)
    writer.knowledge(knowledge)
    writer.endings(ended)
    writer.condition(condition)
    writer.byte(progress == nil ? 0 : 1)
    if let progress {
      writer.replica(progress.token)
      writer.vector(progress.vector)
    }
  }
}

extension ByteWriter {
  fileprivate mutating func knowledge(_ knowledge: Knowledge) {
    // Also origins of which there is a stamp and no write yet: a stream that was cut may have left just that, and without
    // it a fork could not be seen.
    let origins = Set(knowledge.vector.entries.map(\.replica)).union(knowledge.newestStamps.keys)
    varint(origins.count)
    for origin in origins.sorted() {
      replica(origin)
      varint(knowledge.vector[origin])
      stampOrNone(knowledge.newestStamps[origin])
    }
  }

  mutating func endings(_ endings: [Ending]) {
    varint(endings.count)
    for ending in endings {
      replica(ending.origin)
      stampOrNone(ending.stamp)
    }
  }
}

extension ByteReader {
  fileprivate mutating func knowledge() throws(CodecError) -> Knowledge {
    let count = try count(
      of: "knowledge", itemBytesMin: ReplicaID.byteCount + 2, max: Limits.vectorEntriesMax)
    var entries: [Dot] = []
    var stamps: [ReplicaID: Stamp] = [:]
    var last: ReplicaID?
    for _ in 0..<count {
      let origin = try replica()
      if let last, last >= origin { throw .notCanonical("knowledge") }
      last = origin
      let known = try varint()
      guard known <= Dot.counterMax else { throw .outOfRange("counter") }
      if known > 0 { entries.append(Dot(origin, known)) }
      let stamp = try stampOrNone()
      if known == 0, stamp == nil { throw .notCanonical("knowledge") }
      stamps[origin] = stamp
    }
    guard let vector = VersionVector(sorted: entries) else { throw .notCanonical("knowledge") }
    return Knowledge(vector: vector, newestStamps: stamps)
  }

  mutating func endings() throws(CodecError) -> [Ending] {
    let count = try count(
      of: "endings", itemBytesMin: ReplicaID.byteCount + 1, max: Limits.vectorEntriesMax)
    var endings: [Ending] = []
    for _ in 0..<count {
      let ending = Ending(origin: try replica(), stamp: try stampOrNone())
      if let last = endings.last, last >= ending { throw .notCanonical("endings") }
      endings.append(ending)
    }
    return endings
  }
}
