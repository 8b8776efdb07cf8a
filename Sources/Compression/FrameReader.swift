import OfficeSyncProtocol

/// Finds the frames in what comes in, plain ones and those within compressed ones.
///
/// It holds at most one frame of either kind, what came behind it, and zstd's window (``Limits/compressionWindowLogMax``).
public struct FrameReader: Sendable {
  /// Whether compressed frames were agreed on.
  public var takesCompressed = false
  /// Of the frames found so far, headers included, compression aside.
  public private(set) var frameBytes = 0
  private var outer: FrameDecoder
  private var inner: FrameDecoder
  private var decompressor: ZstdDecompressor?

  public init(frameBytesMax: Int) {
    outer = FrameDecoder(frameBytesMax: frameBytesMax)
    inner = outer
  }

  /// The longest frame accepted from now on, as in ``FrameDecoder``.
  public var frameBytesMax: Int {
    get { outer.frameBytesMax }
    set {
      outer.frameBytesMax = newValue
      inner.frameBytesMax = newValue
    }
  }

  /// Whether a frame has begun and not ended: at the end of a stream this means that it was cut.
  public var holdsPartialFrame: Bool { outer.holdsPartialFrame || inner.holdsPartialFrame }

  public mutating func append(_ bytes: some Collection<UInt8>) { outer.append(bytes) }

  /// The next whole frame; nil while it has not come in full.
  /// - Throws: ``FrameReaderError``
  public mutating func next() throws(FrameReaderError) -> Frame? {
    while true {
      if let frame = try Self.next(in: &inner) {
        if frame.type == Frame.compressedType { throw .compression(.nested) }
        return counted(frame)
      }
      guard let frame = try Self.next(in: &outer) else { return nil }
      guard frame.type == Frame.compressedType else {
        if inner.holdsPartialFrame { throw .compression(.interrupted) }
        return counted(frame)
      }
      if !takesCompressed { throw .compression(.notAgreed) }
      do { inner.append(try unpacked(frame.body)) } catch { throw .compression(error) }
    }
  }

  private mutating func unpacked(_ body: [UInt8]) throws(CompressionError) -> [UInt8] {
    guard let decompressor = decompressor ?? ZstdDecompressor() else {
      throw .malformed("there is no memory to decompress it")
    }
    let content = try decompressor.decompress(body)
    self.decompressor = decompressor.hasEnded ? nil : decompressor
    return content
  }

  private mutating func counted(_ frame: Frame) -> Frame {
    frameBytes += frame.encodedBytes
    return frame
  }

  private static func next(
    in decoder: inout FrameDecoder
  ) throws(FrameReaderError) -> Frame? {
    do { return try decoder.next() } catch { throw .frame(error) }
  }
}
