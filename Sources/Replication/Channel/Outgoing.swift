import OfficeSyncProtocol
import OfficeSyncRecords

/// The sending half of a channel: one stream of records, from one snapshot, in the order (origin, counter). The schema goes
/// ahead of them all, so that a first pull over a slow link is shown as it should be from its beginning.
///
/// Inputs are the store's answers and `drained()`; each returns what to do next. It asks for more records only after the
/// network took those before, so that what it holds stays bounded whatever the size of the collection.
struct Outgoing {
  enum Step: Hashable, Sendable {
    case send(Message)
    case store(StoreRequest)
    /// Call `drained()` once the network has taken what was sent.
    case awaitDrain
  }

  /// Bytes of records asked for at a time.
  static let readBytesGoal = 256 * 1_024
  /// Origins of which records are asked for at a time: where many wrote, each wrote little.
  static let rangesPerRead = 256

  private enum State {
    case remembering([Message])
    case leading
    case listing
    /// What is left of the stream.
    case reading(ArraySlice<EntryRange>)
    case draining(ArraySlice<EntryRange>)
    case done
  }

  private let channel: Channel
  private let view: LocalView
  private let difference: Difference
  private let begin: Begin
  /// Of the open origins of these groups both sides know the same.
  private let leftOut: OriginGroups
  private let frameBytesMax: Int
  private var state = State.remembering([])
  /// The lowest counter of an own write that is held back because an office refused its record.
  private var heldBackFrom: UInt64?
  private var hasLed = false
  private(set) var recordsSent: UInt64 = 0
  /// The knowledge that `Done` carried.
  private(set) var knowledgeSent: VersionVector?

  init(
    channel: Channel, view: LocalView, difference: Difference, begin: Begin,
    leftOut: OriginGroups = [], frameBytesMax: Int
  ) {
    self.channel = channel
    self.view = view
    self.difference = difference
    self.begin = begin
    self.leftOut = leftOut
    self.frameBytesMax = frameBytesMax
  }

  /// First the store notes that own writes are about to be seen. Of what is sent the stamps go first: they must be stored
  /// before the records that they cover.
  mutating func start(_ runs: [StampRun]) -> [Step] {
    let sent = runs.filter { difference.ownReplicas?.contains($0.origin) ?? true }
    let stamps = messages(of: sent.flatMap(pieces))
    state = .remembering(stamps)
    return [.store(.remember(begin.token))]
  }

  mutating func remembered() -> [Step] {
    guard case .remembering(let stamps) = state else { return [] }
    let opening: [Step] = stamps.map { .send($0) } + [.send(.begin(begin))]
    // A device never sends a schema, and the offices' own collection has none.
    if difference.ownReplicas != nil || difference.collection == .office {
      state = .listing
      return opening + [.store(.newestEntries)]
    }
    state = .leading
    return opening + [.store(.record(.schema))]
  }

  /// - Parameter schema: the schema's record; nil if there is none, or it is damaged: that is told when its turn comes.
  mutating func looked(for schema: [UInt8]?) -> [Step] {
    guard case .leading = state else { return [] }
    state = .listing
    guard let schema, let entry = difference.entry(ahead: .schema, schema) else {
      return [.store(.newestEntries)]
    }
    hasLed = true
    recordsSent = 1
    return frames(of: [entry]).map { .send($0) } + [.store(.newestEntries)]
  }

  mutating func listed(_ newest: VersionVector) -> [Step] {
    let own = difference.ownReplicas
    var ranges: [EntryRange] = []
    for entry in newest.entries where own?.contains(entry.replica) ?? true {
      let origin = entry.replica
      let from = max(difference.known[origin], difference.resumed[origin])
      if entry.counter <= from || isClosedThere(origin) { continue }
      ranges.append(EntryRange(origin: origin, after: EntryCursor(counter: from)))
    }
    return next(ranges[...])
  }

  /// Whether the receiver knows all that there can ever be of an origin.
  private func isClosedThere(_ origin: ReplicaID) -> Bool {
    view.knowledge.closed.contains(origin)
      && difference.known[origin] >= view.knowledge.vector[origin]
  }

  /// - Throws: ``DamagedRecord``: the stream ends here, since what it would claim at its end would not be so.
  mutating func read(_ parts: [OriginEntries]) throws(DamagedRecord) -> [Step] {
    guard case .reading(var ranges) = state else { return [] }
    var entries: [RecordEntry] = []
    for part in parts {
      for row in part.rows {
        if let entry = try entry(for: row, origin: part.origin) { entries.append(entry) }
      }
      if part.isWhole {
        ranges.removeFirst()
      } else if let last = part.rows.last {
        ranges[ranges.startIndex].after = last.cursor
      }
    }
    recordsSent += UInt64(entries.count)
    let sent = frames(of: entries).map(Step.send)
    if sent.isEmpty || ranges.isEmpty { return sent + next(ranges) }
    state = .draining(ranges)
    return sent + [.awaitDrain]
  }

