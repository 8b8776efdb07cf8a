import OfficeSyncRecords

/// The client wants records whole, as the server holds them: they come as `Records` and `Part`, in this order.
public struct Fetch: Hashable, Sendable {
  public var channel: Channel
  /// Sorted, each once, at least one.
  public var ids: [RecordID]

  public init(channel: Channel, ids: [RecordID]) {
    self.channel = channel
    self.ids = ids
  }

  init(from reader: inout ByteReader) throws(CodecError) {
    channel = try reader.channel()
    let count = try reader.count(of: "record IDs", itemBytesMin: 2, max: Limits.idsPerFetchMax)
    guard count > 0 else { throw .notCanonical("record IDs") }
    ids = []
    for _ in 0..<count {
      let id = try reader.recordID()
      if let last = ids.last, last >= id { throw .notCanonical("record IDs") }
      ids.append(id)
    }
  }

  func encode(into writer: inout ByteWriter) {
    writer.varint(channel)
    writer.varint(ids.count)
    for id in ids { writer.prefixed(id.key.bytes) }
  }
}
