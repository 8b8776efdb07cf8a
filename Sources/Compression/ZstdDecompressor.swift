import CZstd
import OfficeSyncProtocol

/// Unpacks what the other side of a session sends.
///
/// Unchecked: a C object that Swift cannot see into. One ``FrameReader`` owns it and calls it from one task at a time.
final class ZstdDecompressor: @unchecked Sendable {
  private let context: OpaquePointer
  /// Whether the stream has ended: this object is done with.
  private(set) var hasEnded = false

  /// nil where there is no memory for it.
  init?() {
    guard let context = ZSTD_createDCtx() else { return nil }
    self.context = context
    let result = ZSTD_DCtx_setParameter(
      context, ZSTD_d_windowLogMax, Int32(Limits.compressionWindowLogMax))
    precondition(ZSTD_isError(result) == 0, "every zstd knows this parameter and value")
  }

  deinit { ZSTD_freeDCtx(context) }

  /// All that a piece of the stream holds. It never unpacks more than a byte beyond the limit.
  /// - Throws: ``CompressionError``
  func decompress(_ piece: [UInt8]) throws(CompressionError) -> [UInt8] {
    let max = Limits.compressedContentBytesMax
    var failure: CompressionError?
    let content = [UInt8](unsafeUninitializedCapacity: max + 1) { target, count in
      piece.withUnsafeBytes { source in
        var input = ZSTD_inBuffer(src: source.baseAddress, size: source.count, pos: 0)
        var output = ZSTD_outBuffer(dst: target.baseAddress, size: max + 1, pos: 0)
        repeat {
          let result = ZSTD_decompressStream(context, &output, &input)
          if ZSTD_isError(result) != 0 {
            failure = .malformed(String(cString: ZSTD_getErrorName(result)))
          } else if output.pos > max {
            failure = .tooMuch(max: max)
          }
          hasEnded = result == 0
          // With room left in the output, all that was taken in has come out.
        } while failure == nil && input.pos < input.size
        count = output.pos
      }
    }
    if let failure { throw failure }
    return content
  }
}
