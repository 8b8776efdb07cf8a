import OfficeSyncProtocol
import OfficeSyncRecords

/// What a replica has truly seen, kept beside its store by the simulator and handed on with every record, whatever the
/// product thinks. It is copied, restored and lost with the store.
struct Ghost: Sendable {
  /// The writes that each record's state has in it.
  private var seen: [WriteSet]
  /// By collection: the writes that the replica's knowledge stands for.
  var claims: [CollectionName: WriteSet] = [:]
  /// By collection: the replica's own writes.
  private(set) var own: [CollectionName: WriteSet] = [:]
  /// What is durably here of streams that did not end.
  var streams: [Source: Stream] = [:]

  /// - Parameter records: how many there are, in all collections.
  init(records: Int) {
    seen = Array(repeating: WriteSet(), count: records)
  }

  /// Where a stream comes from.
  struct Source: Hashable, Sendable {
    var site: Int
    var collection: CollectionName
  }

  /// What came in one stream, with the streams that it resumed.
  struct Stream: Sendable {
    /// As the product keeps it: which state of the stream a peer was shown.
    private(set) var progress: Progress
    /// Records that must not come again, with what was seen of them when they came. The last batch may come again: it may
    /// have ended in the middle of a place in the sender's order.
    private(set) var passed: [CausalLog.Key: WriteSet] = [:]
    private var last: [CausalLog.Key: WriteSet] = [:]
    /// What the receiver said that it knows: it says what each record is sent for.
    private let told: VersionVector
    /// Whether the receiver took all that came: from the first batch of which it did not, all must come again.
    private var isWhole = true

    /// - Parameter earlier: the stream that this one resumes. A session that was opened before that one, and goes on beside
    ///   it, asks for more: what came for another entry may come for one of those.
    init(_ begin: Begin, told: VersionVector, resuming earlier: Stream? = nil) {
      self.told = told
      progress = Progress(token: begin.token, vector: VersionVector())
      if begin.resumed, let earlier, earlier.told.isCovered(by: told) { passed = earlier.passed }
    }

    /// The receiver did not take all of a batch.
    mutating func missed() { isWhole = false }

    mutating func add(
      _ counting: [CausalLog.Key: WriteSet], of batch: Set<CausalLog.Key>, progress: Progress
    ) {
      self.progress = progress
      guard isWhole else { return }
      passed.merge(last.filter { !batch.contains($0.key) }) { $1 }
      last = counting
    }
  }

  func seen(_ key: CausalLog.Key) -> WriteSet { seen[key] }

  /// All writes of all records.
  var all: WriteSet { seen.reduce(WriteSet()) { $0.union($1) } }

  /// The replica's own writes to all collections.
  var allOwn: WriteSet { own.values.reduce(WriteSet()) { $0.union($1) } }

  mutating func wrote(_ write: Int, to key: CausalLog.Key, in collection: CollectionName) {
    seen[key].insert(write)
    claims[collection, default: WriteSet()].insert(write)
    own[collection, default: WriteSet()].insert(write)
  }

  mutating func received(_ key: CausalLog.Key, from sender: Ghost) {
    seen[key].formUnion(sender.seen(key))
  }
}
