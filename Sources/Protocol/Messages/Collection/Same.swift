/// The server's knowledge has the digest that the client showed: nothing is to be done.
public struct Same: Hashable, Sendable {
  public var channel: Channel
  public var condition: Condition

  public init(channel: Channel, condition: Condition) {
    self.channel = channel
    self.condition = condition
  }

  init(from reader: inout ByteReader) throws(CodecError) {
    channel = try reader.channel()
    condition = try reader.condition()
  }

  func encode(into writer: inout ByteWriter) {
    writer.varint(channel)
    writer.condition(condition)
  }
}
