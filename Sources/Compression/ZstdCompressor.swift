import CZstd
import OfficeSyncProtocol

/// Packs what one side of a session sends, as one zstd stream.
///
/// Unchecked: a C object that Swift cannot see into. One ``FrameWriter`` owns it and calls it from one task at a time.
final class ZstdCompressor: @unchecked Sendable {
  /// Measured on 27,132 real projects, 18.9 MB of frames (docs/PERFORMANCE.md): level 3 leaves 31 % of the list's size at
  /// 320 MB/s, this 27 % at 120 MB/s, with 3.3 MiB of memory.
  private static let parameters: [(ZSTD_cParameter, Int32)] = [
    (ZSTD_c_compressionLevel, 6), (ZSTD_c_windowLog, Int32(Limits.compressionWindowLogMax)),
    (ZSTD_c_hashLog, 18), (ZSTD_c_minMatch, 6),
  ]

  private let context: OpaquePointer

  /// nil where there is no memory for it.
  init?() {
    guard let context = ZSTD_createCCtx() else { return nil }
    self.context = context
    for (parameter, value) in Self.parameters {
      let result = ZSTD_CCtx_setParameter(context, parameter, value)
      precondition(ZSTD_isError(result) == 0, "every zstd knows these parameters and values")
    }
  }

  deinit { ZSTD_freeCCtx(context) }

  /// The next piece of the stream: with it a receiver has all of these bytes.
  /// - Parameter ends: whether the stream ends here; this object is then done with.
  func compress(_ bytes: ArraySlice<UInt8>, ends: Bool) -> [UInt8] {
    var packed: [UInt8] = []
    let directive = ends ? ZSTD_e_end : ZSTD_e_flush
    bytes.withUnsafeBytes { source in
      var input = ZSTD_inBuffer(src: source.baseAddress, size: source.count, pos: 0)
      var left = 1
      while left > 0 {
        let room = max(left, ZSTD_compressBound(source.count))
        packed += [UInt8](unsafeUninitializedCapacity: room) { target, count in
          var output = ZSTD_outBuffer(dst: target.baseAddress, size: room, pos: 0)
          left = ZSTD_compressStream2(context, &output, &input, directive)
          // Memory alone can be short here, and Swift's own allocations end a program then, too.
          precondition(ZSTD_isError(left) == 0, "zstd takes any bytes")
          count = output.pos
        }
      }
    }
    return packed
  }
}
