import OfficeSyncProtocol

/// Makes of frames the bytes that go out: as they are, or compressed once that was agreed on.
public struct FrameWriter: Sendable {
  /// What is shorter goes as it is: it is mostly digests, in which there is nothing to find.
  static let worthwhileBytes = 512
  /// What a compressed frame has at about: of one that a cut leaves incomplete nothing counts, as of a plain one.
  static let packedBytesGoal = Limits.recordsFrameBytesGoal

  private var isAgreed = false
  private var keepsStream = true
  private var compressor: ZstdCompressor?
  /// How much the next compressed frame holds: as much as would have come to the goal the last time.
  private var contentBytes = packedBytesGoal

  private var pace = Pace()

  public init() {}

  /// From here on the peer takes compressed frames.
  public mutating func agree() { isAgreed = true }

  /// The session goes on, but mostly in silence: from here on no memory is held from one burst to the next.
  /// - Returns: what tells the peer that it need not hold any either.
  public mutating func settle() -> [[UInt8]] {
    keepsStream = false
    guard let compressor else { return [] }
    self.compressor = nil
    return [packed([], compressor, ends: true)]
  }

  /// The bytes for frames that go out together, in pieces of which each is of use by itself.
  /// - Parameter now: when they go out: what came before is over the line by then, but for what buffers hold.
  public mutating func encode(_ frames: [Frame], at now: ContinuousClock.Instant) -> [[UInt8]] {
    let plain = frames.map(\.encoded)
    let count = plain.reduce(0) { $0 + $1.count }
    guard isAgreed, count >= Self.worthwhileBytes else { return plain }
    pace.note(count, at: now)
    var pieces: [[UInt8]] = []
    let effort = effort
    if let compressor, compressor.effort != effort {
      pieces.append(packed([], compressor, ends: true))
      self.compressor = nil
    }
    guard let compressor = compressor ?? ZstdCompressor(effort) else { return pieces + plain }
    self.compressor = keepsStream ? compressor : nil
    var content: [UInt8] = []
    for bytes in plain {
      // Of a frame that begins in one piece and ends in the next a cut would cost both.
      if !content.isEmpty, content.count + bytes.count > contentBytes {
        pieces.append(piece(of: content[...], compressor))
        content = []
      }
      content += bytes
      while content.count > Limits.compressedContentBytesMax {
        pieces.append(piece(of: content.prefix(Limits.compressedContentBytesMax), compressor))
        content.removeFirst(Limits.compressedContentBytesMax)
      }
    }
    return pieces + [piece(of: content[...], compressor, ends: !keepsStream)]
  }

  /// What the line asks for, as far as there is memory for it.
  private var effort: ZstdCompressor.Effort {
    let isWaiting = pace.effort == .thorough && compressor?.effort != .thorough
    return isWaiting && !ZstdCompressor.hasRoom ? .brief : pace.effort
  }

  private mutating func piece(
    of content: ArraySlice<UInt8>, _ compressor: ZstdCompressor, ends: Bool = false
  ) -> [UInt8] {
    let piece = packed(content, compressor, ends: ends)
    contentBytes = min(
      max(content.count * Self.packedBytesGoal / piece.count, Self.packedBytesGoal),
      Limits.compressedContentBytesMax)
    return piece
  }

  private func packed(
    _ bytes: ArraySlice<UInt8>, _ compressor: ZstdCompressor, ends: Bool
  ) -> [UInt8] {
    Frame(type: Frame.compressedType, body: compressor.compress(bytes, ends: ends)).encoded
  }
}
