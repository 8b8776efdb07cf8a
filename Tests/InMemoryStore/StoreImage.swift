import OfficeSyncProtocol
import OfficeSyncRecords
import OfficeSyncStorage

/// A whole store as a value.
public struct StoreImage: Sendable {
  var row: StoreRow
  var collections: [CollectionName: CollectionImage] = [:]

  /// An empty store.
  public init(replica: ReplicaInfo) {
    row = StoreRow(replica: replica, clock: .zero)
  }
}

/// One collection of it.
struct CollectionImage: Sendable {
  struct Row: Sendable {
    var id: RecordID
    var held: HeldRecord
  }

  struct Entry: Comparable, Sendable {
    var counter: UInt64
    var row: Int64

    static func < (a: Entry, b: Entry) -> Bool { (a.counter, a.row) < (b.counter, b.row) }
  }

  /// In the order of arrival: row numbers count from 1.
  private(set) var rows: [Row] = []
  private var rowByID: [RecordID: Int64] = [:]
  /// The index by origin, sorted.
  private(set) var entries: [ReplicaID: [Entry]] = [:]
  /// The highest counter of each origin in the clocks of records.
  private(set) var newestEntries = VersionVector()
  var totals = CollectionTotals()
  var knowledge = VersionVector()
  var confirmed = VersionVector()
  /// By origin, none of them empty.
  private(set) var stamps: [ReplicaID: [Stamp]] = [:]
  private(set) var newestStamps: [ReplicaID: Stamp] = [:]
  var endings: Set<Ending> = []
  /// In the order in which they were closed.
  var closed: [Ending] = []
  var progress: [ReplicaID: Progress] = [:]
  var refusals: [RecordID: String] = [:]
  /// By row, and of all, in the order in which it happened.
  var history: [Int64: [OvertakenSibling]] = [:]
  var arrivals: [Arrival] = []
  /// Stream tokens given out, by receiver, in that order.
  private var tokens: [ReplicaID: [(token: ReplicaID, revision: UInt64)]] = [:]

  subscript(row: Int64) -> Row {
    get { rows[Int(row) - 1] }
    set { rows[Int(row) - 1] = newValue }
  }

  func held(_ id: RecordID) -> HeldRecord? { rowByID[id].map { self[$0].held } }

  mutating func insert(
    _ id: RecordID, _ encoded: EncodedRecord, _ traits: RecordTraits
  ) throws -> Int64? {
    if rowByID[id] != nil { return nil }
    let row = Int64(rows.count + 1)
    rows.append(Row(id: id, held: try HeldRecord(row: row, traits: traits, encoded.bytes)))
    rowByID[id] = row
    return row
  }

  mutating func insertEntry(_ entry: Dot, record row: Int64) {
    let new = Entry(counter: entry.counter, row: row)
    var list = entries[entry.replica, default: []]
    list.insert(new, at: list.firstIndex { $0 > new } ?? list.endIndex)
    setEntries(list, of: entry.replica)
  }

  mutating func deleteEntry(_ entry: Dot, record row: Int64) {
    let old = Entry(counter: entry.counter, row: row)
    var list = entries[entry.replica, default: []]
    list.removeAll { $0 == old }
    setEntries(list, of: entry.replica)
  }

  mutating func removeEntries(where isMeant: (Int64) -> Bool) {
    for (origin, list) in entries { setEntries(list.filter { !isMeant($0.row) }, of: origin) }
  }

  private mutating func setEntries(_ list: [Entry], of origin: ReplicaID) {
    entries[origin] = list.isEmpty ? nil : list
    newestEntries[origin] = list.last?.counter ?? 0
  }

  mutating func append(_ stamp: Stamp, of origin: ReplicaID) {
    stamps[origin, default: []].append(stamp)
    newestStamps[origin] = stamp
  }

  mutating func removeStamps(of origin: ReplicaID, after counter: UInt64) {
    guard var list = stamps[origin] else { return }
    list.removeAll { $0.counter > counter }
    stamps[origin] = list.isEmpty ? nil : list
    newestStamps[origin] = list.last
  }

  /// Deletes what is too old; what has a time yet to come gets the present one.
  mutating func pruneHistory(_ retention: HistoryRetention, wallMilliseconds: UInt64) {
    let cutoff = retention.cutoff(wallMilliseconds: wallMilliseconds)
    func isDue(_ milliseconds: UInt64) -> Bool {
      milliseconds < cutoff || milliseconds > wallMilliseconds
    }
    let isNothingDue =
      !history.values.contains { $0.contains { isDue($0.milliseconds) } }
      && !arrivals.contains { $0.session.milliseconds < cutoff }
    if isNothingDue { return }
    history = history.mapValues { list in
      list.filter { $0.milliseconds >= cutoff }.map { overtaken in
        var overtaken = overtaken
        overtaken.milliseconds = min(overtaken.milliseconds, wallMilliseconds)
        return overtaken
      }
    }
    arrivals.removeAll { $0.session.milliseconds < cutoff }
  }

  mutating func forgetStreams() {
    progress = [:]
    tokens = [:]
  }

  mutating func remember(
    _ token: ReplicaID, givenTo receiver: ReplicaID, _ revision: UInt64
  ) {
    let given = tokens[receiver, default: []] + [(token, revision)]
    tokens[receiver] = Array(given.suffix(InMemoryTables.givenTokensMax))
  }

  /// A receiver keeps one token: those given out before the one that it shows are never shown again.
  mutating func remembers(
    _ token: ReplicaID, givenTo receiver: ReplicaID, _ revision: UInt64
  ) -> Bool {
    guard let given = tokens[receiver],
      let place = given.firstIndex(where: { $0.token == token && $0.revision <= revision })
    else { return false }
    tokens[receiver] = Array(given[place...])
    return true
  }
}
