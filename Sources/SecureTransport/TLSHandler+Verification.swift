extension TLSHandler {
  /// Verifies the peer again, by the clock; call on the event loop. The connection stays open whatever comes of it.
  ///
  /// - Parameter context: whose authorities and revocation lists decide; nil for those that the connection was made with.
  /// - Throws: `TLSError`, as a handshake would fail with now. For a stranger this is the first time.
  @discardableResult
  public func verifyPeerAgain(by context: TLSContext? = nil) throws(TLSError) -> TLSPeer {
    guard let connection else {
      throw TLSError(.noCertificate, "the peer presented no certificate")
    }
    return try connection.verifyAgain(by: context?.openSSL)
  }
}
