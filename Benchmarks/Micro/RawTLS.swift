import COpenSSL
import OfficeSyncTestSupport

/// The same by OpenSSL alone: a client and a server of one process, each with a certificate, and OpenSSL's own pair of buffers
/// between them. What our handler reaches is measured by it.
final class RawTLS {
  struct Failure: Error {
    let step: String
  }

  private let clientContext: OpaquePointer
  private let serverContext: OpaquePointer

  init(_ credentials: Credentials) throws {
    clientContext = try Self.context(
      TLS_client_method(), credentials.device, credentials.authority)
    serverContext = try Self.context(
      TLS_server_method(), credentials.office, credentials.authority)
  }

  deinit {
    SSL_CTX_free(clientContext)
    SSL_CTX_free(serverContext)
  }

  func connection() throws -> Connection {
    try Connection(client: clientContext, server: serverContext)
  }

  private static func context(
    _ method: OpaquePointer?, _ issued: TestPKI.Issued, _ authority: TestPKI
  ) throws -> OpaquePointer {
    guard let context = SSL_CTX_new(method) else { throw Failure(step: "context") }
    let certificate = try read(issued.chainPEM) { PEM_read_bio_X509($0, nil, nil, nil) }
    let key = try read(issued.keyPEM) { PEM_read_bio_PrivateKey($0, nil, nil, nil) }
    let root = try read(authority.authorityPEM) { PEM_read_bio_X509($0, nil, nil, nil) }
    defer {
      X509_free(certificate)
      EVP_PKEY_free(key)
      X509_free(root)
    }
    guard shim_SSL_CTX_set_min_proto_version(context, TLS1_3_VERSION) == 1,
      shim_SSL_CTX_set1_groups_list(context, "X25519:P-256:P-384") == 1,
      SSL_CTX_use_certificate(context, certificate) == 1,
      SSL_CTX_use_PrivateKey(context, key) == 1,
      X509_STORE_add_cert(SSL_CTX_get_cert_store(context), root) == 1,
      SSL_CTX_set_num_tickets(context, 0) == 1
    else { throw Failure(step: "credentials") }
    // All of this as ours has it: left to itself OpenSSL also builds the chain anew that it shows.
    shim_SSL_CTX_set_session_cache_mode(context, Int(SSL_SESS_CACHE_OFF))
    shim_SSL_CTX_set_mode(context, Int(SSL_MODE_NO_AUTO_CHAIN))
    shim_SSL_CTX_set_read_ahead(context, 1)
    SSL_CTX_set_verify(context, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nil)
    return context
  }

  private static func read(
    _ pem: String, _ parse: (OpaquePointer) -> OpaquePointer?
  ) throws -> OpaquePointer {
    let bytes = Array(pem.utf8)
    guard let bio = BIO_new_mem_buf(bytes, Int32(bytes.count)) else { throw Failure(step: "BIO") }
    defer { BIO_free(bio) }
    guard let parsed = parse(bio) else { throw Failure(step: "PEM") }
    return parsed
  }

  /// Both ends of one connection.
  final class Connection {
    private static let bufferBytes = 256 * 1_024
    private let client: OpaquePointer
    private let server: OpaquePointer

    fileprivate init(client: OpaquePointer, server: OpaquePointer) throws {
      guard let client = SSL_new(client), let server = SSL_new(server) else {
        throw Failure(step: "connection")
      }
      self.client = client
      self.server = server
      var (near, far): (OpaquePointer?, OpaquePointer?) = (nil, nil)
      guard BIO_new_bio_pair(&near, Self.bufferBytes, &far, Self.bufferBytes) == 1,
        SSL_set1_host(client, Credentials.hostname) == 1
      else { throw Failure(step: "buffers") }
      SSL_set_bio(client, near, near)
      SSL_set_bio(server, far, far)
      SSL_set_connect_state(client)
      SSL_set_accept_state(server)
    }

    deinit {
      SSL_free(client)
      SSL_free(server)
    }

    func shakeHands() throws {
      while true {
        let (there, here) = (try advance(client), try advance(server))
        if there && here { return }
      }
    }

    /// - Returns: whether the handshake is complete at this end.
    private func advance(_ end: OpaquePointer) throws -> Bool {
      let result = SSL_do_handshake(end)
      if result == 1 { return true }
      guard SSL_get_error(end, result) == SSL_ERROR_WANT_READ else {
        throw Failure(step: "handshake")
      }
      return false
    }

    /// Sends bytes from the client, no more than half a buffer, and takes them at the server.
    ///
    /// - Returns: how many came.
    func send(_ bytes: [UInt8], through room: inout [UInt8]) throws -> Int {
      var written = 0
      guard SSL_write_ex(client, bytes, bytes.count, &written) == 1 else {
        throw Failure(step: "write")
      }
      var (count, taken) = (0, 0)
      while SSL_read_ex(server, &room, room.count, &taken) == 1 { count += taken }
      return count
    }
  }
}
