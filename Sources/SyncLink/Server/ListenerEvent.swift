/// What happens at a listener, for those who count.
public enum ListenerEvent: Sendable {
  /// A connection was turned away before there was a session.
  case refused
  /// A collection was exchanged in a session that lasts; it will not be in the summary at the end.
  case exchanged(SessionSummary)
  case ended(SessionSummary)
}
