/// What a conversation carried, for reports and logs.
public struct Traffic: Hashable, Sendable {
  /// Of our frames, before TLS.
  public var frameBytesSent = 0
  public var frameBytesReceived = 0
  /// Of the socket, handshake included.
  public var bytesSent = 0
  public var bytesReceived = 0

  public init() {}

  public mutating func add(_ other: Traffic) {
    frameBytesSent += other.frameBytesSent
    frameBytesReceived += other.frameBytesReceived
    bytesSent += other.bytesSent
    bytesReceived += other.bytesReceived
  }
}
