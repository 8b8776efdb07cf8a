internal import COpenSSL
import NIOCore

/// The two ends of a connection as OpenSSL sees them: it reads from `inbound` and writes to `outbound`, without a
/// copy in between.
final class ByteBufferBIO {
  var inbound = ByteBuffer()
  var outbound = ByteBuffer()

  /// Made once, never changed and never freed: OpenSSL only reads it, from any thread.
  nonisolated(unsafe) private static let method: OpaquePointer? = {
    guard let method = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "ByteBuffer")
    else { return nil }
    BIO_meth_set_write(method) { bio, bytes, count in
      guard let buffers = ByteBufferBIO.of(bio), let bytes, count > 0 else { return 0 }
      shim_BIO_clear_retry_flags(bio)
      buffers.outbound.writeBytes(UnsafeRawBufferPointer(start: bytes, count: Int(count)))
      return count
    }
    BIO_meth_set_read(method) { bio, bytes, count in
      guard let buffers = ByteBufferBIO.of(bio), let bytes, count > 0 else { return 0 }
      shim_BIO_clear_retry_flags(bio)
      let available = min(buffers.inbound.readableBytes, Int(count))
      guard available > 0 else {
        shim_BIO_set_retry_read(bio)
        return -1
      }
      let room = UnsafeMutableRawBufferPointer(start: bytes, count: available)
      buffers.inbound.readWithUnsafeReadableBytes { source in
        room.copyMemory(from: UnsafeRawBufferPointer(rebasing: source[..<available]))
        return available
      }
      // The channel reads into the same memory again, unless it is held here.
      if buffers.inbound.readableBytes == 0 { buffers.inbound = ByteBuffer() }
      return Int32(available)
    }
    BIO_meth_set_ctrl(method) { _, command, _, _ in
      // OpenSSL flushes after each flight; everything else is a question to which "no" is the answer.
      command == BIO_CTRL_FLUSH ? 1 : 0
    }
    return method
  }()

  /// A BIO over these buffers, which must outlive it; the caller owns it.
  func makeBIO() -> OpaquePointer? {
    guard let method = Self.method, let bio = BIO_new(method) else { return nil }
    BIO_set_data(bio, Unmanaged.passUnretained(self).toOpaque())
    BIO_set_init(bio, 1)
    return bio
  }

  private static func of(_ bio: OpaquePointer?) -> ByteBufferBIO? {
    BIO_get_data(bio).map { Unmanaged<ByteBufferBIO>.fromOpaque($0).takeUnretainedValue() }
  }

  func receive(_ ciphertext: ByteBuffer) {
    if inbound.readableBytes == 0 {
      inbound = ciphertext
    } else {
      inbound.writeImmutableBuffer(ciphertext)
    }
  }

  func takeOutbound() -> ByteBuffer? {
    guard outbound.readableBytes > 0 else { return nil }
    defer { outbound = ByteBuffer() }
    return outbound
  }

  /// Makes room at once for the records of that much plaintext, instead of growing by doubling.
  func reserveOutbound(forPlaintext bytes: Int) {
    let records = bytes / TLSLimits.recordBytesMax + 1
    outbound.reserveCapacity(minimumWritableBytes: bytes + records * 32)
  }
}
