/// PEM text, or the file that holds it.
public enum PEMSource: Sendable {
  case bytes([UInt8])
  case file(path: String)
}

/// What a `TLSContext` is made of.
public struct TLSConfiguration: Sendable {
  public enum Role: Sendable {
    case client, server
  }

  public var role: Role

  /// This side's certificate, followed by the authorities between it and the root, if any.
  public var certificateChain: PEMSource

  /// The key of that certificate. A file that others can read is refused.
  public var privateKey: PEMSource

  /// What opens the key if it is protected.
  public var passphrase: Passphrase?

  /// The authorities trusted to issue peers' certificates: one, or several while one replaces another. nil: nobody is trusted
  /// yet, and only strangers can be met.
  public var authorities: PEMSource?

  /// Lists of revoked certificates, one or several. A file that does not exist means none.
  public var revocationLists: PEMSource?

  /// Whether nobody is let in unless there is a list of revoked certificates from each authority of the chain that is within
  /// its time. Without it a list past its time counts for what it lists, and is warned about.
  public var requiresCurrentLists = false

  /// For a server, where it keeps what lets clients come back without certificates; nil to have them shown each time.
  public var sessions: TLSSessionCache?

  /// The application protocol both sides must name (ALPN, RFC 7301): 1 to 255 bytes of ASCII.
  public var applicationProtocol = "officesync/1"

  /// The application protocol of those whom nobody vouches for yet: who names it has shown a certificate, whatever it says, and
  /// that it holds the key; it is announced as a ``TLSStranger`` and never as a ``TLSPeer``. nil: none is let in. A client that
  /// has one names nothing else, and its server is the stranger.
  public var strangerProtocol: String?

  /// Decides within the handshake, on the certificate's only URI, whether the peer is let in.
  ///
  /// Runs on the connection's event loop: it must not block.
  public var acceptsPeerURI: @Sendable (_ uri: String) -> Bool

  public init(
    role: Role, certificateChain: PEMSource, privateKey: PEMSource, authorities: PEMSource?,
    revocationLists: PEMSource? = nil, sessions: TLSSessionCache? = nil,
    strangerProtocol: String? = nil,
    acceptsPeerURI: @escaping @Sendable (_ uri: String) -> Bool
  ) {
    self.role = role
    self.certificateChain = certificateChain
    self.privateKey = privateKey
    self.authorities = authorities
    self.revocationLists = revocationLists
    self.sessions = sessions
    self.strangerProtocol = strangerProtocol
    self.acceptsPeerURI = acceptsPeerURI
  }
}
