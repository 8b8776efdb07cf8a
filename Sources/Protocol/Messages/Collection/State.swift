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
  /// Without the closed origins that are left out.
  public var knowledge: Knowledge
  /// Whether the closed origins are left out that the client named in ``Open/closed``: both sides have them.
  public var leavesOutClosed: Bool
  /// Where other names ended, as far as this side has heard; sorted.
  public var ended: [Ending]
  public var condition: Condition
  /// Present if the side that says this is to receive and has something left of an earlier session.
  public var progress: Progress?
  /// The groups of which no open origin is named, as both sides know the same of them: they had the same sums.
  public var leftOut: OriginGroups

  /// Of the extension with the groups.
  static let leftOutTag: UInt64 = 0

  public init(
    channel: Channel, directions: Directions, knowledge: Knowledge, leavesOutClosed: Bool = false,
    ended: [Ending], condition: Condition, progress: Progress?, leftOut: OriginGroups = []
  ) {
    self.channel = channel
    self.directions = directions
    self.knowledge = knowledge
    self.leavesOutClosed = leavesOutClosed
    self.ended = ended
    self.condition = condition
    self.progress = progress
    self.leftOut = leftOut
  }

  init(from reader: inout ByteReader) throws(CodecError) {
    channel = try reader.channel()
    directions = Directions(rawValue: try reader.flags(allowed: 3, of: "directions"))
    knowledge = try reader.openKnowledge()
    leavesOutClosed = try reader.flags(allowed: 1, of: "closed origins") == 1
    knowledge.add(closed: try reader.closedOrigins(besides: knowledge))
    ended = try reader.endings()
    condition = try reader.condition()
    switch try reader.flags(allowed: 1, of: "progress") {
    case 0: progress = nil
    default: progress = Progress(token: try reader.replica(), vector: try reader.vector())
    }
    leftOut = []
    if let bytes = try reader.extensions(finding: Self.leftOutTag) {
      leftOut = OriginGroups(rawValue: bytes.reduce(0) { $0 << 8 | UInt16($1) })
      guard bytes.count == 2, !leftOut.isEmpty else { throw .outOfRange("groups of origins") }
      guard knowledge.leavingOut(leftOut) == knowledge else {
        throw .notCanonical("groups of origins")
      }
    }
  }

  func encode(into writer: inout ByteWriter) {
    writer.varint(channel)
    writer.byte(directions.rawValue)
    writer.open(knowledge)
    writer.byte(leavesOutClosed ? 1 : 0)
    writer.closed(knowledge.closed)
    writer.endings(ended)
    writer.condition(condition)
    writer.byte(progress == nil ? 0 : 1)
    if let progress {
      writer.replica(progress.token)
      writer.vector(progress.vector)
    }
    if !leftOut.isEmpty {
      let groups = leftOut.rawValue
      writer.addExtension(Self.leftOutTag, [UInt8(groups >> 8), UInt8(groups & 0xFF)])
    }
  }
}
