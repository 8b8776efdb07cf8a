internal import COpenSSL

/// What OpenSSL writes, in memory.
enum BIOWriter {
  /// - Parameter write: writes one object, and returns 1 if it could.
  /// - Returns: nil if it could not.
  static func bytes(_ write: (OpaquePointer) -> Int32) -> [UInt8]? {
    OpenSSLErrorQueue.clear()
    guard let bio = BIO_new(BIO_s_mem()) else { return nil }
    defer { BIO_free(bio) }
    guard write(bio) == 1 else { return nil }
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 4_096)
    while case let count = Int(BIO_read(bio, &chunk, Int32(chunk.count))), count > 0 {
      bytes += chunk.prefix(count)
    }
    return bytes
  }
}
