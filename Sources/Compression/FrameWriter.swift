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
  public mutating func encode(_ frames: [Frame]) -> [[UInt8]] {
    let plain = frames.map(\.encoded)
    guard isAgreed, plain.reduce(0, { $0 + $1.count }) >= Self.worthwhileBytes,
      let compressor = compressor ?? ZstdCompressor()
    else { return plain }
    self.compressor = keepsStream ? compressor : nil
    var rest = Array(plain.joined())[...]
    var pieces: [[UInt8]] = []
    while !rest.isEmpty {
      let content = rest.prefix(contentBytes)
      rest = rest.dropFirst(content.count)
      let piece = packed(content, compressor, ends: !keepsStream && rest.isEmpty)
      contentBytes = min(
        max(content.count * Self.packedBytesGoal / piece.count, Self.packedBytesGoal),
        Limits.compressedContentBytesMax)
      pieces.append(piece)
    }
    return pieces
  }

  private func packed(
    _ bytes: ArraySlice<UInt8>, _ compressor: ZstdCompressor, ends: Bool
  ) -> [UInt8] {
    Frame(type: Frame.compressedType, body: compressor.compress(bytes, ends: ends)).encoded
  }
}
