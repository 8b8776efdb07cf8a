import OfficeSyncProtocol
import OfficeSyncRecords
import OfficeSyncStorage
import OfficeSyncTestSupport

extension World {
  func anySite(_ random: inout SplitMix64) -> Site {
    living[Int.random(in: living.indices, using: &random)]
  }

  /// Some of what is under way may still come, down to half a frame; then the link is gone.
  func cut(_ random: inout SplitMix64) throws {
    guard let connection = anyConnection(&random) else { return }
    let (client, server) = (connection.end(.client).site, connection.end(.server).site)
    for side in Connection.Side.allCases where random.oneIn(2) {
      let pending = connection.pending(for: side)
      guard pending > 0, isOpen(connection, to: side) else { continue }
      fold(try connection.move(Int.random(in: 0..<pending, using: &random), to: side))
    }
    try breakOff(connection)
    // As often as not whoever lost a link calls again at once.
    guard random.oneIn(2), isWhole(client, server),
      let next = try open(client, server, [.pull, .push], swarm.collections)
    else { return }
    connections.append(next)
    try hurry(next, moves: Int.random(in: 1...20, using: &random), &random)
  }

  func breakOff(_ connection: Connection) throws {
    try connection.cut()
    histogram.note(.cut)
    say("connection \(connection.number) is cut")
  }

  // MARK: Partitions

  func partition(_ random: inout SplitMix64) throws {
    if try mend(&random) { return }
    let site = anySite(&random)
    for other in sites where other !== site {
      blocked.formUnion([
        Swarm.Link(client: site.index, server: other.index),
        Swarm.Link(client: other.index, server: site.index),
      ])
    }
    histogram.note(.partition)
    say("\(site.name) is cut off")
  }

  func blockOneWay(_ random: inout SplitMix64) throws {
    if try mend(&random) { return }
    let (a, b) = (anySite(&random), anySite(&random))
    if a === b { return }
    blocked.insert(Swarm.Link(client: a.index, server: b.index))
    histogram.note(.oneWay)
    say("nothing goes from \(a.name) to \(b.name)")
  }

  /// As often as not a partition ends instead, and what waited too long has been given up.
  private func mend(_ random: inout SplitMix64) throws -> Bool {
    guard !blocked.isEmpty, Bool.random(using: &random) else { return false }
    for connection in connections
    where Connection.Side.allCases.contains(where: { !isOpen(connection, to: $0) })
      && Bool.random(using: &random)
    {
      try connection.cut()
    }
    blocked = []
    say("the network is whole")
    return true
  }

  // MARK: Machines

  func crash(_ random: inout SplitMix64) throws {
    let site = anySite(&random)
    switch Int.random(in: 0..<3, using: &random) {
    case 0:
      say("\(site.name) dies")
      try restart(site)
    case 1:
      site.store.trap = .crashBefore
      say("\(site.name) will die before its next durable step")
    default:
      site.store.trap = .crashAfter
      say("\(site.name) will die after its next durable step")
    }
  }

  func fillDisk(_ random: inout SplitMix64) {
    let full = living.filter { $0.store.trap == .diskFull }
    if let site = full.first, random.oneIn(2) {
      site.store.trap = nil
      say("\(site.name) has room again")
      return
    }
    let site = anySite(&random)
    // Somebody else's file may be gone a moment later.
    site.store.trap = random.oneIn(3) ? .diskFullOnce : .diskFull
    say("\(site.name) has no room left")
  }

  func turnClock(_ random: inout SplitMix64) {
    let site = anySite(&random)
    let years: Int64 = 365 * 86_400_000
    switch Int.random(in: 0..<4, using: &random) {
    case 0: site.clock.drift = Int64.random(in: -50...50, using: &random)
    case 1: site.clock.offset = Int64.random(in: -25 * years...5 * years, using: &random)
    case 2: site.clock.offset = 0
    default: site.clock.offset += Int64.random(in: -600_000...600_000, using: &random)
    }
    histogram.note(.clock)
    say("\(site.name)'s clock is off by \(site.clock.offset) ms, \(site.clock.drift) ‰ fast")
  }

  func lose(_ random: inout SplitMix64) throws {
    let site = anySite(&random)
    guard !site.isOffice, sites.count(where: \.isLost) < 2 else { return }
    for connection in connections where connection.involves(site) {
      try connection.cut(dead: site)
    }
    site.isLost = true
    histogram.note(.loss)
    say("\(site.name) is gone for good")
  }

  // MARK: Access

  func changeAccess(_ random: inout SplitMix64) {
    let (office, other) = (anySite(&random), anySite(&random))
    guard office.isOffice, office !== other else { return }
    let choices: [Access] = [.none, .read, .write, .write]
    let access = choices[Int.random(in: choices.indices, using: &random)]
    if (office.grants[other.identity] ?? .write) == access { return }
    office.grants[other.identity] = access
    histogram.note(.access)
    say("\(office.name) grants \(other.identity): \(access)")
  }
}
