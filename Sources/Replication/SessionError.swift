import OfficeSyncProtocol
import OfficeSyncRecords

/// Why a session, or one collection of it, ended without doing what was asked.
public struct SessionError: Error, Hashable, Sendable {
  public enum Side: Hashable, Sendable {
    /// This side found it.
    case here
    /// The peer said so.
    case peer
  }

  public var code: FailureCode
  /// English, for logs; a program says it in its own words.
  public var message: String
  public var side: Side

  public init(_ code: FailureCode, _ message: String, side: Side = .here) {
    self.code = code
    self.message = message
    self.side = side
  }

  /// What a device is told whose wall clock is too far ahead of the office's: its writes wait until it is set. nil if it
  /// is not.
  static func clockAhead(device: UInt64, office: UInt64, side: Side) -> SessionError? {
    // Either may be any number: a peer said it.
    guard device > office, device - office > Limits.clockAheadMsMax else { return nil }
    let (theirs, ours) = (HybridTime(milliseconds: device), HybridTime(milliseconds: office))
    return SessionError(
      .clockAhead,
      "the device's clock shows \(Timestamp(theirs)), the office's \(Timestamp(ours))", side: side)
  }

  /// Why an office takes no records now that its grants would let it take.
  static func hasNoRoom(side: Side) -> SessionError {
    SessionError(.storage, "the office takes no records now: its disk is nearly full", side: side)
  }

  /// A record that is not what was written: it goes to nobody.
  static func damaged(_ record: DamagedRecord, in collection: CollectionName) -> SessionError {
    SessionError(.storage, "the record \(record.id) in \(collection) is damaged")
  }

  /// What no grant allows, with the command that would. The words do not tell whether the collection exists.
  static func notGranted(
    _ directions: Directions, of collection: CollectionName, to identity: Identity,
    side: Side = .here
  ) -> SessionError {
    if collection == .office, identity.role == .field {
      return SessionError(
        .notAllowed, "no grant gives field devices the offices' own collection", side: side)
    }
    var (deeds, flags): ([String], [String]) = ([], [])
    if directions.contains(.pull) {
      deeds.append("read")
      flags.append("--read")
    }
    if directions.contains(.push) {
      deeds.append("write")
      flags.append("--write")
    }
    let name = collection == .office ? "'\(collection)'" : collection.text
    return SessionError(
      .notAllowed,
      "no grant lets \(identity) \(deeds.joined(separator: " and ")) \(collection); this would, at the office: "
        + "syncserver access grant \(identity) \(name) \(flags.joined(separator: " "))",
      side: side)
  }

  /// A message that is not legal now, with those that were.
  static func unexpected(_ kind: Message.Kind, expecting: [Message.Kind]) -> SessionError {
    let legal = expecting.map { "\($0)" }.joined(separator: ", ")
    return SessionError(.protocolViolation, "\(kind) came where one of [\(legal)] was due")
  }
}
