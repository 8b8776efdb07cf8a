import OfficeSyncRecords

/// Names changed, or have to: the channel ends here, and the client begins again in a new session. Each side says this once.
public struct Again: Hashable, Sendable {
  /// Why names changed, for what people are told.
  public enum Reason: UInt64, Hashable, Sendable, CaseIterable {
    /// Two stores have written under one replica ID.
    case forked = 1
    /// The side that says this was copied, or put back from a copy, and goes on under a new replica ID.
    case renewed = 2
    /// Its names changed while this session was under way.
    case changed = 3
    /// An office had retired the replica ID of the side that says this, which goes on under a new one.
    case retired = 4
  }

  public var channel: Channel
  public var reason: Reason
  /// For each origin of the receiver's ``Fork``: the last stamp that both have.
  public var endings: [Ending]

  public init(channel: Channel, reason: Reason, endings: [Ending]) {
    self.channel = channel
    self.reason = reason
    self.endings = endings
  }

  init(from reader: inout ByteReader) throws(CodecError) {
    channel = try reader.channel()
    guard let reason = Reason(rawValue: try reader.varint()) else { throw .outOfRange("reason") }
    self.reason = reason
    endings = try reader.endings()
  }

  func encode(into writer: inout ByteWriter) {
    writer.varint(channel)
    writer.varint(reason.rawValue)
    writer.endings(endings)
  }
}
