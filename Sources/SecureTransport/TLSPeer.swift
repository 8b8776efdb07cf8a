/// Who is at the other end, as its verified certificate says.
public struct TLSPeer: Hashable, Sendable {
  /// The certificate's only URI, ASCII, as written there.
  public let uri: String

  /// The certificate's subject, for people, in the form of RFC 2253; outside text: escape it.
  public let subject: String

  /// The certificate's serial number: its octets in lower-case hexadecimal.
  public let serial: String

  /// SHA-256 of the certificate's DER form: 32 bytes in lower-case hexadecimal.
  public let fingerprint: String

  /// Seconds since 1970 at which the certificate ends.
  public let notAfterSeconds: Int64

  /// Seconds since 1970 at which the first of the certificates ends that it was verified by: until then it holds, unless one
  /// of them is revoked.
  public let validUntilSeconds: Int64

  /// Whether it came back to a session it had before, without showing its certificate again. It was judged all the same.
  public internal(set) var isResumed = false

  /// What was let pass and an administrator should know.
  public let warnings: Set<TLSWarning>

  var resumed: TLSPeer {
    var peer = self
    peer.isResumed = true
    return peer
  }
}

/// Something that did not stop a connection and still wants an administrator's eye.
public struct TLSWarning: Hashable, Sendable {
  /// A clause for people, without a capital or a full stop.
  public let text: String

  /// The revocation list is past its time: it counted for what it lists, but newer revocations are unknown.
  public static let revocationListExpired = TLSWarning(
    text: "the revocation list has expired: later revocations are not known")
  /// The revocation list begins later than this machine's clock: it counted for what it lists.
  public static let revocationListNotYetValid = TLSWarning(
    text: "the revocation list is dated in the future: check this machine's clock")
  /// There is a revocation list, but not from the authority that issued this certificate.
  public static let revocationListMissing = TLSWarning(
    text: "there is no revocation list from the authority that issued the peer's certificate")
}

/// Fired as a user event when the handshake is complete.
///
/// On a server the peer is verified. On a client the *server* is verified, but the server has not yet looked at this
/// side's certificate: its refusal, if any, arrives as a `TLSError` in place of its first answer.
public struct TLSHandshakeCompleted: Hashable, Sendable {
  public let peer: TLSPeer
}
