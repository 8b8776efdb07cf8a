import OfficeSyncRecords

/// A run of one origin's stamps.
public struct StampRun: Hashable, Sendable {
  public var origin: ReplicaID
  /// The stamp in the list that these follow: whoever holds it knows that they go on where its own list ends. nil means
  /// the list from its beginning.
  public var after: Stamp?
  /// By rising counters, each above that of `after`; at least one.
  public var stamps: [Stamp]

  public init(origin: ReplicaID, after: Stamp?, stamps: [Stamp]) {
    self.origin = origin
    self.after = after
    self.stamps = stamps
  }
}

/// The stamps that the receiver lacks; they go, and are stored, before the records that they cover.
public struct Stamps: Hashable, Sendable {
  public var channel: Channel
  /// Sorted by origin; an origin may come again in a later message with what follows.
  public var runs: [StampRun]

  public init(channel: Channel, runs: [StampRun]) {
    self.channel = channel
    self.runs = runs
  }

  init(from reader: inout ByteReader) throws(CodecError) {
    channel = try reader.channel()
    let count = try reader.count(of: "stamp runs", itemBytesMin: ReplicaID.byteCount + 19)
    runs = []
    for _ in 0..<count {
      let origin = try reader.replica()
      if let last = runs.last, last.origin >= origin { throw .notCanonical("stamp runs") }
      let after = try reader.stampOrNone()
      let stampCount = try reader.count(
        of: "stamps", itemBytesMin: ReplicaID.byteCount + 1, max: Limits.stampsPerFrameMax)
      guard stampCount > 0 else { throw .notCanonical("stamp runs") }
      var stamps: [Stamp] = []
      for _ in 0..<stampCount {
        let stamp = try reader.stamp()
        let last = stamps.last ?? after
        guard stamp.counter > last?.counter ?? 0 else { throw .notCanonical("stamps") }
        stamps.append(stamp)
      }
      runs.append(StampRun(origin: origin, after: after, stamps: stamps))
    }
  }

  func encode(into writer: inout ByteWriter) {
    writer.varint(channel)
    writer.varint(runs.count)
    for run in runs {
      writer.replica(run.origin)
      writer.stampOrNone(run.after)
      writer.varint(run.stamps.count)
      for stamp in run.stamps { writer.stamp(stamp) }
    }
  }
}
