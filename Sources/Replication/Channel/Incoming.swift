import OfficeSyncProtocol
import OfficeSyncRecords

/// The receiving half of a channel: takes one stream, has it stored batch by batch, and keeps account of how far it got.
///
/// While the store takes one batch in, what comes is gathered for the next: on a slow link each frame is stored at once,
/// on a quick one the store sets the size of its transactions.
struct Incoming {
  /// What this side believes of the sender.
  enum Trust: Hashable, Sendable {
    /// An office, or any server to its clients: it relays anybody's writes.
    case office
    /// A field device: only its own, and none that bear later times than `timeMax`.
    case device(replicas: Set<ReplicaID>, author: Identity, timeMax: HybridTime)
    /// A field device at an office that was put back from a copy: it may be the only one that still has what was lost, so
    /// it is believed like an office. What it knows confirms nothing.
    case recovery
  }

  enum Step: Hashable, Sendable {
    case store(StoreRequest)
    case send(Message)
  }

  struct Totals: Hashable, Sendable {
    var received: UInt64 = 0
    var outcome = BatchOutcome()
    var refused: UInt64 = 0
  }

  private enum State {
    case awaitingBegin
    case receiving
    /// The stream is whole, but the store has not taken all of it yet.
    case storing(Done)
    case completing
    case done
  }

  /// So much is gathered before the peer has to wait; it is the most that one transaction takes in, too.
  struct Room: Hashable, Sendable {
    var records: Int
    var bytes: Int

    /// A client receives one stream at a time. IDs are random, so nearly each record of a batch touches a page of its own in
    /// the index by ID: the more of them a transaction holds, the fewer times each page is written.
    static let client = Room(records: 16_384, bytes: 8 << 20)
    /// A server receives from many at once.
    static let server = Room(records: 2_048, bytes: 2 << 20)
  }

  private let channel: Channel
  private let collection: CollectionName
  /// This store's replica IDs.
  private let own: Set<ReplicaID>
  private let trust: Trust
  private let room: Room
  /// The sender's knowledge as its state named it: progress counts only what this covers.
  private let senderKnowledge: VersionVector
  /// Left of an earlier stream; in force only if the sender goes on from there.
  private let earlier: Progress?
  private var state = State.awaitingBegin
  /// What counts of this stream if it is cut now.
  private var progress: Progress?
  /// What will count once the store has taken the batch that it was given.
  private var candidate: Progress?
  /// Where the last record stood in the sender's order.
  private var lastPosition: Dot?
  /// Where the schema would stand that went ahead of all others, until that place is passed.
  private var leader: Dot?
  /// Places in that order that were passed, whether or not the store took what stood there.
  private var passed = VersionVector()
  /// What came while the store took the batch before.
  private var gathered: [IncomingRecord] = []
  private var gatheredBytes = 0
  /// Whether the store has a batch that it has not answered.
  private var isApplying = false
  private var parts: [UInt8] = []
  private var partsRemaining: UInt64?
  private(set) var totals = Totals()
  private(set) var recordsEstimate: UInt64 = 0
  private(set) var resumed = false
  /// What `Done` said of the sender's store.
  private(set) var senderStanding: Standing?

  init(
    channel: Channel, collection: CollectionName, own: Set<ReplicaID>, trust: Trust, room: Room,
    senderKnowledge: VersionVector, earlier: Progress?
  ) {
    self.channel = channel
    self.collection = collection
    self.own = own
    self.trust = trust
    self.room = room
    self.senderKnowledge = senderKnowledge
    self.earlier = earlier
  }

  var isDone: Bool { if case .done = state { true } else { false } }

  /// Whether the store must catch up before more is handed in.
  var isSaturated: Bool {
    gathered.count >= room.records || gatheredBytes >= room.bytes
  }

  mutating func stamps(_ message: Stamps) throws(SessionError) -> [Step] {
    switch state {
    case .awaitingBegin: break
    case .receiving, .storing, .completing, .done: throw .unexpected(.stamps, expecting: expected)
    }
    var runs = message.runs
    // Of what a device says of others' stamps nothing is believed.
    if let believed = trust.believed { runs.removeAll { !believed.contains($0.origin) } }
    return runs.isEmpty ? [] : [.store(.adopt(runs))]
  }

  mutating func begin(_ message: Begin) throws(SessionError) -> [Step] {
    switch state {
    case .awaitingBegin: break
    case .receiving, .storing, .completing, .done: throw .unexpected(.begin, expecting: expected)
    }
    if message.resumed && earlier == nil {
      throw SessionError(.protocolViolation, "a stream was resumed that nobody asked to resume")
    }
    resumed = message.resumed
    recordsEstimate = message.recordsEstimate
    if message.resumed, let earlier { passed = earlier.vector }
    progress = Progress(token: message.token, vector: passed)
    state = .receiving
    return []
  }

  mutating func records(_ message: Records) throws(SessionError) -> [Step] {
    guard partsRemaining == nil else {
      throw SessionError(.protocolViolation, "records came between the parts of one")
    }
    return try take(message.entries, as: .records)
  }

  mutating func part(_ message: Part) throws(SessionError) -> [Step] {
    guard case .receiving = state else { throw .unexpected(.part, expecting: expected) }
    if let due = partsRemaining, message.remaining + UInt64(message.bytes.count) != due {
      throw SessionError(.protocolViolation, "the parts of a record do not add up")
    }
    parts += message.bytes
    partsRemaining = message.remaining
    if message.remaining > 0 { return [] }
    let joined = parts
    parts = []
    partsRemaining = nil
    let entry: RecordEntry
    do { entry = try RecordEntry(joined: joined) } catch {
      throw SessionError(.protocolViolation, "a record in parts is malformed: \(error)")
    }
    return try take([entry], as: .part)
  }

