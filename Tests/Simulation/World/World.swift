import OfficeSyncProtocol
import OfficeSyncRecords
import OfficeSyncReplication
import OfficeSyncStorage
import OfficeSyncTestSupport

/// All sites, the network between them, and the log of what truly happened. One seed is one run, to the byte.
final class World {
  let swarm: Swarm
  /// Faults that are left out of this run: how shrinking finds which matter.
  let disabled: Set<Fault>
  var sites: [Site]
  var links: [Swarm.Link]
  var log = CausalLog()
  var connections: [Connection] = []
  var flights: [Int: Flight] = [:]
  /// Ways that no byte takes.
  var blocked: Set<Swarm.Link> = []
  var backups: [Site.Backup] = []
  var names: Names { didSet { right.forget() } }
  let time = TrueTime()
  /// Sites whose store changed since it was last looked at.
  var touched: Set<Int> = []
  var standings: [Place: Standing] = [:]
  var found: [Place: SiteCheck.Found] = [:]
  var right = SiteCheck.RightRecords()
  /// Whether everybody knows the same, and nothing more is allowed for.
  var isSettled = false
  var histogram = Histogram()
  /// Everything that the network carried, in short.
  private(set) var digest: UInt64 = 0xCBF2_9CE4_8422_2325
  /// Lines for people; nil if nobody asks.
  var trace: [String]?
  var nextConnection = 0
  var nextText = 0
  let paths: Paths
  let subjects: [Subject]

  struct Place: Hashable {
    var site: Int
    /// Its number.
    var collection: Int
  }

  /// What the two sides of a connection knew when they opened a collection.
  struct Flight {
    /// The site that each side hears from: by the side, the other's index.
    let sources: [Int]
    var frozen: [[CollectionName: Ghost]] = [[:], [:]]
    var collections: [Channel: CollectionName] = [:]
    /// What each side told the other that it knows.
    var known: [[CollectionName: VersionVector]] = [[:], [:]]
    /// What each side has of an earlier stream, as it told the other.
    var shown: [[CollectionName: Ghost.Stream]] = [[:], [:]]
    /// What each side has received so far.
    var streams: [[CollectionName: Ghost.Stream]] = [[:], [:]]
    /// Whether the server was put back from a copy, and takes whatever the client has.
    var isRecovering = false
    /// Whether a collection has to be begun again in a new session.
    var beginsAgain = false
    /// Records that each side had before, in the stream that this one resumed.
    var earlier: [[CollectionName: [CausalLog.Key: WriteSet]]] = [[:], [:]]
  }

  init(_ swarm: Swarm, without disabled: Set<Fault> = [], isTraced: Bool = false) throws {
    self.swarm = swarm
    self.disabled = disabled
    links = swarm.links
    trace = isTraced ? [] : nil
    paths = try Paths()
    let subjects = try Subject.all(swarm)
    self.subjects = subjects
    var random = SplitMix64(seed: swarm.seed ^ 0x5EED)
    sites = try (0..<(swarm.offices + swarm.devices)).map { [time] index in
      let name = index < swarm.offices ? "office/o\(index)" : "field/f\(index)"
      return try Site(
        index: index, identity: Identity(name), disk: swarm.usesSQLite ? .folder : .memory,
        time: time, records: subjects.count, readsRecordByRecord: swarm.readsRecordByRecord,
        random: &random)
    }
    names = Names(sites.map(\.replica))
  }

  var living: [Site] { sites.filter { !$0.isLost } }

  func say(_ text: @autoclosure () -> String) {
    if trace != nil { trace?.append("\(time.elapsed / 1_000) s: \(text())") }
  }

  /// Folds what happened into the run's digest (FNV-1a).
  func fold(_ bytes: some Sequence<UInt8>) {
    for byte in bytes { digest = (digest ^ UInt64(byte)) &* 0x0000_0100_0000_01B3 }
  }

  // MARK: Steps

  /// One event of the schedule.
  func step(_ seed: UInt64) throws {
    var random = SplitMix64(seed: seed)
    let most = random.oneIn(40) ? swarm.pace.rare : swarm.pace.usual
    time.pass(UInt64.random(in: 0..<most, using: &random))
    let event = swarm.event(&random)
    if let fault = event.fault, disabled.contains(fault) { return }
    histogram.note(.event(event))
    do {
      try perform(event, &random)
    } catch let crash as SimulatedCrash {
      try die(crash)
    }
    connections.removeAll { connection in
      if connection.isOver { flights[connection.number] = nil }
      return connection.isOver
    }
    try check()
  }

  private func perform(_ event: Swarm.Event, _ random: inout SplitMix64) throws {
    switch event {
    case .write: try write(&random)
    case .look: try look(&random)
    case .connect: try connect(&random)
    case .deliver: try deliver(&random)
    case .verify: try verify(&random)
    case .cut: try cut(&random)
    case .partition: try partition(&random)
    case .oneWay: try blockOneWay(&random)
    case .crash: try crash(&random)
    case .diskFull: fillDisk(&random)
    case .clock: turnClock(&random)
    case .backup: try backup(&random)
    case .clone: try clone(&random)
    case .restore: try restore(&random)
    case .access: changeAccess(&random)
    case .loss: try lose(&random)
    }
  }

  /// A trap sprang in the middle of something.
  func die(_ crash: SimulatedCrash) throws {
    let site = sites[crash.site]
    say("\(site.name) dies at a durable step")
    try restart(site)
  }

  func restart(_ site: Site) throws {
    histogram.note(.crash)
    var others: [SimulatedCrash] = []
    for connection in connections where connection.involves(site) {
      // The other side keeps what has come, and may die over it.
      do { try connection.cut(dead: site) } catch let crash as SimulatedCrash {
        others.append(crash)
      }
    }
    try site.crash()
    touched.insert(site.index)
    for crash in others { try die(crash) }
  }
}

/// The fields that records have here.
struct Paths {
  let plain: [FieldPath]
  let tags: FieldPath
  let visits: FieldPath
  let schema: Schema

  init() throws {
    plain = try ["a", "b", "c", "m/x"].map { try FieldPath($0) }
    (tags, visits) = (try FieldPath("tags"), try FieldPath("visits"))
    var rules: [FieldPattern: FieldRule] = [:]
    let policies: [(FieldPath, Policy)] = [
      (plain[1], .manual), (plain[2], .max), (tags, .set), (visits, .journal),
    ]
    for (path, policy) in policies {
      var rule = FieldRule()
      rule.policy = policy
      rules[FieldPattern(path)] = rule
    }
    schema = try Schema(rules)
  }
}
