import NIOCore

/// Recognises a peer that does not speak TLS by its first bytes, before OpenSSL answers it with a record that the
/// person at the other end would see as noise.
enum PlainTextPeer {
  /// Types of the records that can come first (RFC 8446, section 5.1): a handshake message or an alert.
  private static let firstRecordTypes: ClosedRange<UInt8> = 21...22

  private static let httpOpenings = [
    "GET ", "HEAD ", "POST ", "PUT ", "DELETE ", "OPTIONS ", "PATCH ", "TRACE ", "CONNECT ", "PRI ",
    "HTTP/",
  ]

  /// - Returns: the error, and what to tell the peer in its own language, or `nil` if it may be TLS.
  static func recognise(_ first: ByteBuffer) -> (error: TLSError, answer: ByteBuffer)? {
    let bytes = first.readableBytesView
    guard let type = bytes.first, !firstRecordTypes.contains(type) else { return nil }
    let opening = httpOpenings.first { bytes.starts(with: $0.utf8) }
    switch opening {
    case "HTTP/":
      return (TLSError(.notTLS, "the peer is an HTTP server and does not speak TLS"), ByteBuffer())
    case .some:
      return (
        TLSError(.notTLS, "the peer sent an HTTP request instead of TLS"),
        ByteBuffer(
          string:
            "HTTP/1.0 400 Bad Request\r\nConnection: close\r\nContent-Type: text/plain\r\n\r\n"
            + "This port speaks TLS 1.3 with client certificates, not HTTP.\n")
      )
    case nil:
      return (TLSError(.notTLS, "the peer does not speak TLS"), ByteBuffer())
    }
  }
}
