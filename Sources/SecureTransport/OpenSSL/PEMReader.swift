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
  /// - Parameters:
  ///   - passphrase: what opens it if it is protected.
  ///   - name: what the key is called, as in "NAME is protected".
  /// - Throws: `TLSError` `.keyUnreadable` when there is none; `.keyLocked` or `.passphraseWrong` when it is protected; what
  ///   reading the passphrase throws.
  static func withPrivateKey<Result>(
    in bytes: [UInt8], passphrase: Passphrase?, called name: String = "the key",
    _ body: (_ key: OpaquePointer, _ isProtected: Bool) throws(TLSError) -> Result
  ) throws(TLSError) -> Result {
    if let passphrase, let secret = try? passphrase.bytes(),
      let result = try OpenedKeys.shared.with(
        pem: bytes, passphrase: secret, { key throws(TLSError) in try body(key, true) })
    {
      return result
    }
    let request = PassphraseRequest(passphrase, for: name)
    let (key, steps) = withBIO(over: bytes) { bio in
      // Without a function of ours OpenSSL would ask for a passphrase on the terminal.
      PEM_read_bio_PrivateKey(
        bio, nil,
        { buffer, size, _, request in PassphraseRequest.answer(buffer, size, request) },
        Unmanaged.passUnretained(request).toOpaque())
    }
    guard let key else {
      let failure = request.failure ?? TLSError(.keyUnreadable, "there is no key in PEM form")
      throw TLSError(failure.code, failure.reason, librarySteps: steps.map(\.text))
    }
    defer { EVP_PKEY_free(key) }
    if let secret = request.secret {
      OpenedKeys.shared.add(key, pem: bytes, passphrase: secret)
    }
    return try body(key, request.secret != nil)
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

/// Answers OpenSSL when a key turns out to be protected.
private final class PassphraseRequest {
  private let passphrase: Passphrase?
  private let name: String
  /// Why there is no key, if there is none; `nil` as long as nobody asked.
  private(set) var failure: TLSError?
  /// What OpenSSL was told; `nil` as long as it did not ask: a key in the clear needs no answer.
  private(set) var secret: [UInt8]?

  init(_ passphrase: Passphrase?, for name: String) {
    self.passphrase = passphrase
    self.name = name
  }

  /// As `pem_password_cb` (OpenSSL, PEM_read_bio_PrivateKey(3)).
  static func answer(
    _ buffer: UnsafeMutablePointer<CChar>?, _ size: Int32, _ request: UnsafeMutableRawPointer?
  ) -> Int32 {
    guard let buffer, let request else { return -1 }
    let bytes = Unmanaged<PassphraseRequest>.fromOpaque(request).takeUnretainedValue().bytes()
    guard let bytes, bytes.count <= Int(size) else { return -1 }
    for (index, byte) in bytes.enumerated() { buffer[index] = CChar(bitPattern: byte) }
    return Int32(bytes.count)
  }

  private func bytes() -> [UInt8]? {
    guard let passphrase else {
      failure = TLSError(
        .keyLocked, "\(name) is protected with a passphrase, and none was given")
      return nil
    }
    do throws(TLSError) {
      let bytes = try passphrase.bytes()
      failure = TLSError(.passphraseWrong, "the passphrase does not open \(name)")
      secret = bytes
      return bytes
    } catch {
      failure = error
      return nil
    }
  }
}
