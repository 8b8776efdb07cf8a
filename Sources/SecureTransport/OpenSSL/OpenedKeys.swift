internal import COpenSSL
import Synchronization

/// The protected keys that were opened last. To open one takes half a second of processor on purpose, and a connection over a
/// poor link is made again every few seconds.
///
/// A key is found by what it was opened from and with: a wrong passphrase finds none, and neither does another file.
final class OpenedKeys: Sendable {
  static let shared = OpenedKeys()
  /// As many as an office's server uses: its own, and that of its authority for devices, before and after they are renewed.
  static let keysMax = 4

  /// - `@unchecked`: the key is never changed, and OpenSSL counts references to it from any thread.
  private final class Key: @unchecked Sendable {
    let pointer: OpaquePointer

    init(_ pointer: OpaquePointer) {
      EVP_PKEY_up_ref(pointer)
      self.pointer = pointer
    }

    deinit { EVP_PKEY_free(pointer) }
  }

  /// The newest last.
  private let keys = Mutex<[(lock: [UInt8], key: Key)]>([])

  /// Calls the body with the key, if it was opened before.
  func with<Result>(
    pem: [UInt8], passphrase: [UInt8],
    _ body: (_ key: OpaquePointer) throws(TLSError) -> Result
  ) throws(TLSError) -> Result? {
    let lock = Self.lock(pem, passphrase)
    guard let key = keys.withLock({ $0.first { $0.lock == lock }?.key }) else { return nil }
    return try body(key.pointer)
  }

  func add(_ pointer: OpaquePointer, pem: [UInt8], passphrase: [UInt8]) {
    let entry = (lock: Self.lock(pem, passphrase), key: Key(pointer))
    keys.withLock { keys in
      keys.removeAll { $0.lock == entry.lock }
      keys = keys.suffix(Self.keysMax - 1) + [entry]
    }
  }

  /// SHA-256: neither text stays in memory for this.
  private static func lock(_ pem: [UInt8], _ passphrase: [UInt8]) -> [UInt8] {
    func digest(_ bytes: [UInt8]) -> [UInt8] {
      [UInt8](unsafeUninitializedCapacity: Int(SHA256_DIGEST_LENGTH)) { digest, count in
        SHA256(bytes, bytes.count, digest.baseAddress)
        count = Int(SHA256_DIGEST_LENGTH)
      }
    }
    return digest(digest(pem) + passphrase)
  }
}
