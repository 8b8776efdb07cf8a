import OfficeSyncRecords

/// Sums that the client asked for, in the order of the ranges; more may follow in further messages.
public struct Sums: Hashable, Sendable {
  public enum Item: Hashable, Sendable {
    case part(Part)
    /// The range has no more records.
    case end
  }

  /// Records that follow each other.
  public struct Part: Hashable, Sendable {
    /// The ID of the last of them; the first is the next one after the part before.
    public var last: RecordID
    /// At least one.
    public var records: UInt64
    /// Some of them are not as they were written.
    public var isDamaged: Bool
    /// The sum of their parts of the collection's fingerprint; of damaged ones nothing is added.
    public var fingerprint: Fingerprint

    public init(last: RecordID, records: UInt64, isDamaged: Bool, fingerprint: Fingerprint) {
      self.last = last
      self.records = records
      self.isDamaged = isDamaged
      self.fingerprint = fingerprint
    }
  }

  public var channel: Channel
  /// None just shows that the server is at work.
  public var items: [Item]

  public init(channel: Channel, items: [Item]) {
    self.channel = channel
    self.items = items
  }

  init(from reader: inout ByteReader) throws(CodecError) {
    channel = try reader.channel()
    let count = try reader.count(of: "sums", itemBytesMin: 1, max: Limits.itemsPerSumsMax)
    items = []
    for _ in 0..<count {
      let records = try reader.varint()
      if records == 0 {
        items.append(.end)
        continue
      }
      let last = try reader.recordID()
      let isDamaged = try reader.flags(allowed: 1, of: "sums") == 1
      let fingerprint = try reader.fingerprint()
      items.append(
        .part(
          Part(last: last, records: records, isDamaged: isDamaged, fingerprint: fingerprint)))
    }
  }

  func encode(into writer: inout ByteWriter) {
    writer.varint(channel)
    writer.varint(items.count)
    for item in items {
      switch item {
      case .end: writer.varint(0)
      case .part(let part):
        writer.varint(part.records)
        writer.prefixed(part.last.key.bytes)
        writer.byte(part.isDamaged ? 1 : 0)
        writer.raw(part.fingerprint.bytes)
      }
    }
  }
}
