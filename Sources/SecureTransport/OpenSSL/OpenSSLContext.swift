internal import COpenSSL

/// The SSL_CTX: what all connections of one configuration share.
///
/// `@unchecked`: the pointer is set up in `init`, never changed after, and OpenSSL counts references to a context
/// and makes connections from it on any thread.
final class OpenSSLContext: @unchecked Sendable {
  let isServer: Bool
  let applicationProtocol: [UInt8]
  let strangerProtocol: [UInt8]?
  let acceptsPeerURI: @Sendable (String) -> Bool
  /// At a server that lets clients come back without certificates.
  let sessions: TLSSessionCache?
  let requiresCurrentLists: Bool
  private let pointer: OpaquePointer

  /// - Throws: `TLSError(.library)` or `TLSError(.configuration)`.
  init(
    isServer: Bool, applicationProtocol: [UInt8], strangerProtocol: [UInt8]?,
    sessions: TLSSessionCache?, requiresCurrentLists: Bool,
    acceptsPeerURI: @escaping @Sendable (String) -> Bool
  ) throws(TLSError) {
    self.isServer = isServer
    self.applicationProtocol = applicationProtocol
    self.strangerProtocol = strangerProtocol
    self.acceptsPeerURI = acceptsPeerURI
    self.sessions = sessions
    self.requiresCurrentLists = requiresCurrentLists
    OpenSSLErrorQueue.clear()
    guard let pointer = SSL_CTX_new(isServer ? TLS_server_method() : TLS_client_method()) else {
      throw TLSError(drainingQueueAs: .library, "OpenSSL could not make a context")
    }
    self.pointer = pointer
    try restrictProtocol()
    try negotiateApplicationProtocol()
    try resumeSessions()
    SSL_CTX_set_verify(pointer, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nil)
    SSL_CTX_set_verify_depth(pointer, Int32(TLSLimits.chainDepthMax))
    SSL_CTX_set_cert_verify_callback(pointer, { chain, _ in PeerVerification.verify(chain) }, nil)
    // Without any list, too.
    if requiresCurrentLists { checkLists() }
  }

  deinit {
    SSL_CTX_free(pointer)
  }

  func makeSSL() -> OpaquePointer? {
    SSL_new(pointer)
  }

  /// The authorities and revocation lists in force.
  var store: OpaquePointer? { SSL_CTX_get_cert_store(pointer) }

  /// TLS 1.3 with elliptic curves, and nothing of what OpenSSL would add: renegotiation, compression, tickets that hold all that
  /// a server knows of a client.
  private func restrictProtocol() throws(TLSError) {
    guard shim_SSL_CTX_set_min_proto_version(pointer, TLS1_3_VERSION) == 1,
      shim_SSL_CTX_set_max_proto_version(pointer, TLS1_3_VERSION) == 1,
      // Without a list of ours OpenSSL also takes ffdhe2048.
      shim_SSL_CTX_set1_groups_list(pointer, "X25519:P-256:P-384") == 1
    else { throw TLSError(drainingQueueAs: .library, "OpenSSL does not offer TLS 1.3") }
    SSL_CTX_set_options(pointer, shim_SSL_OP_no_extras())
    // One read per buffer instead of two per record.
    shim_SSL_CTX_set_read_ahead(pointer, 1)
    // The peer has the root already; OpenSSL would look it up and send it too. And a connection that is silent would keep
    // 33 KiB of buffers with nothing in them.
    shim_SSL_CTX_set_mode(pointer, Int(SSL_MODE_NO_AUTO_CHAIN | SSL_MODE_RELEASE_BUFFERS))
  }

  /// One ticket a handshake, which only names a session of the cache (SSL_OP_NO_TICKET, in TLS 1.3); OpenSSL keeps none itself.
  private func resumeSessions() throws(TLSError) {
    let keeps = !isServer || sessions != nil
    let side = isServer ? SSL_SESS_CACHE_SERVER : SSL_SESS_CACHE_CLIENT
    shim_SSL_CTX_set_session_cache_mode(
      pointer, Int(keeps ? side | SSL_SESS_CACHE_NO_INTERNAL : SSL_SESS_CACHE_OFF))
    SSL_CTX_set_timeout(pointer, TLSLimits.sessionSecondsMax)
    guard SSL_CTX_set_num_tickets(pointer, keeps ? 1 : 0) == 1,
      // Without it OpenSSL refuses to resume where clients show certificates.
      SSL_CTX_set_session_id_context(
        pointer, applicationProtocol, UInt32(min(applicationProtocol.count, 32))) == 1
    else { throw TLSError(drainingQueueAs: .library, "OpenSSL could not set up sessions") }
    if keeps { SSL_CTX_sess_set_new_cb(pointer, SessionCallbacks.made) }
    if sessions != nil { SSL_CTX_sess_set_get_cb(pointer, SessionCallbacks.sought) }
  }

