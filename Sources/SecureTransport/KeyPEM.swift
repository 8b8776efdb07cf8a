/// A private key as a file holds it: PKCS#8 (RFC 5958) in PEM, in the clear or protected with a passphrase.
public enum KeyPEM {
  /// Whether a passphrase is needed, as the first key of the text says of itself: by its label (RFC 7468, section 11), or the
  /// header that OpenSSL's older files have (RFC 1421, section 4.6.1.1). What cannot be read needs none: whoever uses it finds out.
  public static func isProtected(_ source: PEMSource) -> Bool {
    guard let pem = try? source.load(as: .keyUnreadable, bytesMax: TLSLimits.pemFileBytesMax)
    else { return false }
    var lines = String(decoding: pem, as: UTF8.self).split(whereSeparator: \.isNewline)[...]
    lines = lines.drop { !($0.hasPrefix("-----BEGIN ") && $0.contains("PRIVATE KEY-----")) }
    guard let label = lines.popFirst() else { return false }
    return label.contains("ENCRYPTED")
      || lines.first.map { $0.hasPrefix("Proc-Type:") && $0.contains("ENCRYPTED") } ?? false
  }

  /// The key protected with a passphrase, if there is one: AES-256 under PBKDF2 with HMAC-SHA-256 (PBES2, RFC 8018), which
  /// OpenSSL's tools read.
  ///
  /// - Parameter pem: in the clear.
  /// - Throws: `TLSError` `.keyUnreadable`; `.passphraseUnreadable`, `.keyExposed`
  public static func protected(
    _ pem: [UInt8], with passphrase: Passphrase?
  ) throws(TLSError) -> [UInt8] {
    guard let secret = try passphrase?.bytes() else { return pem }
    return try PEMReader.withPrivateKey(in: pem, passphrase: nil) { key, _ throws(TLSError) in
      guard let text = KeyWriter.protected(key, with: secret) else {
        throw TLSError(drainingQueueAs: .library, "OpenSSL could not protect the key")
      }
      return text
    }
  }

  /// The key in the clear, if it was protected; else as it was.
  ///
  /// - Parameter name: what the key is called, as in "NAME is protected".
  /// - Throws: `TLSError` `.keyUnreadable`, `.keyLocked`, `.passphraseWrong`; `.passphraseUnreadable`, `.keyExposed`
  public static func opened(
    _ pem: [UInt8], with passphrase: Passphrase?, called name: String
  ) throws(TLSError) -> [UInt8] {
    guard isProtected(.bytes(pem)) else { return pem }
    return try PEMReader.withPrivateKey(in: pem, passphrase: passphrase, called: name) {
      key, _ throws(TLSError) in
      guard let text = KeyWriter.clear(key) else {
        throw TLSError(drainingQueueAs: .library, "OpenSSL could not write the key")
      }
      return text
    }
  }
}