  private mutating func entry(
    for row: StoredEntry, origin: ReplicaID
  ) throws(DamagedRecord) -> RecordEntry? {
    if hasLed, row.id == .schema { return nil }
    if view.refusedIDs.contains(row.id) {
      heldBackFrom = min(heldBackFrom ?? .max, try difference.lowestOwnUnknown(in: row))
      return nil
    }
    return try difference.entry(for: row, origin: origin)
  }

  mutating func drained() -> [Step] {
    guard case .draining(let ranges) = state else { return [] }
    return next(ranges)
  }

  private mutating func next(_ ranges: ArraySlice<EntryRange>) -> [Step] {
    if ranges.isEmpty { return finish() }
    state = .reading(ranges)
    let asked = Array(ranges.prefix(Self.rangesPerRead))
    return [.store(.read(asked, bytesGoal: Self.readBytesGoal))]
  }

  private mutating func finish() -> [Step] {
    state = .done
    var knowledge = view.knowledge.vector
    if difference.ownReplicas == nil {
      let closed = view.knowledge.closed
      knowledge = VersionVector(
        knowledge.entries.filter { entry in
          closed.contains(entry.replica)
            ? !isClosedThere(entry.replica) : !leftOut.contains(entry.replica)
        })
    }
    if let own = difference.ownReplicas {
      // A device vouches for its own writes alone, and for none from the first that it held back.
      knowledge = VersionVector(
        knowledge.entries.filter { own.contains($0.replica) }
          .map { Dot($0.replica, min($0.counter, (heldBackFrom ?? .max) - 1)) }
          .filter { $0.counter > 0 })
    }
    knowledgeSent = knowledge
    let done = Done(
      channel: channel, knowledge: knowledge, digest: view.standing.digest,
      condition: view.condition, recordsSent: recordsSent)
    return [.send(.done(done)), .store(.release)]
  }

  /// What a stamp takes in a message at most, and a run beside its stamps.
  private static let (stampBytesMax, runBytesMax) = (8 + ReplicaID.byteCount, 64)

  /// A run in pieces that a message takes.
  private func pieces(of run: StampRun) -> [StampRun] {
    let size = min(Limits.stampsPerFrameMax, (frameBytesMax - 256) / Self.stampBytesMax)
    var after = run.after
    return stride(from: 0, to: run.stamps.count, by: size).map { start in
      let part = Array(run.stamps[start...].prefix(size))
      defer { after = part.last ?? after }
      return StampRun(origin: run.origin, after: after, stamps: part)
    }
  }

  /// As many runs in a message as go: the receiver takes each message in with a transaction of its own.
  private func messages(of runs: [StampRun]) -> [Message] {
    var messages: [Message] = []
    var group: [StampRun] = []
    var groupBytes = 0
    func flush() {
      if !group.isEmpty { messages.append(.stamps(Stamps(channel: channel, runs: group))) }
      group = []
      groupBytes = 0
    }
    for run in runs {
      let bytes = Self.runBytesMax + run.stamps.count * Self.stampBytesMax
      // Each origin stands once in a message.
      if groupBytes + bytes > frameBytesMax - 64 || group.last?.origin == run.origin { flush() }
      group.append(run)
      groupBytes += bytes
    }
    flush()
    return messages
  }

  private func frames(of entries: [RecordEntry]) -> [Message] {
    var messages: [Message] = []
    var group: [RecordEntry] = []
    var groupBytes = 0
    func flush() {
      if !group.isEmpty { messages.append(.records(Records(channel: channel, entries: group))) }
      group = []
      groupBytes = 0
    }
    for entry in entries {
      let bytes = entry.encodedBytesMax
      if bytes > frameBytesMax - 64 {
        flush()
        messages += parts(of: entry)
        continue
      }
      if groupBytes + bytes > min(Limits.recordsFrameBytesGoal, frameBytesMax - 64) { flush() }
      group.append(entry)
      groupBytes += bytes
    }
    flush()
    return messages
  }

  private func parts(of entry: RecordEntry) -> [Message] {
    let bytes = entry.encoded
    let size = frameBytesMax - 64
    return stride(from: 0, to: bytes.count, by: size).map { start in
      let piece = bytes[start..<min(start + size, bytes.count)]
      return .part(
        Part(
          channel: channel, remaining: UInt64(bytes.count - piece.endIndex), bytes: Array(piece)))
    }
  }
}
