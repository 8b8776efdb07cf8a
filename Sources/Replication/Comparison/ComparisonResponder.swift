import OfficeSyncProtocol
import OfficeSyncRecords

/// The server's half of comparing one collection: it adds up what it is asked for, range by range, from one snapshot, and
/// knows nothing of what the client makes of it.
///
/// Inputs: the client's `Ask` and `Fetch`, the store's answers, `drained()`. It reads on only after the network took what
/// was sent, so that it holds little whatever is asked.
struct ComparisonResponder {
  enum Step: Hashable, Sendable {
    case send(Message)
    case store(StoreRequest)
    case awaitDrain
  }

  /// Records read at a time.
  static let digestsPerRead = 4_096
  /// After so many reads with nothing to say the client hears that this side is at work.
  private static let quietReadsMax = 16

  private enum State {
    case idle
    case summing(Summing)
    case fetching(ids: ArraySlice<RecordID>)
  }

  /// Whole records that were sent.
  private(set) var recordsSent: UInt64 = 0
  private let channel: Channel
  private let frameBytesMax: Int
  private var state = State.idle

  init(channel: Channel, frameBytesMax: Int) {
    self.channel = channel
    self.frameBytesMax = frameBytesMax
  }

  var isIdle: Bool { if case .idle = state { true } else { false } }

  mutating func ask(_ message: Ask) throws(SessionError) -> [Step] {
    guard case .idle = state else { throw busy(.ask) }
    return read(Summing(message.ranges))
  }

  mutating func fetch(_ message: Fetch) throws(SessionError) -> [Step] {
    guard case .idle = state else { throw busy(.fetch) }
    return fetchNext(message.ids[...])
  }

  mutating func drained() -> [Step] {
    switch state {
    case .idle: []
    case .summing(let summing): read(summing)
    case .fetching(let ids): fetchNext(ids)
    }
  }

  // MARK: Sums

  mutating func digests(_ found: [RecordDigest]) -> [Step] {
    guard case .summing(var summing) = state, let range = summing.ranges.first else { return [] }
    for digest in found { summing.add(digest, partRecords: range.partRecords) }
    summing.cursor = found.last?.id ?? summing.cursor
    if found.count < Self.digestsPerRead {
      summing.endRange()
    }
    summing.quietReads += 1
    let isOver = summing.ranges.isEmpty
    let messages = summing.messages(
      on: channel, isDue: isOver || summing.quietReads >= Self.quietReadsMax)
    state = isOver ? .idle : .summing(summing)
    return messages.map { Step.send($0) } + (isOver ? [] : [.awaitDrain])
  }

  private mutating func read(_ summing: Summing) -> [Step] {
    state = .summing(summing)
    guard let range = summing.ranges.first else { return [] }
    let rest = RecordRange(after: summing.cursor, through: range.records.through)
    return [.store(.digests(rest, limit: Self.digestsPerRead))]
  }

  // MARK: Records

  /// - Throws: ``SessionError`` `.storage` where the record is gone or damaged: the client asked for a sound one.
  mutating func record(_ id: RecordID, _ bytes: [UInt8]?) throws(SessionError) -> [Step] {
    guard case .fetching(let ids) = state, ids.first == id else { return [] }
    guard let bytes else {
      throw SessionError(.storage, "the record \(id) is damaged")
    }
    state = .fetching(ids: ids.dropFirst())
    recordsSent += 1
    let entry = RecordEntry(clockIndex: 0, id: id, record: bytes)
    return entry.messages(on: channel, frameBytesMax: frameBytesMax).map { Step.send($0) }
      + [.awaitDrain]
  }

  private mutating func fetchNext(_ ids: ArraySlice<RecordID>) -> [Step] {
    guard let id = ids.first else {
      state = .idle
      return []
    }
    state = .fetching(ids: ids)
    return [.store(.record(id))]
  }

  private func busy(_ kind: Message.Kind) -> SessionError {
    SessionError(.protocolViolation, "\(kind) came before the last one was answered")
  }
}

extension RecordEntry {
  /// Whole in one frame, or in parts.
  func messages(on channel: Channel, frameBytesMax: Int) -> [Message] {
    let size = frameBytesMax - 64
    if encodedBytesMax <= size { return [.records(Records(channel: channel, entries: [self]))] }
    let bytes = encoded
    return stride(from: 0, to: bytes.count, by: size).map { start in
      let piece = bytes[start..<min(start + size, bytes.count)]
      return .part(
        Part(
          channel: channel, remaining: UInt64(bytes.count - piece.endIndex), bytes: Array(piece)))
    }
  }
}
