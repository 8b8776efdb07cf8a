internal import COpenSSL

/// Writes the objects of OpenSSL as PEM text.
enum PEMWriter {
  /// - Parameter write: writes one object, and returns 1 if it could.
  /// - Returns: nil if it could not.
  static func text(_ write: (OpaquePointer) -> Int32) -> [UInt8]? {
    OpenSSLErrorQueue.clear()
    guard let bio = BIO_new(BIO_s_mem()) else { return nil }
    defer { BIO_free(bio) }
    guard write(bio) == 1 else { return nil }
    var text: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 4_096)
    while case let count = Int(BIO_read(bio, &chunk, Int32(chunk.count))), count > 0 {
      text += chunk.prefix(count)
    }
    return text
  }
}
