import OfficeSyncRecords

/// What happens at a listener, for those who count and write down.
public enum ListenerEvent: Sendable {
  /// A connection was turned away before there was a session.
  ///
  /// - Parameter identity: nil where none was verified.
  case refused(Refusal, address: String, identity: Identity?)
  /// Somebody showed a certificate that is good.
  case connected(Visitor)
  /// A collection was exchanged in a session that lasts; it will not be in the summary at the end.
  case exchanged(SessionSummary)
  case ended(SessionSummary)
}
