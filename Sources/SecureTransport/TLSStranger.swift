/// Somebody who spoke the strangers' protocol: who holds the key of the certificate it showed, and is nobody otherwise. What the
/// certificate says, nobody vouches for.
///
/// Fired as a user event, in place of ``TLSHandshakeCompleted``, when the handshake is complete.
public struct TLSStranger: Hashable, Sendable {
  /// Outside bytes.
  public let certificateDER: [UInt8]
}
