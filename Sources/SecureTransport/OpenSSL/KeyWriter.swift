internal import COpenSSL

/// Private keys as text.
enum KeyWriter {
  /// OWASP, Password Storage Cheat Sheet (2023), of PBKDF2 with HMAC-SHA-256. OpenSSL's own 2,048 are for another age.
  private static let iterations: Int32 = 600_000
  private static let saltBytes: Int32 = 16

  /// `nil` if OpenSSL could not.
  static func protected(_ key: OpaquePointer, with passphrase: [UInt8]) -> [UInt8]? {
    OpenSSLErrorQueue.clear()
    guard let info = EVP_PKEY2PKCS8(key) else { return nil }
    defer { PKCS8_PRIV_KEY_INFO_free(info) }
    let sealed = passphrase.withUnsafeBytes {
      // The salt is drawn by OpenSSL.
      PKCS8_encrypt(
        -1, EVP_aes_256_cbc(), $0.bindMemory(to: CChar.self).baseAddress, Int32($0.count), nil,
        saltBytes, iterations, info)
    }
    guard let sealed else { return nil }
    defer { X509_SIG_free(sealed) }
    return BIOWriter.bytes { PEM_write_bio_PKCS8($0, sealed) }
  }

  /// `nil` if OpenSSL could not.
  static func clear(_ key: OpaquePointer) -> [UInt8]? {
    BIOWriter.bytes { PEM_write_bio_PKCS8PrivateKey($0, key, nil, nil, 0, nil, nil) }
  }
}