  private func negotiateApplicationProtocol() throws(TLSError) {
    guard isServer else {
      let name = strangerProtocol ?? applicationProtocol
      let list = [UInt8(clamping: name.count)] + name
      guard SSL_CTX_set_alpn_protos(pointer, list, UInt32(list.count)) == 0 else {
        throw TLSError(
          drainingQueueAs: .configuration, "the application protocol cannot be offered")
      }
      return
    }
    SSL_CTX_set_client_hello_cb(pointer, ApplicationProtocol.clientHello, nil)
    SSL_CTX_set_alpn_select_cb(pointer, ApplicationProtocol.select, nil)
  }

  /// The certificate shown to peers, and the authorities between it and the root.
  ///
  /// - Throws: `TLSError(.certificateUnreadable)`.
  func use(chain: [OpenSSLCertificate]) throws(TLSError) {
    OpenSSLErrorQueue.clear()
    for (index, certificate) in chain.enumerated() {
      // A root in the chain would be sent for nothing: the peer must have it to trust it.
      if index > 0 && certificate.isSelfIssued { continue }
      let taken = certificate.withPointer {
        index == 0
          ? SSL_CTX_use_certificate(pointer, $0) : shim_SSL_CTX_add1_chain_cert(pointer, $0)
      }
      guard taken == 1 else {
        throw TLSError(
          drainingQueueAs: .certificateUnreadable, "OpenSSL does not accept the certificate")
      }
    }
  }

  /// The key of the certificate given before.
  ///
  /// - Parameter name: what the key is called in errors.
  /// - Returns: whether it is protected with a passphrase.
  /// - Throws: `TLSError(.keyMismatch)`; those of `PEMReader.withPrivateKey`.
  func use(
    privateKeyPEM: [UInt8], passphrase: Passphrase?, called name: String
  ) throws(TLSError) -> Bool {
    try PEMReader.withPrivateKey(in: privateKeyPEM, passphrase: passphrase, called: name) {
      key, isProtected throws(TLSError) in
      OpenSSLErrorQueue.clear()
      guard SSL_CTX_use_PrivateKey(pointer, key) == 1, SSL_CTX_check_private_key(pointer) == 1
      else {
        throw TLSError(drainingQueueAs: .keyMismatch, "the key does not belong to the certificate")
      }
      return isProtected
    }
  }

  /// Trusts the authorities to issue peers' certificates.
  ///
  /// - Throws: `TLSError(.authorityUnreadable)`.
  func trust(_ authorities: [OpenSSLCertificate]) throws(TLSError) {
    OpenSSLErrorQueue.clear()
    for authority in authorities {
      guard authority.withPointer({ X509_STORE_add_cert(store, $0) }) == 1 else {
        throw TLSError(
          drainingQueueAs: .authorityUnreadable,
          "OpenSSL does not accept an authority's certificate")
      }
    }
  }

  /// Checks every certificate of a chain against these lists from now on.
  ///
  /// - Throws: `TLSError(.revocationListUnreadable)`.
  func refuse(_ lists: [OpenSSLRevocationList]) throws(TLSError) {
    OpenSSLErrorQueue.clear()
    for list in lists {
      guard list.withPointer({ X509_STORE_add_crl(store, $0) }) == 1 else {
        throw TLSError(
          drainingQueueAs: .revocationListUnreadable, "OpenSSL does not accept a revocation list")
      }
    }
    checkLists()
  }

  private func checkLists() {
    X509_STORE_set_flags(store, UInt(X509_V_FLAG_CRL_CHECK | X509_V_FLAG_CRL_CHECK_ALL))
  }
}
