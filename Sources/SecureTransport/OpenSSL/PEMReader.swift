internal import COpenSSL

/// Reads the objects of one kind out of a PEM text.
enum PEMReader {
  /// - Parameter next: reads one object, `nil` at the end or at a broken one.
  /// - Throws: `TLSError` with the code given when there is no object, or one is broken.
  static func all<Object>(
    in bytes: [UInt8], failingWith code: TLSError.Code, _ what: String,
    next: (_ bio: OpaquePointer) -> Object?
  ) throws(TLSError) -> [Object] {
    let (found, steps) = withBIO(over: bytes) { bio in
      var objects: [Object] = []
      while let object = next(bio) { objects.append(object) }
      return objects
    }
    let objects = found ?? []
    // "No start line" is how OpenSSL says that the text has ended.
    let end = steps.allSatisfy { $0.library == ERR_LIB_PEM && $0.reason == PEM_R_NO_START_LINE }
    guard end, !objects.isEmpty else {
      throw TLSError(
        code, objects.isEmpty ? "there is no \(what) in PEM form" : "a \(what) is broken",
        librarySteps: steps.map(\.text))
    }
    return objects
  }

  /// The first object of one kind; `nil` if there is none, or it is broken.
  static func first(
    in bytes: [UInt8], _ read: (_ bio: OpaquePointer) -> OpaquePointer?
  ) -> OpaquePointer? {
    withBIO(over: bytes, read).0
  }

  /// The first private key of a PEM text.
  ///
  /// - Throws: `TLSError(.keyUnreadable)` when there is none, or it is encrypted.
  static func withPrivateKey<Result>(
    in bytes: [UInt8], _ body: (OpaquePointer) throws(TLSError) -> Result
  ) throws(TLSError) -> Result {
    let (key, steps) = withBIO(over: bytes) { bio in
      // Without a function of ours OpenSSL would ask for a passphrase on the terminal.
      PEM_read_bio_PrivateKey(bio, nil, { _, _, _, _ in -1 }, nil)
    }
    guard let key else {
      let encrypted = steps.contains {
        $0.library == ERR_LIB_PEM && $0.reason == PEM_R_BAD_PASSWORD_READ
      }
      throw TLSError(
        .keyUnreadable,
        encrypted
          ? "the key is encrypted; an unencrypted one is needed" : "there is no key in PEM form",
        librarySteps: steps.map(\.text))
    }
    defer { EVP_PKEY_free(key) }
    return try body(key)
  }

  /// The BIO does not copy, so it lives and dies within the access to the bytes.
  private static func withBIO<Result>(
    over bytes: [UInt8], _ body: (OpaquePointer) -> Result?
  ) -> (Result?, [OpenSSLStep]) {
    bytes.withUnsafeBytes { text in
      OpenSSLErrorQueue.clear()
      guard let bio = BIO_new_mem_buf(text.baseAddress, Int32(clamping: text.count)) else {
        return (nil, OpenSSLErrorQueue.drain())
      }
      defer { BIO_free(bio) }
      let result = body(bio)
      return (result, OpenSSLErrorQueue.drain())
    }
  }
}
