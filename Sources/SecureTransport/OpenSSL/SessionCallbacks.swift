internal import COpenSSL

/// How OpenSSL hands out sessions, and asks for them.
enum SessionCallbacks {
  /// - Returns: 1 to keep OpenSSL's reference.
  static let made: @convention(c) (OpaquePointer?, OpaquePointer?) -> Int32 = { ssl, session in
    guard let connection = OpenSSLConnection.of(ssl), let session else { return 0 }
    connection.made(OpenSSLSession(takingOwnership: session))
    return 1
  }

  /// A client names a session.
  ///
  /// - Returns: the session, of which OpenSSL takes a reference of its own; nil to have the client show its certificate.
  static let sought:
    @convention(c) (
      OpaquePointer?, UnsafePointer<UInt8>?, Int32, UnsafeMutablePointer<Int32>?
    ) -> OpaquePointer? = { ssl, id, count, takesReference in
      takesReference?.pointee = 1
      guard let connection = OpenSSLConnection.of(ssl), let id else { return nil }
      let name = Array(UnsafeBufferPointer(start: id, count: Int(max(0, count))))
      return connection.sought(name)?.withPointer { $0 }
    }
}
