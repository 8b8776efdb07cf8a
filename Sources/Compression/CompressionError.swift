import OfficeSyncProtocol

/// Why what a peer sent as compressed is not.
public enum CompressionError: Error, Hashable, Sendable {
  /// A compressed frame came that was not agreed on.
  case notAgreed
  /// A compressed frame within a compressed one.
  case nested
  /// A plain frame in the middle of one that comes compressed.
  case interrupted
  /// One compressed frame holds more than a receiver takes out of it.
  case tooMuch(max: Int)
  /// It is no zstd stream, or one that needs more memory than a receiver gives; in zstd's words.
  case malformed(String)
}

/// Why bytes are no stream of frames, plain or compressed.
public enum FrameReaderError: Error, Hashable, Sendable {
  case frame(FrameError)
  case compression(CompressionError)
}
