import CZstd
import OfficeSyncProtocol
import Synchronization

/// Packs what one side of a session sends, as one zstd stream.
///
/// Unchecked: a C object that Swift cannot see into. One ``FrameWriter`` owns it and calls it from one task at a time.
final class ZstdCompressor: @unchecked Sendable {
  /// Measured on 27,132 real projects, 18.9 MB of frames (docs/PERFORMANCE.md).
  enum Effort: Sendable {
    /// As good as the next for the first 128 kB, and a fortieth behind it after 1 MB, with 1.4 MiB; begun in 0.2 ms, not 1.5.
    case brief
    /// Leaves 27 % of the list's size at 120 MB/s, with 3.3 MiB of memory.
    case thorough
    /// Leaves 34 % at 450 MB/s, with 1.8 MiB.
    case quick

    private static let windowLogMax = Int32(Limits.compressionWindowLogMax)

    fileprivate var parameters: [(ZSTD_cParameter, Int32)] {
      switch self {
      case .brief:
        [
          (ZSTD_c_compressionLevel, 6), (ZSTD_c_windowLog, 18), (ZSTD_c_hashLog, 16),
          (ZSTD_c_chainLog, 16), (ZSTD_c_minMatch, 6),
        ]
      case .thorough:
        [
          (ZSTD_c_compressionLevel, 6), (ZSTD_c_windowLog, Self.windowLogMax), (ZSTD_c_hashLog, 18),
          (ZSTD_c_minMatch, 6),
        ]
      case .quick: [(ZSTD_c_compressionLevel, 1), (ZSTD_c_windowLog, Self.windowLogMax)]
      }
    }
  }

  /// A server may have a thousand sessions: beyond so many that are thorough the others stay brief.
  private static let thoroughMax = 64
  private static let thoroughCount = Atomic(0)

  let effort: Effort
  private let context: OpaquePointer

  /// Whether there may be another that is thorough.
  static var hasRoom: Bool { thoroughCount.load(ordering: .relaxed) < thoroughMax }

  /// nil where there is no memory for it.
  init?(_ effort: Effort) {
    guard let context = ZSTD_createCCtx() else { return nil }
    self.context = context
    self.effort = effort
    for (parameter, value) in effort.parameters {
      let result = ZSTD_CCtx_setParameter(context, parameter, value)
      precondition(ZSTD_isError(result) == 0, "every zstd knows these parameters and values")
    }
    if effort == .thorough { Self.thoroughCount.add(1, ordering: .relaxed) }
  }

  deinit {
    ZSTD_freeCCtx(context)
    if effort == .thorough { Self.thoroughCount.subtract(1, ordering: .relaxed) }
  }

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
