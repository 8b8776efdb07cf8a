import OfficeSyncRecords
import OfficeSyncTestSupport

/// What one seed is made of: its own mix of sites, links, faults and habits (Groce et al., "Swarm Testing", 2012).
package struct Swarm: Sendable {
  enum Event: Hashable, CaseIterable {
    case write, look, connect, deliver, verify
    case cut, partition, oneWay, crash, diskFull, clock, backup, clone, restore, access, loss

    /// The fault that the event belongs to, if it is one.
    var fault: Fault? {
      switch self {
      case .write, .look, .connect, .deliver, .verify, .backup: nil
      case .cut: .cut
      case .partition: .partition
      case .oneWay: .oneWay
      case .crash: .crash
      case .diskFull: .diskFull
      case .clock: .clock
      case .clone: .clone
      case .restore: .restore
      case .access: .access
      case .loss: .loss
      }
    }
  }

  struct Link: Hashable {
    var client: Int
    var server: Int
  }

  let seed: UInt64
  let offices: Int
  let devices: Int
  let usesSQLite: Bool
  let collections: [CollectionName]
  /// Records in each collection, the schema aside.
  let records: Int
  let faults: Set<Fault>
  let hasSchema: Bool
  /// Some texts are so long that each record has a frame of its own.
  let hasLargeTexts: Bool
  /// Whether stores give sessions one record at a time.
  let readsRecordByRecord: Bool
  /// Whether no line lasts: most streams are cut, and so are those that go on from there.
  let linesBreak: Bool
  /// How many origins a client knows before it names their sums: there are never as many as in earnest.
  let sumsFrom: Int
  /// In how many of ten cases a session runs on by itself once it has begun.
  let haste: Int
  let links: [Link]
  /// Sessions under way at once.
  let connectionsMax: Int
  /// Milliseconds that pass between two steps, at most: as a rule, and every fortieth time.
  let pace: (usual: UInt64, rare: UInt64)
  /// One number a step: all that the step draws comes from it, so that a step left out changes no other.
  let steps: [UInt64]
  private let weights: [(event: Event, upTo: Int)]

  /// Every seed of this many has its stores in SQLite files, and takes ten times as long as the others.
  private static let sqliteEvery: UInt64 = 20

  init(seed: UInt64) throws {
    self.seed = seed
    var random = SplitMix64(seed: seed)
    usesSQLite = seed % Self.sqliteEvery == Self.sqliteEvery - 1
    let sites = usesSQLite ? 4 : Int.random(in: 4...12, using: &random)
    offices = Int.random(in: 2...min(5, sites - 1), using: &random)
    devices = sites - offices
    let names = random.oneIn(4) ? ["projects", "archive"] : ["projects"]
    collections = try names.map { try CollectionName($0) }
    records = Int.random(in: 1...6, using: &random)
    hasSchema = Bool.random(using: &random)
    hasLargeTexts = random.oneIn(32)
    readsRecordByRecord = random.oneIn(3)
    sumsFrom = seed.isMultiple(of: 2) ? 1 : .max
    haste = Int.random(in: 1...9, using: &random)
    faults = Self.faults(&random)
    linesBreak = faults.contains(.cut) && random.oneIn(3)
    links = Self.links(offices: offices, devices: devices, &random)
    weights = Self.weights(faults, &random)
    connectionsMax = 6
    pace = (4_000, 86_400_000)
    let count = usesSQLite ? 102 : Int.random(in: 102...150, using: &random)
    steps = (0..<count).map { _ in random.next() }
  }

  /// A week in the life of an organisation: many offices, very many devices, and what goes wrong in a week.
  init(week seed: UInt64) throws {
    self.seed = seed
    var random = SplitMix64(seed: seed)
    (offices, devices) = (12, 100)
    usesSQLite = false
    collections = [try CollectionName("projects")]
    records = 40
    hasSchema = true
    hasLargeTexts = false
    readsRecordByRecord = random.oneIn(3)
    linesBreak = false
    sumsFrom = 1
    haste = 5
    faults = [.cut, .partition, .oneWay, .crash, .diskFull, .clock, .duplicate, .staleScreen]
    links = Self.links(offices: offices, devices: devices, &random)
    let often: [Event: Int] = [
      .write: 40, .look: 6, .connect: 300, .deliver: 500, .verify: 4, .cut: 40, .partition: 4,
      .oneWay: 4, .crash: 20, .diskFull: 8, .clock: 4,
    ]
    var sum = 0
    weights = Event.allCases.map { event in
      sum += often[event] ?? 0
      return (event, sum)
    }
    connectionsMax = 40
    let count: UInt64 = 6_000
    pace = (usual: 2 * 7 * 86_400_000 / count, rare: 2 * 7 * 86_400_000 / count)
    steps = (0..<count).map { _ in random.next() }
  }

  func event(_ random: inout SplitMix64) -> Event {
    let draw = Int.random(in: 0..<(weights.last?.upTo ?? 1), using: &random)
    return weights.first { draw < $0.upTo }?.event ?? .write
  }

  private static func faults(_ random: inout SplitMix64) -> Set<Fault> {
    var faults = Set(Fault.allCases.filter { _ in random.oneIn(3) })
    // Copies of stores hide much else: most seeds are without.
    if random.oneIn(2) { faults.subtract([.clone, .restore]) }
    let plain: [Fault] = [.cut, .crash, .partition, .diskFull]
    faults.insert(plain[Int.random(in: plain.indices, using: &random)])
    return faults
  }

  /// Offices in a chain, a ring, a star or a full mesh; each device has one office or two.
  private static func links(
    offices: Int, devices: Int, _ random: inout SplitMix64
  ) -> [Link] {
    var links: Set<Link> = []
    func join(_ a: Int, _ b: Int) {
      if a != b { links.formUnion([Link(client: a, server: b), Link(client: b, server: a)]) }
    }
    let shape = Int.random(in: 0..<4, using: &random)
    for a in 0..<offices {
      switch shape {
      case 0: join(a, min(a + 1, offices - 1))
      case 1: join(a, (a + 1) % offices)
      case 2: join(0, a)
      default: for b in 0..<offices { join(a, b) }
      }
    }
    for device in offices..<(offices + devices) {
      for _ in 0..<Int.random(in: 1...2, using: &random) {
        links.insert(Link(client: device, server: Int.random(in: 0..<offices, using: &random)))
      }
    }
    return links.sorted { ($0.client, $0.server) < ($1.client, $1.server) }
  }

  private static func weights(
    _ faults: Set<Fault>, _ random: inout SplitMix64
  ) -> [(event: Event, upTo: Int)] {
    var sum = 0
    return Event.allCases.map { event in
      let weight: Int
      switch event {
      case .write: weight = Int.random(in: 20...50, using: &random)
      case .look: weight = faults.contains(.staleScreen) ? 6 : 0
      case .connect: weight = Int.random(in: 10...30, using: &random)
      case .deliver: weight = Int.random(in: 20...60, using: &random)
      case .verify: weight = random.oneIn(3) ? Int.random(in: 1...6, using: &random) : 0
      case .backup: weight = faults.isDisjoint(with: [.clone, .restore]) ? 0 : 4
      case .loss: weight = faults.contains(.loss) ? 1 : 0
      case .cut, .partition, .oneWay, .crash, .diskFull, .clock, .clone, .restore, .access:
        let isOn = event.fault.map { faults.contains($0) } ?? false
        weight = isOn ? Int.random(in: 1...8, using: &random) : 0
      }
      sum += weight
      return (event, sum)
    }
  }
}
