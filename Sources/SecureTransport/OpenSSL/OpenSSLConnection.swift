internal import COpenSSL
import NIOCore

/// The SSL object of one connection: bytes in, bytes out, no I/O. Used on one event loop.
final class OpenSSLConnection {
  enum Handshake {
    case needsBytes
    case complete(TLSPeer)
    /// By the strangers' protocol.
    case met(TLSStranger)
    case failed(TLSError)
  }

  enum Read {
    /// The buffer holds something; there may be more.
    case bytes
    case needsBytes
    /// The peer said farewell.
    case closed
    case failed(TLSError)
  }

  let context: OpenSSLContext
  var warnings: Set<TLSWarning> = []
  /// By which the peer was verified; a stranger's as it showed them.
  var certificates: PeerCertificates?

  /// Freed after the SSL object, which reads and writes it.
  private let buffers = ByteBufferBIO()
  private let pointer: OpaquePointer
  private var peer: TLSPeer?
  private var stranger: TLSStranger?
  /// Who it is if the session is taken up that was offered or named.
  private var resumablePeer: TLSPeer?
  private var refusal: TLSError?

  /// - Parameter serverHostname: for a client, the name or address that the server's certificate must carry.
  /// - Throws: `TLSError` with `.configuration` for a host name that cannot be one, or `.library`.
  init(context: OpenSSLContext, serverHostname: String?) throws(TLSError) {
    self.context = context
    OpenSSLErrorQueue.clear()
    guard let pointer = context.makeSSL() else {
      throw TLSError(drainingQueueAs: .library, "OpenSSL could not make a connection")
    }
    self.pointer = pointer
    guard let bio = buffers.makeBIO() else {
      throw TLSError(drainingQueueAs: .library, "OpenSSL could not make a BIO")
    }
    SSL_set_bio(pointer, bio, bio)
    guard shim_SSL_set_app_data(pointer, Unmanaged.passUnretained(self).toOpaque()) == 1 else {
      throw TLSError(drainingQueueAs: .library, "OpenSSL could not note the connection")
    }
    if context.isServer {
      SSL_set_accept_state(pointer)
    } else {
      SSL_set_connect_state(pointer)
      try require(host: serverHostname ?? "")
    }
  }

  deinit {
    SSL_free(pointer)
  }

