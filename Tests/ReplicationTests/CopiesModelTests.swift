import OfficeSyncProtocol
import OfficeSyncRecords
import OfficeSyncReplication
import OfficeSyncStorage
import OfficeSyncTestSupport
import Testing

/// Offices and devices write, delete and sync in sessions that interleave and get cut, while disks are copied and put back:
/// the semantics of `copies_model.py`, with the real protocol and the real store.
///
/// Names change here, so writes are told apart by what they wrote. Each write leaves, beside its values, a field that only
/// it ever sets: which of these a record holds says which writes have truly reached it.
@Suite struct CopiesModelTests {
  static let seeds: [UInt64] = Array(1...16)

  @Test(arguments: seeds) func everybodyEndsWithWhatAnybodyWrote(seed: UInt64) throws {
    try run(World(seed: seed), seed: seed)
  }

  /// Offices retire each other and devices meanwhile, by present and by former names; all of them come back.
  @Test(arguments: seeds) func alsoWhereOfficesRetireThem(seed: UInt64) throws {
    try run(World(seed: seed, retires: true), seed: seed)
  }

  private func run(_ start: World, seed: UInt64) throws {
    var world = start
    for step in 0..<90 {
      try world.step()
      for replica in world.replicas {
        let fault = try world.log.fault(in: replica)
        #expect(fault == nil, "seed \(seed) step \(step): \(replica.identity) \(fault ?? "")")
      }
    }
    let union = try world.seenByAnybody()
    try world.settleAll()
    for replica in world.replicas {
      let fault = try world.log.fault(in: replica, among: union)
      #expect(fault == nil, "seed \(seed): \(replica.identity) \(fault ?? "")")
      let (view, first) = (try replica.view(), try world.replicas[0].view())
      #expect(try view.knowledge.vector == first.knowledge.vector, "seed \(seed)")
      #expect(try view.knowledge.digest == first.knowledge.digest, "seed \(seed)")
      #expect(try view.condition == first.condition, "seed \(seed)")
      // Of a store that was put back before it could send all that it began to, nobody can say that this was all.
      if world.copiesMade == 0 { #expect(try !view.condition.isPartial, "seed \(seed)") }
    }
    if world.copiesMade + world.retired == 0 {
      let renamed = try world.replicas.filter { try !$0.info.formerReplicas.isEmpty }
      #expect(renamed.isEmpty, "seed \(seed): a new replica ID without a copy")
    }
  }
}

/// What was written, with what each writer had truly seen.
private struct WriteLog {
  struct Write {
    var id: RecordID
    var paths: Set<FieldPath>
    var seen: Set<Int>
  }

  private(set) var writes: [Write] = []
  /// Not yet sent to anybody when their store was copied: they may go by two names, and show beside what replaced one.
  var twins: Set<Int> = []

  mutating func add(_ write: Write) -> Int {
    writes.append(write)
    return writes.count - 1
  }

  static func mark(_ write: Int) throws -> FieldPath { try FieldPath("seen/\(write)") }

  /// Which writes have reached a record.
  static func seen(in record: Record) -> Set<Int> {
    Set(record.fields.compactMap { Int($0.path.description.dropFirst(5)) })
  }

  private func isOvertaken(_ write: Int, at path: FieldPath, among seen: Set<Int>) -> Bool {
    seen.contains { writes[$0].seen.contains(write) && writes[$0].paths.contains(path) }
  }

  /// A write that is lost, or one that came back; nil if there is none.
  /// - Parameter union: what must be there by record; nil for what the replica itself has seen.
  func fault(in replica: TestReplica, among union: [RecordID: Set<Int>]? = nil) throws -> String? {
    for (id, record) in try replica.view().records(after: nil, limit: 100) {
      let here = Self.seen(in: record)
      let seen = union?[id] ?? here
      if !seen.isSubset(of: here) { return "lacks \(seen.subtracting(here)) of \(id)" }
      for field in record.fields where !field.path.description.hasPrefix("seen/") {
        let shown = Set(field.siblings.compactMap(Self.writer))
        let due = seen.filter {
          writes[$0].paths.contains(field.path) && !isOvertaken($0, at: field.path, among: seen)
        }
        if !shown.isSuperset(of: due) {
          return "lost \(due.subtracting(shown)) of \(id) at \(field.path)"
        }
        let back = shown.subtracting(due).subtracting(twins)
        if !back.isEmpty { return "brought \(back) of \(id) at \(field.path) back" }
      }
    }
    return nil
  }

  /// The write that made a sibling: its note is the write's number.
  private static func writer(_ sibling: Sibling) -> Int? { Int(sibling.write.note) }
}

private struct World {
  var random: SplitMix64
  var log = WriteLog()
  var replicas: [TestReplica] = []
  private let retires: Bool
  private(set) var copiesMade = 0
  private(set) var retired = 0
  private var backups: [TestReplica] = []
  private var links: [(link: VirtualLink, ends: [TestReplica])] = []
  private let ids = (0..<3).compactMap { try? RecordID("r\($0)") }
  private let paths = ["a", "b", "c"].compactMap { try? FieldPath($0) }

