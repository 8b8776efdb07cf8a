import OfficeSyncRecords

/// Records whose IDs are above one bound and not above another.
public struct RecordRange: Hashable, Sendable {
  /// nil: from the first record on.
  public var after: RecordID?
  /// nil: to the last record.
  public var through: RecordID?

  public init(after: RecordID? = nil, through: RecordID? = nil) {
    self.after = after
    self.through = through
  }
}

/// The client wants sums over ranges of IDs.
public struct Ask: Hashable, Sendable {
  public struct Range: Hashable, Sendable {
    public var records: RecordRange
    /// The range is to be cut into parts of so many records, the last of fewer: 1 for each record by itself.
    public var partRecords: UInt64

    public init(_ records: RecordRange, partRecords: UInt64) {
      self.records = records
      self.partRecords = partRecords
    }
  }

  public var channel: Channel
  /// At least one; each begins where the one before ends, or behind.
  public var ranges: [Range]

  public init(channel: Channel, ranges: [Range]) {
    self.channel = channel
    self.ranges = ranges
  }

  init(from reader: inout ByteReader) throws(CodecError) {
    channel = try reader.channel()
    let count = try reader.count(of: "ranges", itemBytesMin: 3, max: Limits.rangesPerAskMax)
    guard count > 0 else { throw .notCanonical("ranges") }
    ranges = []
    for _ in 0..<count {
      let after = try reader.recordIDOrNone()
      let through = try reader.recordIDOrNone()
      let partRecords = try reader.varint()
      guard partRecords > 0 else { throw .outOfRange("records of a part") }
      if let after, let through, after >= through { throw .notCanonical("ranges") }
      if let last = ranges.last {
        guard let end = last.records.through, let after, end <= after else {
          throw .notCanonical("ranges")
        }
      }
      ranges.append(Range(RecordRange(after: after, through: through), partRecords: partRecords))
    }
  }

  func encode(into writer: inout ByteWriter) {
    writer.varint(channel)
    writer.varint(ranges.count)
    for range in ranges {
      writer.prefixed(range.records.after?.key.bytes ?? [])
      writer.prefixed(range.records.through?.key.bytes ?? [])
      writer.varint(range.partRecords)
    }
  }
}

extension ByteReader {
  /// No bytes stand for none.
  fileprivate mutating func recordIDOrNone() throws(CodecError) -> RecordID? {
    let bytes = try bytes(of: "record ID", max: RecordID.bytesMax)
    if bytes.isEmpty { return nil }
    do { return try RecordID(bytes: Array(bytes)) } catch { throw .name(error) }
  }
}