  private func require(host: String) throws(TLSError) {
    let unusable = TLSError(.configuration, "\"\(host)\" cannot be a host's name or address")
    // A zero byte would end the name early for OpenSSL.
    guard !host.isEmpty, host.utf8.allSatisfy({ (0x21...0x7e).contains($0) }) else {
      throw unusable
    }
    // A link-local address may be dialled with its interface (fe80::1%eth0), which no certificate carries.
    let address = host.contains(":") ? String(host.prefix { $0 != "%" }) : host
    if X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(pointer), address) == 1 { return }
    OpenSSLErrorQueue.clear()
    let name = host.hasSuffix(".") ? String(host.dropLast()) : host
    SSL_set_hostflags(
      pointer, UInt32(X509_CHECK_FLAG_NEVER_CHECK_SUBJECT | X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS))
    guard SSL_set1_host(pointer, name) == 1, shim_SSL_set_tlsext_host_name(pointer, name) == 1
    else { throw unusable }
  }

  // MARK: Bytes

  func receive(_ ciphertext: ByteBuffer) {
    buffers.receive(ciphertext)
  }

  /// Room that suffices for what has come, unless OpenSSL holds the beginning of a record.
  var plaintextBytesExpected: Int {
    max(buffers.inbound.readableBytes, 1024)
  }

  /// What is to be sent to the peer now.
  func takeOutbound() -> ByteBuffer? {
    buffers.takeOutbound()
  }

  func handshake() -> Handshake {
    OpenSSLErrorQueue.clear()
    let result = SSL_do_handshake(pointer)
    let error = SSL_get_error(pointer, result)
    switch error {
    case SSL_ERROR_NONE:
      let isResumed = SSL_session_reused(pointer) == 1
      if agreedProtocol == .strangers, !isResumed, let stranger { return .met(stranger) }
      guard let peer = isResumed ? resumablePeer : peer else {
        return .failed(TLSError(.noCertificate, "the peer presented no certificate"))
      }
      // Where certificates are shown this was looked at before they were.
      guard agreedProtocol == .members else { return .failed(.noAgreedProtocol) }
      return .complete(peer)
    case SSL_ERROR_WANT_READ: return .needsBytes
    default: return .failed(failure())
    }
  }

  /// Decrypts into the buffer, as much as it has room for and at least one byte.
  func read(into plaintext: inout ByteBuffer) -> Read {
    OpenSSLErrorQueue.clear()
    var count = 0
    var error = SSL_ERROR_NONE
    plaintext.writeWithUnsafeMutableBytes(minimumWritableBytes: 1) { room in
      let result = SSL_read_ex(pointer, room.baseAddress, room.count, &count)
      // Asked right after the call: anything else on this connection changes the answer.
      error = SSL_get_error(pointer, result)
      return result == 1 ? count : 0
    }
    switch error {
    case SSL_ERROR_NONE: return .bytes
    case SSL_ERROR_WANT_READ: return .needsBytes
    case SSL_ERROR_ZERO_RETURN: return .closed
    default: return .failed(failure())
    }
  }

  /// Encrypts all of the bytes; the result waits in `takeOutbound`.
  func write(_ plaintext: ByteBuffer) throws(TLSError) {
    guard plaintext.readableBytes > 0 else { return }
    buffers.reserveOutbound(forPlaintext: plaintext.readableBytes)
    OpenSSLErrorQueue.clear()
    let error = plaintext.withUnsafeReadableBytes { bytes in
      var count = 0
      let result = SSL_write_ex(pointer, bytes.baseAddress, bytes.count, &count)
      return SSL_get_error(pointer, result)
    }
    guard error == SSL_ERROR_NONE else { throw failure() }
  }

  /// Says farewell (close_notify); only after a handshake, and not after a failure.
  func sayFarewell() {
    OpenSSLErrorQueue.clear()
    SSL_shutdown(pointer)
  }

  private func failure() -> TLSError {
    let steps = OpenSSLErrorQueue.drain()
    if let refusal {
      return TLSError(
        refusal.code, refusal.reason, librarySteps: refusal.librarySteps + steps.map(\.text))
    }
    return TLSError(protocolFailure: steps)
  }

  // MARK: Verifying again

  /// Verifies the peer again, by what is in force now.
  ///
  /// - Parameter context: whose authorities and revocation lists decide; nil for the connection's own.
  /// - Throws: `TLSError`, as the handshake would fail with.
  func verifyAgain(by context: OpenSSLContext?) throws(TLSError) -> TLSPeer {
    guard let certificates else {
      throw TLSError(.noCertificate, "the peer presented no certificate")
    }
    return try PeerVerification.judge(certificates, on: self, by: context ?? self.context)
  }

  /// Makes a verification ask for what the handshake asks for, as OpenSSL itself does it (`ssl_verify_cert_chain`).
  ///
  /// - Returns: whether OpenSSL took it all.
  func prepare(
    _ chain: OpaquePointer, toVerify leaf: OpenSSLCertificate, _ issuers: OpaquePointer?,
    by context: OpenSSLContext
  ) -> Bool {
    let isReady = leaf.withPointer {
      X509_STORE_CTX_init(chain, context.store, $0, issuers) == 1
    }
    let role = self.context.isServer ? "ssl_client" : "ssl_server"
    return isReady
      && X509_STORE_CTX_set_ex_data(
        chain, SSL_get_ex_data_X509_STORE_CTX_idx(), UnsafeMutableRawPointer(pointer)) == 1
      && X509_STORE_CTX_set_default(chain, role) == 1
      && X509_VERIFY_PARAM_set1(X509_STORE_CTX_get0_param(chain), SSL_get0_param(pointer)) == 1
  }

  // MARK: Coming back without certificates

  /// Called at a client with each ticket that the server gives it.
  var onTicket: ((_ text: [UInt8]) -> Void)?

  /// Offers the server a session that it gave a ticket for. One that cannot be used, or whose server is not trusted any more,
  /// is left out: then certificates are shown.
  func offer(_ ticket: [UInt8]) {
    guard let own = ownFingerprint, let ticket = Ticket(ticket, of: own),
      let peer = try? PeerVerification.judge(ticket.certificates, on: self, by: context),
      ticket.session.withPointer({ SSL_set_session(pointer, $0) }) == 1
    else { return OpenSSLErrorQueue.clear() }
    resumablePeer = peer.resumed
  }

  /// Of the certificate that this side shows.
  private var ownFingerprint: String? {
    SSL_get_certificate(pointer).map {
      CertificateFacts.hexadecimal(OpenSSLCertificate(sharing: $0).fingerprint)
    }
  }

  /// The handshake left a session that may be taken up later.
  func made(_ session: OpenSSLSession) {
    // Nobody comes back as a stranger.
    guard let certificates, stranger == nil else { return }
    if let sessions = context.sessions {
      sessions.insert(session, of: certificates)
    } else if let onTicket, let own = ownFingerprint,
      let text = Ticket(session: session, certificates: certificates).text(of: own)
    {
      onTicket(text)
    }
  }

  /// The client names a session; it gets it if its certificate would be accepted now.
  func sought(_ id: [UInt8]) -> OpenSSLSession? {
    guard let entry = context.sessions?.find(id), entry.session.isResumable,
      let peer = try? PeerVerification.judge(entry.certificates, on: self, by: context)
    else { return nil }
    resumablePeer = peer.resumed
    return entry.session
  }

  // MARK: Called from within OpenSSL

  static func of(_ ssl: OpaquePointer?) -> OpenSSLConnection? {
    shim_SSL_get_app_data(ssl).map {
      Unmanaged<OpenSSLConnection>.fromOpaque($0).takeUnretainedValue()
    }
  }

  static func of(verifying chain: OpaquePointer?) -> OpenSSLConnection? {
    of(
      X509_STORE_CTX_get_ex_data(chain, SSL_get_ex_data_X509_STORE_CTX_idx())
        .map { OpaquePointer($0) })
  }

  func accept(_ peer: TLSPeer) {
    self.peer = peer
  }

  func meet(_ stranger: TLSStranger) {
    self.stranger = stranger
  }

  func refuse(_ error: TLSError) {
    refusal = error
  }

  enum AgreedProtocol {
    case none, members, strangers
  }

  /// On a server OpenSSL has chosen the protocol before it looks at certificates, or refused the client.
  var agreedProtocol: AgreedProtocol {
    var name: UnsafePointer<UInt8>?
    var count: UInt32 = 0
    SSL_get0_alpn_selected(pointer, &name, &count)
    let agreed = UnsafeBufferPointer(start: name, count: Int(count))
    if let strangers = context.strangerProtocol, agreed.elementsEqual(strangers) {
      return .strangers
    }
    return agreed.elementsEqual(context.applicationProtocol) ? .members : .none
  }
}
