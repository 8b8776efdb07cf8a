import OfficeSyncSecureTransport

/// Why a conversation ended early, beside what the session itself finds.
enum ConversationError: Error {
  /// The peer closed, or the link broke, before the session was over.
  case peerLeft
  /// Nothing came for as long as this side waits.
  case silent(seconds: Int64)
  /// Bytes came for as long as this side waits, but no whole Hello.
  case noHello(seconds: Int64)
  /// What the peer was let in by holds no longer.
  case distrusted(TLSError)
  /// This program is shutting down.
  case stopping
}
