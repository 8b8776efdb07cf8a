import OfficeSyncTestSupport

/// One run of one seed.
package struct Simulation: Sendable {
  package let swarm: Swarm
  /// Which of the seed's steps are taken.
  var steps: [Int]
  var disabled: Set<Fault> = []

  package struct Outcome: Sendable {
    package var violation: Violation?
    package var histogram = Histogram()
    /// Over everything that the network carried: two runs of a seed have the same.
    package var digest: UInt64 = 0
    package var trace: [String] = []
  }

  package init(seed: UInt64) throws {
    swarm = try Swarm(seed: seed)
    steps = Array(swarm.steps.indices)
  }

  /// A week of many offices and devices: a run that is some hundred times as long.
  package init(week seed: UInt64) throws {
    swarm = try Swarm(week: seed)
    steps = Array(swarm.steps.indices)
  }

  /// - Throws: what the simulator itself fails with, for instance a disk that is truly full.
  package func run(isTraced: Bool = false) throws -> Outcome {
    let world = try World(swarm, without: disabled, isTraced: isTraced)
    var outcome = Outcome()
    do {
      try world.writeSchema()
      for step in steps { try world.step(swarm.steps[step]) }
      try provoke(world)
      try world.heal()
    } catch let violation as Violation {
      outcome.violation = violation
      world.say("VIOLATION \(violation)")
    }
    outcome.histogram = world.histogram
    outcome.digest = world.digest
    outcome.trace = world.trace ?? []
    return outcome
  }

  /// A whole schedule in which no fault took effect goes on until one does.
  private func provoke(_ world: World) throws {
    guard steps.count == swarm.steps.count, disabled.isEmpty else { return }
    var random = SplitMix64(seed: swarm.seed ^ 0xFA17)
    for _ in 0..<1_000 {
      if world.histogram.faults > 0 { return }
      try world.step(random.next())
    }
  }
}
