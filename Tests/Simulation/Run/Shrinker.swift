/// Leaves out of a failing run what it fails without: kinds of faults first, then steps, in ever smaller pieces
/// (Zeller and Hildebrandt, "Simplifying and Isolating Failure-Inducing Input", 2002).
struct Shrinker {
  /// Runs that a shrink may take.
  private static let runsMax = 600

  private var best: Simulation
  private let check: String
  private var runs = 0

  init(_ failing: Simulation, _ violation: Violation) {
    best = failing
    check = violation.check
  }

  mutating func shrink() throws -> Simulation {
    for fault in Fault.allCases where best.swarm.faults.contains(fault) {
      var candidate = best
      candidate.disabled.insert(fault)
      _ = try take(candidate)
    }
    var size = max(1, best.steps.count / 2)
    while runs < Self.runsMax {
      let before = best.steps.count
      try dropPieces(of: size)
      if size == 1, best.steps.count == before { break }
      size = max(1, size / 2)
    }
    return best
  }

  private mutating func dropPieces(of size: Int) throws {
    // From the end: what comes late builds on what comes early.
    var start = max(0, best.steps.count - size)
    while runs < Self.runsMax {
      var candidate = best
      candidate.steps.removeSubrange(start..<min(start + size, candidate.steps.count))
      _ = try take(candidate)
      if start == 0 { return }
      start = max(0, start - size)
    }
  }

  private mutating func take(_ candidate: Simulation) throws -> Bool {
    runs += 1
    guard try candidate.run().violation?.check == check else { return false }
    best = candidate
    return true
  }
}

extension Simulation {
  /// Runs the seed; of a failure, what to know and do about it.
  /// - Returns: nil if all promises were kept.
  package func report(traceLines: Int = 300) throws -> String? {
    let outcome = try run()
    guard let violation = outcome.violation else { return nil }
    var shrinker = Shrinker(self, violation)
    let small = try shrinker.shrink()
    let trace = try small.run(isTraced: true).trace
    let kinds = small.swarm.faults.subtracting(small.disabled).map(\.rawValue).sorted()
    return """
      seed \(swarm.seed) broke a promise: \(violation)
      again: scripts/simulate --replay \(swarm.seed)
      shrunk to \(small.steps.count) of \(steps.count) steps, faults \(kinds), last lines of that run:
      \(trace.suffix(traceLines).map { "  \($0)" }.joined(separator: "\n"))
      """
  }
}
