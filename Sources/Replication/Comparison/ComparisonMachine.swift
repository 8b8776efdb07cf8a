import OfficeSyncProtocol
import OfficeSyncRecords

/// The client's half of comparing one collection: range-based set reconciliation (Meyer, "Range-Based Set Reconciliation",
/// 2022). It asks for sums over ranges of IDs, reckons its own over the same records, and asks again, finer, where they
/// differ, down to single records. What is carried follows the differences: a few hundred bytes for each, a level of the
/// tree, and not the size of the collection.
///
/// Ranges go by ID, the one order that both stores have an index for. They are cut by number of records at the server, so
/// it does not matter how IDs are chosen.
struct ComparisonMachine {
  enum Step: Hashable, Sendable {
    case send(Message)
    case store(StoreRequest)
    case finished
  }

  /// Into so many parts each range that differs is cut.
  static let fanOut: UInt64 = 16

  private enum Phase {
    /// `Compare` went out.
    case opening
    case comparing(Walk)
    case fetching(FetchedRecords)
    case finished
  }

  let channel: Channel
  private let view: LocalView
  private let repairs: Bool
  private var phase = Phase.opening
  private(set) var outcome: ComparisonOutcome
  /// How many records of this side's there are, for the first cut.
  private let recordCount: UInt64
  /// Records that are to be fetched, and were not asked for yet.
  private var wanted: ArraySlice<RecordID> = []

  init(
    channel: Channel, collection: CollectionName, view: LocalView, recordCount: UInt64,
    repairs: Bool
  ) {
    self.channel = channel
    self.view = view
    self.recordCount = recordCount
    self.repairs = repairs
    outcome = ComparisonOutcome(collection: collection)
  }

  var isFinished: Bool { if case .finished = phase { true } else { false } }

  func open() -> [Step] {
    let compare = Compare(
      channel: channel, collection: outcome.collection, digest: view.standing.digest,
      condition: view.condition)
    return [.send(.compare(compare))]
  }

  mutating func same(_ message: Same) throws(SessionError) -> [Step] {
    guard case .opening = phase else { throw unexpected(.same) }
    if view.condition.isPartial || message.condition.isPartial {
      outcome.obstacle = .partial
      return finish()
    }
    let whole = Ask.Range(RecordRange(), partRecords: Self.partRecords(of: recordCount))
    return ask(Walk([whole]))
  }

  mutating func refused(_ message: Refused) -> [Step] {
    if message.code == .knowledgeDiffers {
      outcome.obstacle = .knowledgeDiffers
    } else {
      outcome.error = SessionError(message.code, message.message, side: .peer)
    }
    return finish()
  }

  mutating func fail(_ error: SessionError) -> [Step] {
    if isFinished { return [] }
    outcome.error = error
    return finish()
  }

  // MARK: Comparing

  mutating func sums(_ message: Sums) throws(SessionError) -> [Step] {
    guard case .comparing(var walk) = phase else { throw unexpected(.sums) }
    try walk.take(message.items)
    phase = .comparing(walk)
    return advance()
  }

  mutating func digests(_ found: [RecordDigest]) -> [Step] {
    guard case .comparing(var walk) = phase else { return [] }
    outcome.differences += walk.take(found)
    phase = .comparing(walk)
    return advance()
  }

  private mutating func advance() -> [Step] {
    guard case .comparing(var walk) = phase else { return [] }
    outcome.records = walk.recordsOfFirstLevel
    if outcome.differences.count > ComparisonOutcome.differencesMax {
      outcome.differences.removeLast(
        outcome.differences.count - ComparisonOutcome.differencesMax)
      outcome.isCut = true
    }
    if let rest = walk.due { return [.store(.digests(rest, limit: Walk.digestsPerRead))] }
    if !walk.isLevelDone { return [] }
    guard !outcome.isCut, walk.descend() else {
      outcome.isCut = outcome.isCut || walk.isCut
      return compared()
    }
    return ask(walk)
  }

  private mutating func ask(_ walk: Walk) -> [Step] {
    phase = .comparing(walk)
    return [.send(.ask(Ask(channel: channel, ranges: walk.asked)))]
  }

  private mutating func compared() -> [Step] {
    outcome.differences.sort { $0.id < $1.id }
    guard repairs else { return finish() }
    wanted = outcome.differences.filter(\.isRepairable).map(\.id)[...]
    return fetchNext()
  }

  // MARK: Fetching

  private mutating func fetchNext() -> [Step] {
    if wanted.isEmpty { return finish() }
    let ids = Array(wanted.prefix(Limits.idsPerFetchMax))
    wanted = wanted.dropFirst(ids.count)
    phase = .fetching(FetchedRecords(ids))
    return [.send(.fetch(Fetch(channel: channel, ids: ids)))]
  }

  mutating func receive(_ message: Message) throws(SessionError) -> [Step] {
    guard case .fetching(var fetched) = phase else { throw unexpected(message.kind) }
    try fetched.take(message)
    let batch = fetched.takeBatch()
    phase = .fetching(fetched)
    return batch.isEmpty ? [] : [.store(.repair(batch))]
  }

  mutating func repaired() -> [Step] {
    guard case .fetching(let fetched) = phase else { return [] }
    outcome.repaired += UInt64(fetched.lastBatchCount)
    return fetched.isComplete ? fetchNext() : []
  }

  // MARK: Parts

  private mutating func finish() -> [Step] {
    phase = .finished
    outcome.isFinished = true
    return [.store(.release), .finished]
  }

  static func partRecords(of records: UInt64) -> UInt64 { max(1, (records + fanOut - 1) / fanOut) }

  private func unexpected(_ kind: Message.Kind) -> SessionError {
    let legal: [Message.Kind] =
      switch phase {
      case .opening: [.same, .refused]
      case .comparing: [.sums]
      case .fetching: [.records, .part]
      case .finished: []
      }
    return .unexpected(kind, expecting: legal)
  }
}
