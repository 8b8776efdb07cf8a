import OfficeSyncRecords

/// Records as they arise in life: a few replicas that write, purge and merge at random, and the differences that they send.
public struct RandomRecords {
  private var random: SplitMix64
  private var copies: [Record]
  private let replicas: [ReplicaID]
  private var counters: [UInt64]

  private static let authors = ["office/rabat", "office/casablanca", "field/amina"]
  private static let notes = ["", "", "Samira", "أمينة"]
  private static let paths = ["a", "a/b", "status", "milestones/m1/due", "é", "x%2Fy", "visits/01"]

  public init(seed: UInt64) {
    var random = SplitMix64(seed: seed)
    replicas = (0..<3).map { _ in .random(using: &random) }
    copies = replicas.map { _ in Record() }
    counters = replicas.map { _ in 0 }
    self.random = random
  }

  /// Every state on the way, and what a device would send of it.
  public mutating func history(steps: Int) throws -> [Record] {
    var states: [Record] = []
    for _ in 0..<steps {
      let index = Int.random(in: copies.indices, using: &random)
      if random.oneIn(3) {
        try copies[index].merge(copies[Int.random(in: copies.indices, using: &random)])
      } else {
        try write(at: index)
      }
      states.append(copies[index])
      states.append(try difference(of: copies[index], from: replicas[index]))
    }
    return states
  }

  private mutating func write(at index: Int) throws {
    counters[index] += UInt64.random(in: 1...200, using: &random)
    let dot = Dot(replicas[index], counters[index])
    let info = WriteInfo(
      time: HybridTime(bits: random.next()),
      author: try Identity(Self.authors[index % Self.authors.count]),
      note: Self.notes.randomElement(using: &random) ?? "")
    if random.oneIn(12) {
      copies[index].purge(as: dot, info: info)
      return
    }
    var changes: [(path: FieldPath, content: Sibling.Content)] = []
    for path in Self.paths where random.oneIn(2) {
      changes.append((try FieldPath(path), random.oneIn(5) ? .absent : .value(value(depth: 0))))
    }
    copies[index].write(changes, as: dot, info: info)
  }

  /// Own siblings with their contents, others withheld.
  private func difference(of record: Record, from replica: ReplicaID) throws -> Record {
    let fields = record.fields.compactMap { field -> Record.Field? in
      let own = field.siblings.filter { $0.dot.replica == replica }
      let others = field.siblings.map(\.dot).filter { $0.replica != replica }
      return own.isEmpty ? nil : Record.Field(path: field.path, siblings: own, withheld: others)
    }
    return try Record(fields: fields, clock: record.clock, erased: record.erased)
  }

  private mutating func value(depth: Int) -> Value {
    switch Int.random(in: 0..<(depth < 3 ? 11 : 9), using: &random) {
    case 0: return .null
    case 1: return .boolean(random.oneIn(2))
    case 2:
      return .integer(Int64(bitPattern: random.next() >> UInt64.random(in: 0..<64, using: &random)))
    case 3: return .decimal(DecimalNumber(Int64(bitPattern: random.next())))
    case 4: return FiniteDouble(Double(bitPattern: random.next())).map { .double($0) } ?? .null
    case 5: return .text(random.oneIn(2) ? "الدار البيضاء" : "Fe\u{300}s")
    case 6:
      let days = Int64.random(in: CivilDate.daysMin...CivilDate.daysMax, using: &random)
      return CivilDate(days: days).map { .date($0) } ?? .null
    case 7: return .timestamp(Timestamp(HybridTime(bits: random.next())))
    case 8:
      return .bytes((0..<Int.random(in: 0..<200, using: &random)).map { UInt8($0) })
    case 9:
      return .list(
        (0..<Int.random(in: 0..<4, using: &random)).map { _ in value(depth: depth + 1) })
    default:
      let members = ["b", "a", "é"].prefix(Int.random(in: 0...3, using: &random))
      return .object(
        ObjectValue(members.map { (name: $0, value: value(depth: depth + 1)) }) ?? .empty)
    }
  }
}
