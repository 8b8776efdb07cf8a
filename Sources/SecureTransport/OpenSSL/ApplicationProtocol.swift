internal import COpenSSL

/// The server's part of application protocol negotiation (ALPN, RFC 7301), as OpenSSL calls it.
enum ApplicationProtocol {
  /// Refuses a client that offers no application protocol at all, which OpenSSL would let pass.
  ///
  /// A client without TLS 1.3 goes on, so that it is told about the version and not about this.
  static let clientHello: SSL_client_hello_cb_fn = { ssl, alert, _ in
    var bytes: UnsafePointer<UInt8>?
    var count = 0
    func offers(_ kind: Int32) -> Bool {
      SSL_client_hello_get0_ext(ssl, UInt32(kind), &bytes, &count) == 1
    }
    let offersTLS13 = offers(TLSEXT_TYPE_supported_versions)
    if !offersTLS13 || offers(TLSEXT_TYPE_application_layer_protocol_negotiation) {
      return SSL_CLIENT_HELLO_SUCCESS
    }
    alert?.pointee = SSL_AD_NO_APPLICATION_PROTOCOL
    OpenSSLConnection.of(ssl)?.refuse(
      TLSError(.noApplicationProtocol, "the client named no application protocol"))
    return SSL_CLIENT_HELLO_ERROR
  }

  /// Takes a protocol of ours out of the client's list, the members' before the strangers', or refuses the client with an
  /// alert.
  static let select: SSL_CTX_alpn_select_cb_func = { ssl, chosen, chosenCount, offered, count, _ in
    guard let connection = OpenSSLConnection.of(ssl), let offered else {
      return SSL_TLSEXT_ERR_ALERT_FATAL
    }
    let context = connection.context
    let list = UnsafeBufferPointer(start: offered, count: Int(count))
    for wanted in [context.applicationProtocol, context.strangerProtocol] {
      if let wanted, let start = position(of: wanted, in: list) {
        chosen?.pointee = offered + start
        chosenCount?.pointee = UInt8(clamping: wanted.count)
        return SSL_TLSEXT_ERR_OK
      }
    }
    connection.refuse(
      TLSError(.noApplicationProtocol, "the client speaks another application protocol"))
    return SSL_TLSEXT_ERR_ALERT_FATAL
  }

  /// Where a name stands in a list of names with their lengths.
  private static func position(
    of wanted: [UInt8], in list: UnsafeBufferPointer<UInt8>
  ) -> Int? {
    var start = 0
    while start < list.count {
      let end = start + 1 + Int(list[start])
      guard end <= list.count else { break }
      if list[(start + 1)..<end].elementsEqual(wanted) { return start + 1 }
      start = end
    }
    return nil
  }
}