  mutating func applied(_ outcome: BatchOutcome) -> [Step] {
    isApplying = false
    totals.outcome.applied += outcome.applied
    totals.outcome.deferred += outcome.deferred
    totals.outcome.newConflicts += outcome.newConflicts
    totals.refused += UInt64(outcome.refused.count)
    let room = Limits.refusalsPerResultMax - totals.outcome.refused.count
    totals.outcome.refused += outcome.refused.prefix(max(0, room))
    if hasTakenAll { progress = candidate }
    if !gathered.isEmpty { return storeGathered() }
    if case .storing(let message) = state { return complete(message) }
    return []
  }

  mutating func done(_ message: Done) throws(SessionError) -> [Step] {
    switch state {
    case .receiving where partsRemaining == nil: break
    case .awaitingBegin, .receiving, .storing, .completing, .done:
      throw .unexpected(.done, expecting: expected)
    }
    guard message.recordsSent == totals.received else {
      throw SessionError(
        .protocolViolation,
        "\(message.recordsSent) records were announced as sent, \(totals.received) came")
    }
    senderStanding = message.standing
    if isApplying {
      state = .storing(message)
      return []
    }
    return complete(message)
  }

  private mutating func complete(_ message: Done) -> [Step] {
    state = .completing
    // What could not be taken is not known, whoever sent it. A device vouches for its own writes alone, and for none of them
    // while one is deferred.
    let vouched = trust.believed.map(message.knowledge.of) ?? message.knowledge
    let knowledge = hasTakenAll ? vouched : VersionVector()
    // `Done` need not say again what the sender's state said of origins that are closed.
    let confirmed =
      trust == .office
      ? message.knowledge.of(own).joined(senderKnowledge.of(own)) : VersionVector()
    return [.store(.complete(knowledge: knowledge, confirmed: confirmed))]
  }

  mutating func completed(_ standing: Standing) -> [Step] {
    state = .done
    let result = Result(
      channel: channel, applied: totals.outcome.applied, deferred: totals.outcome.deferred,
      newConflicts: totals.outcome.newConflicts, refused: totals.refused,
      refusals: totals.outcome.refused.map { Result.Refusal(id: $0.id, reason: $0.refusal) },
      digest: standing.digest, condition: standing.condition)
    return [.send(.result(result))]
  }

  private var expected: [Message.Kind] {
    switch state {
    case .awaitingBegin: [.stamps, .begin]
    case .receiving: partsRemaining == nil ? [.records, .part, .done] : [.part]
    case .storing, .completing, .done: []
    }
  }

  private mutating func take(
    _ entries: [RecordEntry], as kind: Message.Kind
  ) throws(SessionError) -> [Step] {
    guard case .receiving = state else { throw .unexpected(kind, expecting: expected) }
    var records: [IncomingRecord] = []
    records.reserveCapacity(entries.count)
    for entry in entries {
      let (incoming, position) = try decode(entry)
      if entry.id == .schema, totals.received == 0, records.isEmpty {
        leader = position
      } else {
        try pass(to: position)
      }
      records.append(incoming)
    }
    totals.received += UInt64(records.count)
    gathered += records
    gatheredBytes += records.reduce(0) { $0 + $1.checked.encoded.bytes.count }
    return isApplying ? [] : storeGathered()
  }

  private mutating func pass(to position: Dot) throws(SessionError) {
    if let last = lastPosition, last != position {
      guard last < position else {
        throw SessionError(.protocolViolation, "records came out of order")
      }
      // Every record with the entry before has come; after a renaming several share one.
      note(last)
    }
    if let schema = leader, schema < position {
      note(schema)
      leader = nil
    }
    lastPosition = position
  }

  private mutating func note(_ place: Dot) {
    if senderKnowledge.covers(place) { passed.insert(place) }
  }

  /// The sender cannot go on: what came is kept.
  mutating func breakOff() -> [Step] {
    guard let kept = progress, !gathered.isEmpty else { return [] }
    // Nobody knows yet whether the store takes all of the batch before.
    return isApplying
      ? [.store(.apply(gathered, rule: rule, progress: kept))] : storeGathered()
  }

  private mutating func storeGathered() -> [Step] {
    guard let kept = progress else { return [] }
    let records = gathered
    gathered = []
    gatheredBytes = 0
    isApplying = true
    // The store keeps this only if it takes the whole batch. From one with a record that was not taken on, all must come
    // again.
    let next = hasTakenAll ? Progress(token: kept.token, vector: passed) : kept
    candidate = next
    return [.store(.apply(records, rule: rule, progress: next))]
  }

  /// Whether the store has taken every record that it was given so far.
  private var hasTakenAll: Bool { totals.outcome.deferred == 0 && totals.refused == 0 }

  private func decode(_ entry: RecordEntry) throws(SessionError) -> (IncomingRecord, Dot) {
    do {
      let record = try CheckedRecord(entry.record)
      guard entry.clockIndex < UInt64(record.clock.count) else {
        throw CodecError.outOfRange("clock index")
      }
      let position = record.clock.entries[Int(entry.clockIndex)]
      // What is believed is mostly new, and kept as it came.
      let part =
        trust.believed == nil
        ? Fingerprint(collection: collection, id: entry.id, record: record.encoded) : nil
      return (IncomingRecord(id: entry.id, record, part: part), position)
    } catch {
      throw SessionError(.protocolViolation, "record \(entry.id) is malformed: \(error)")
    }
  }

  private var rule: AdmissionRule {
    switch trust {
    case .office, .recovery: .relayed
    case .device(let replicas, let author, let timeMax):
      .own(replicas: replicas, author: author, timeMax: timeMax)
    }
  }
}
