import OfficeSyncSimulation
import Testing

/// A fixed set of seeds: faults first, then the network heals, and everybody must show what the model says.
/// `scripts/simulate` runs as many more as there is time for.
@Suite struct SimulationTests {
  /// Every nineteenth has its stores in SQLite files.
  static let seeds: ClosedRange<UInt64> = 1...24

  @Test func everySeedKeepsAllPromises() throws {
    let clock = ContinuousClock()
    let start = clock.now
    var total = Histogram()
    for seed in Self.seeds {
      let simulation = try Simulation(seed: seed)
      let outcome = try simulation.run()
      if outcome.violation != nil {
        Issue.record("\(try simulation.report() ?? "")")
        return
      }
      #expect(outcome.histogram.events >= 100)
      #expect(outcome.histogram.faults >= 1)
      total.add(outcome.histogram)
    }
    let rate = Double(Self.seeds.count) / ((clock.now - start) / .seconds(1))
    print("simulation: \((rate * 10).rounded() / 10) schedules/s\n\(total.table)")
    // Each kind of fault took effect.
    for fault in Fault.allCases {
      #expect(total.count(of: fault) > 0, "\(fault)")
    }
  }

  /// Copies of an office and of two laptops: two laptops know the same, and differ in what a deletion saw, since one had it
  /// before it took up an old name again.
  ///
  /// The second resumed a stream from an earlier snapshot than it was sent from. In the third two offices gave a new name
  /// each to a write that a deletion saw. In the fourth two laptops each have one write by both names, and one of them never got
  /// what overtook it by the old one. In the fifth a laptop's copy gave a write a name of its own that the laptop had shown.
  @Test(arguments: [22_014_421, 30_015_852, 42_007_210, 47_037_075, 47_050_956] as [UInt64])
  func aSeedThatFailedKeepsAllPromises(
    seed: UInt64
  ) throws {
    #expect(try Simulation(seed: seed).run().violation == nil)
  }

  @Test(arguments: [5, 18] as [UInt64]) func aSeedIsOneRun(seed: UInt64) throws {
    let (first, second) = (try Simulation(seed: seed).run(), try Simulation(seed: seed).run())
    #expect(first.digest == second.digest)
    #expect(first.histogram == second.histogram)
  }
}
