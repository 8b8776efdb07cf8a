import OfficeSyncRecords
import OfficeSyncTestSupport

/// A few replicas that write one record and merge each other's copies at random, and a log that knows which write truly
/// saw which: records as they arise in life, and an oracle for them.
struct Mesh {
  struct Write {
    let paths: Set<FieldPath>
    let isPurge: Bool
    /// The writes of the record that it was based on.
    let seen: Set<Dot>
  }

  struct Replica {
    let id: ReplicaID
    let author: Identity
    var record = Record()
    var clock = HybridClock()
    var counter: UInt64 = 0
    /// The writes that truly reached this replica.
    var seen: Set<Dot> = []
    /// An older screen, and the writes that it showed.
    var screen: (clock: VersionVector, seen: Set<Dot>)?
  }

  var random: SplitMix64
  var replicas: [Replica]
  var log: [Dot: Write] = [:]
  /// Copies of the record from all over its history.
  var snapshots: [Record] = []

  static let values: [Value] = [
    .null, .boolean(true), .integer(1), .integer(2), .decimal(DecimalNumber(2)),
    .text("F\u{E8}s"), .text("Fe\u{300}s"), .text("Rabat"), .list([.integer(1)]), .bytes([1, 2]),
  ]

  init(seed: UInt64, replicas count: Int = 4) throws {
    random = SplitMix64(seed: seed)
    replicas = try (0..<count).map { index in
      Replica(
        id: ReplicaID(short: "r\(index)"),
        author: try Identity(index == 0 ? "field/amina" : "office/o\(index)"))
    }
  }

  /// Runs `steps` writes and merges.
  mutating func run(steps: Int) throws {
    for _ in 0..<steps {
      let index = Int.random(in: replicas.indices, using: &random)
      switch Int.random(in: 0..<10, using: &random) {
      case 0..<5: try write(at: index)
      case 5: replicas[index].screen = (replicas[index].record.clock, replicas[index].seen)
      default:
        let other = Int.random(in: replicas.indices, using: &random)
        try merge(from: other, into: index)
      }
      if random.oneIn(3) { snapshots.append(replicas[index].record) }
    }
  }

  /// Everybody gets everything.
  mutating func settle() throws {
    for _ in 0..<2 {
      for receiver in replicas.indices {
        for sender in replicas.indices { try merge(from: sender, into: receiver) }
      }
    }
  }

  mutating func merge(from sender: Int, into receiver: Int) throws {
    try replicas[receiver].record.merge(replicas[sender].record)
    replicas[receiver].seen.formUnion(replicas[sender].seen)
  }

  private mutating func write(at index: Int) throws {
    // Counters are a collection's: writes to other records lie between those to this one.
    replicas[index].counter += UInt64.random(in: 1...3, using: &random)
    let dot = Dot(replicas[index].id, replicas[index].counter)
    let time = replicas[index].clock.tick(
      wallMilliseconds: UInt64.random(in: 1_000...2_000, using: &random))
    let info = WriteInfo(time: time, author: replicas[index].author)
    var (context, seen) = (VersionVector?.none, replicas[index].seen)
    if let screen = replicas[index].screen, random.oneIn(3) {
      (context, seen) = (screen.clock, screen.seen)
    }
    if random.oneIn(12) {
      replicas[index].record.purge(as: dot, info: info, context: context)
      log[dot] = Write(paths: [.deleted], isPurge: true, seen: seen)
    } else {
      let changes = try changes(of: replicas[index].record)
      replicas[index].record.write(changes, as: dot, info: info, context: context)
      log[dot] = Write(paths: Set(changes.map(\.path)), isPurge: false, seen: seen)
    }
    replicas[index].seen.insert(dot)
  }

  private mutating func changes(of record: Record) throws -> [Record.Change] {
    if random.oneIn(8) { return [Deletion.change(seeing: record.clock)] }
    if random.oneIn(8) { return [Deletion.undeletion] }
    let paths = try ["a", "b", "b/c", "b d"].map { try FieldPath($0) }.shuffled(using: &random)
    return paths.prefix(Int.random(in: 1...3, using: &random)).map { path in
      let value = Self.values[Int.random(in: Self.values.indices, using: &random)]
      return (path, random.oneIn(5) ? .absent : .value(value))
    }
  }

  /// What of a write at a path ought to be gone at a replica that has seen `seen`.
  func isOvertaken(_ dot: Dot, at path: FieldPath, among seen: Set<Dot>) -> Bool {
    seen.contains { other in
      guard let write = log[other] else { return false }
      return write.seen.contains(dot) && (write.isPurge || write.paths.contains(path))
    }
  }
}
