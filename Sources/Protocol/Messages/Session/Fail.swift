import OfficeSyncRecords

/// Why a session, or one collection of it, cannot go on.
public enum FailureCode: UInt64, Hashable, Sendable, CaseIterable {
  /// The peer broke the protocol.
  case protocolViolation = 1
  case versionUnsupported = 2
  /// No grant allows it. Not told apart from a collection that does not exist.
  case notAllowed = 3
  /// The replica ID belongs to another identity.
  case replicaOwnedByAnother = 4
  /// The device's wall clock runs too far ahead.
  case clockAhead = 5
  /// Two stores have written under one replica ID, and healing did not come to an end.
  case forked = 6
  case overLimit = 8
  /// The peer's store cannot be read or written.
  case storage = 9
  case shuttingDown = 10
  case idle = 11
  /// Equal knowledge, unequal contents.
  case damaged = 12
  /// Only what is known alike can be compared.
  case knowledgeDiffers = 13
  /// The certificate that the peer was let in by has ended or was revoked.
  case notTrusted = 14
  /// The peer has as much to do, for this side or for all, as it takes on.
  case busy = 15
  /// A code of a later version.
  case unknown = 0
}

/// One collection cannot be synced; the others go on.
public struct Refused: Hashable, Sendable {
  public var channel: Channel
  public var code: FailureCode
  /// For logs and people; English. What is beyond the limit is cut off when it is sent.
  public var message: String

  public init(channel: Channel, code: FailureCode, message: String) {
    self.channel = channel
    self.code = code
    self.message = message
  }

  init(from reader: inout ByteReader) throws(CodecError) {
    channel = try reader.channel()
    code = FailureCode(rawValue: try reader.varint()) ?? .unknown
    message = try reader.text(of: "message", max: Limits.errorTextBytesMax)
  }

  func encode(into writer: inout ByteWriter) {
    writer.varint(channel)
    writer.varint(code.rawValue)
    writer.text(message.cut(toBytes: Limits.errorTextBytesMax))
  }
}

/// The session ends here; who sends this closes the connection behind it.
public struct Fail: Hashable, Sendable {
  public var code: FailureCode
  public var message: String

  public init(code: FailureCode, message: String) {
    self.code = code
    self.message = message
  }

  init(from reader: inout ByteReader) throws(CodecError) {
    code = FailureCode(rawValue: try reader.varint()) ?? .unknown
    message = try reader.text(of: "message", max: Limits.errorTextBytesMax)
  }

  func encode(into writer: inout ByteWriter) {
    writer.varint(code.rawValue)
    writer.text(message.cut(toBytes: Limits.errorTextBytesMax))
  }
}

extension String {
  /// The longest beginning that takes at most so many bytes and cuts no code point in two.
  fileprivate func cut(toBytes max: Int) -> String {
    if utf8.count <= max { return self }
    var end = utf8.index(startIndex, offsetBy: max)
    while end.samePosition(in: unicodeScalars) == nil { end = utf8.index(before: end) }
    return String(self[..<end])
  }
}
