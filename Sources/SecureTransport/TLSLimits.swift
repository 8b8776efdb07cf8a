import NIOCore

/// Every bound of the secure channel, with its unit.
public enum TLSLimits {
  /// Bytes taken from a peer that has not completed the handshake.
  public static let handshakeBytesMax = 64 * 1024

  /// Bytes that may be written before the handshake is complete; a write beyond fails.
  public static let earlyWriteBytesMax = 64 * 1024

  /// Small writes are gathered into one record up to this size: the largest record of TLS (RFC 8446, section 5.1).
  public static let recordBytesMax = 16 * 1024

  /// Bytes that TLS itself answers (key updates) while the peer takes nothing.
  public static let answerBytesMax = 64 * 1024

  /// Bytes taken one after the other without a single one for the program: key updates and empty records. The longest record,
  /// which may come in pieces, is a quarter of it.
  public static let silentBytesMax = 64 * 1024

  /// Bytes read and thrown away after a farewell or an alert, so that the peer sees it instead of a reset.
  public static let drainBytesMax = 64 * 1024

  /// How long that lasts.
  public static let drainTime = TimeAmount.seconds(1)

  /// How long a `close` waits for the peer to take what was written before it.
  public static let closeTime = TimeAmount.seconds(5)

  /// How long a handshake may take unless the program says otherwise.
  public static let handshakeTime = TimeAmount.seconds(10)

  /// How long a client may come back without showing its certificate: the longest that TLS allows (RFC 8446, section 4.6.1).
  static let sessionSecondsMax = 7 * 86_400

  /// Sessions that a server keeps in all.
  public static let cachedSessionsMax = 4_096

  /// Sessions that a server keeps of those who show one certificate.
  static let cachedSessionsPerCertificateMax = 4

  /// Bytes of a ticket's text: a session and a chain of certificates.
  public static let ticketBytesMax = 64 * 1024

  /// Certificates between a leaf and its root.
  static let chainDepthMax = 4

  /// Bytes of a certificate, key or authority file.
  static let pemFileBytesMax = 1024 * 1024

  /// Bytes of a passphrase: what OpenSSL makes room for (PEM_BUFSIZE).
  public static let passphraseBytesMax = 1024

  /// Bytes of a revocation list file: about 40 bytes a revoked certificate, half again as much in PEM.
  static let revocationListFileBytesMax = 16 * 1024 * 1024
}