  init(seed: UInt64, retires: Bool = false) throws {
    random = SplitMix64(seed: seed)
    self.retires = retires
    for index in 0..<3 {
      replicas.append(try TestReplica("office/o\(index)", seed: seed))
      replicas.append(try TestReplica("field/f\(index)", seed: seed))
    }
  }

  private var offices: [TestReplica] { replicas.filter { $0.identity.role == .office } }

  mutating func step() throws {
    let replica = pick(replicas)
    switch Int.random(in: 0..<100, using: &random) {
    case 0..<40: try write(at: replica)
    case 40..<46: try backUp(replica)
    case 46..<50: try putBack()
    case 50..<53 where retires: try retire()
    case 50..<72: try begin(replica)
    default: try goOn()
    }
  }

  private mutating func pick<T>(_ items: [T]) -> T {
    items[Int.random(in: items.indices, using: &random)]
  }

  private mutating func write(at replica: TestReplica) throws {
    let id = pick(ids)
    let record = try replica.record(id.description) ?? Record()
    let seen = WriteLog.seen(in: record)
    var write = WriteLog.Write(id: id, paths: [], seen: seen)
    var changes: [Record.Change] = []
    if RecordView(record).isDeleted {
      changes = [Deletion.undeletion]
    } else if !record.fields.isEmpty, random.oneIn(6) {
      changes = [Deletion.change(seeing: record.clock)]
    } else {
      for path in paths where random.oneIn(2) {
        changes.append((path, .value(.integer(Int64(log.writes.count)))))
      }
    }
    if changes.isEmpty { return }
    write.paths = Set(changes.map(\.path))
    let number = log.add(write)
    changes.append((try WriteLog.mark(number), .value(.boolean(true))))
    _ = try replica.store.write(to: projects, wallMilliseconds: replica.wall, note: "\(number)") {
      try $0.put(id, changes: changes, context: nil)
    }
  }

  private mutating func backUp(_ replica: TestReplica) throws {
    backups.append(try TestReplica(copyOf: replica))
    var sent: Set<Int> = []
    for other in replicas where other.identity != replica.identity {
      for writes in try seen(at: other).values { sent.formUnion(writes) }
    }
    for writes in try seen(at: replica).values { log.twins.formUnion(writes.subtracting(sent)) }
  }

  private mutating func putBack() throws {
    guard !backups.isEmpty else { return }
    copiesMade += 1
    let old = try TestReplica(copyOf: pick(backups))
    if replicas.count < 9, random.oneIn(2) {
      replicas.append(old)
      return
    }
    guard let index = replicas.firstIndex(where: { $0.identity == old.identity }) else { return }
    let gone = replicas[index]
    links.removeAll { $0.ends.contains { $0 === gone } }
    replicas[index] = old
    if old.identity.role == .office { try old.store.setRecovering(true) }
  }

  private mutating func retire() throws {
    let office = pick(offices)
    let own = try office.info.replica
    let known = try office.view().knowledge.newestStamps.keys.filter { $0 != own }.sorted()
    if known.isEmpty { return }
    retired += 1
    _ = try office.store.retire(pick(known), in: projects, token: office.token)
    try audit(office)
  }

  private func audit(_ replica: TestReplica) throws {
    let view = try replica.view()
    for ending in try view.knowledge.closed.endings {
      let end = ending.stamp
      #expect(try end != nil && view.knowledge.newestStamps[ending.origin] == end)
      #expect(try view.knowledge.vector[ending.origin] == end?.counter)
    }
  }

  private mutating func begin(_ client: TestReplica) throws {
    let server = pick(offices)
    if server === client { return }
    let directions: Directions = pick([.pull, .push, [.pull, .push]])
    links.append(
      (
        try VirtualLink(client, with: server, directions, collections: [projects]),
        [client, server]
      )
    )
  }

  /// One of the sessions under way goes on for a while, to its end, or breaks.
  private mutating func goOn() throws {
    guard !links.isEmpty else { return }
    let index = Int.random(in: links.indices, using: &random)
    if random.oneIn(8) {
      links.remove(at: index)
      return
    }
    for _ in 0..<Int.random(in: 1...20, using: &random) {
      if try !links[index].link.step() {
        let result = links.remove(at: index).link.result
        #expect(result.clientError == nil && result.serverError == nil)
        #expect(result.client.allSatisfy { $0.error == nil })
        return
      }
    }
  }

  private func seen(at replica: TestReplica) throws -> [RecordID: Set<Int>] {
    let records = try replica.view().records(after: nil, limit: 100)
    return Dictionary(uniqueKeysWithValues: records.map { ($0.id, WriteLog.seen(in: $0.record)) })
  }

  func seenByAnybody() throws -> [RecordID: Set<Int>] {
    try replicas.reduce(into: [:]) { union, replica in
      union.merge(try seen(at: replica)) { $0.union($1) }
    }
  }

  /// The links are whole again.
  mutating func settleAll() throws {
    links = []
    for _ in 0..<5 {
      for office in offices {
        for replica in replicas where replica !== office {
          let results = try settle(
            replica, with: office, [.pull, .push], collections: [projects])
          let last = results.last
          #expect(last?.clientError == nil && last?.serverError == nil)
          #expect(last?.only?.error == nil && last?.beginsAgain == false)
        }
      }
    }
  }
}
