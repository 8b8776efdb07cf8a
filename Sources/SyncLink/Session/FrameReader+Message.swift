import OfficeSyncCompression
import OfficeSyncProtocol
import OfficeSyncReplication

extension FrameReader {
  /// As below, for a peer that one goes to by oneself.
  mutating func nextMessage() throws(SessionError) -> (frame: Frame, message: Message)? {
    var skipped = 0
    return try nextMessage(skipped: &skipped)
  }

  /// The next whole message with its frame, unknown ones left out that may be; nil while none has come in full.
  ///
  /// - Parameter skipped: raised by one for each that was left out.
  /// - Throws: `SessionError` `.protocolViolation`
  mutating func nextMessage(
    skipped: inout Int
  ) throws(SessionError) -> (frame: Frame, message: Message)? {
    while let frame = try nextFrame() {
      do {
        if let message = try Message(frame) { return (frame, message) }
        skipped += 1
      } catch {
        throw SessionError(.protocolViolation, "a message is malformed: \(error)")
      }
    }
    return nil
  }

  private mutating func nextFrame() throws(SessionError) -> Frame? {
    do { return try next() } catch {
      switch error {
      case .frame(let error):
        throw SessionError(.protocolViolation, "what came is no frame: \(error)")
      case .compression(let error):
        throw SessionError(.protocolViolation, "a compressed frame is refused: \(error)")
      }
    }
  }
}
