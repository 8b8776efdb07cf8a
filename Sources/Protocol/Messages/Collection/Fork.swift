import OfficeSyncRecords

/// Replica IDs that two stores have written under: the sender does not find the receiver's newest stamp in its own list. The
/// receiver finds out how far both lists are the same, and answers with ``Again``.
public struct Fork: Hashable, Sendable {
  public var channel: Channel
  /// Whether another message goes on where this one ends.
  public var continues: Bool
  /// Sorted by origin; the next message may go on with the last one.
  public var lists: [StampList]

  public init(channel: Channel, continues: Bool, lists: [StampList]) {
    self.channel = channel
    self.continues = continues
    self.lists = lists
  }

  init(from reader: inout ByteReader) throws(CodecError) {
    channel = try reader.channel()
    continues = try reader.flags(allowed: 1, of: "fork") == 1
    let count = try reader.count(of: "stamp lists", itemBytesMin: ReplicaID.byteCount + 1)
    lists = []
    for _ in 0..<count {
      let origin = try reader.replica()
      if let last = lists.last, last.origin >= origin { throw .notCanonical("stamp lists") }
      let stampCount = try reader.count(
        of: "stamps", itemBytesMin: ReplicaID.byteCount + 1, max: Limits.stampsPerFrameMax)
      var stamps: [Stamp] = []
      for _ in 0..<stampCount {
        let stamp = try reader.stamp()
        guard stamp.counter > stamps.last?.counter ?? 0 else { throw .notCanonical("stamps") }
        stamps.append(stamp)
      }
      lists.append(StampList(origin: origin, stamps: stamps))
    }
  }

  func encode(into writer: inout ByteWriter) {
    writer.varint(channel)
    writer.byte(continues ? 1 : 0)
    writer.varint(lists.count)
    for list in lists {
      writer.replica(list.origin)
      writer.varint(list.stamps.count)
      for stamp in list.stamps { writer.stamp(stamp) }
    }
  }
}

/// The beginning of one origin's list of stamps.
public struct StampList: Hashable, Sendable {
  public var origin: ReplicaID
  /// By rising counters; may be empty.
  public var stamps: [Stamp]

  public init(origin: ReplicaID, stamps: [Stamp]) {
    self.origin = origin
    self.stamps = stamps
  }
}
