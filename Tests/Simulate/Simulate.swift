import Foundation
import OfficeSyncSimulation

/// The long runs of the simulator: `scripts/simulate`.
@main
struct Simulate {
  static func main() {
    do {
      let options = try Options(CommandLine.arguments.dropFirst())
      let isWhole =
        try options.week.map { try week($0) } ?? options.replay.map { try replay($0) }
        ?? run(options)
      exit(isWhole ? 0 : 1)
    } catch {
      print("\(error)")
      exit(2)
    }
  }

  /// - Returns: whether all promises were kept.
  private static func replay(_ seed: UInt64) throws -> Bool {
    let simulation = try Simulation(seed: seed)
    let outcome = try simulation.run(isTraced: true)
    for line in outcome.trace { print(line) }
    print("seed \(seed), digest \(String(outcome.digest, radix: 16))")
    print(try simulation.report(traceLines: .max) ?? "all promises were kept")
    return outcome.violation == nil
  }

  /// - Returns: whether all stores show the same at its end, and nothing was lost.
  private static func week(_ seed: UInt64) throws -> Bool {
    let simulation = try Simulation(week: seed)
    let outcome = try simulation.run()
    print(outcome.histogram.table)
    guard let violation = outcome.violation else {
      print("week \(seed): all stores show the same, and nothing was lost")
      return true
    }
    for line in try simulation.run(isTraced: true).trace.suffix(300) { print(line) }
    print("week \(seed) broke a promise: \(violation)")
    return false
  }

  private static func run(_ options: Options) throws -> Bool {
    let clock = ContinuousClock()
    let start = clock.now
    var total = Histogram()
    var (schedules, faultless, events) = (0, 0, 0)
    for seed in options.seeds {
      if let seconds = options.seconds, clock.now - start > .seconds(seconds) { break }
      let simulation = try Simulation(seed: seed)
      let outcome = try simulation.run()
      if let violation = outcome.violation {
        let report =
          options.isBrief ? "seed \(seed) broke a promise: \(violation)" : try simulation.report()
        print(report ?? "")
        print("\(schedules) schedules before it kept all promises")
        return false
      }
      schedules += 1
      if outcome.histogram.faults == 0 { faultless += 1 }
      events += outcome.histogram.events
      total.add(outcome.histogram)
      // Not held back in a buffer: whoever ends a long run early is to know how far it came.
      if schedules % 10_000 == 0 {
        FileHandle.standardOutput.write(Data("\(schedules) schedules …\n".utf8))
      }
    }
    let seconds = (clock.now - start) / .seconds(1)
    print(total.table)
    print(
      """
      \(schedules) schedules from seed \(options.from), \(events / max(1, schedules)) events each, \
      \(faultless) without a fault that took effect
      \(Int(Double(schedules) / seconds)) schedules/s, no promise broken
      """)
    return true
  }

  private struct Options {
    var from: UInt64 = 1
    var count: UInt64 = 1_000
    var replay: UInt64?
    var week: UInt64?
    /// After so long no further schedule is begun.
    var seconds: UInt64?
    /// Of a failure the first line alone, at once.
    var isBrief = false

    var seeds: Range<UInt64> { from..<(from + count) }

    init(_ arguments: some Collection<String>) throws {
      var rest = arguments.makeIterator()
      while let option = rest.next() {
        if option == "--brief" {
          isBrief = true
          continue
        }
        guard let value = rest.next().flatMap(UInt64.init) else { throw Usage() }
        switch option {
        case "--seeds": count = value
        case "--from": from = value
        case "--seconds": seconds = value
        case "--replay": replay = value
        case "--week": week = value
        default: throw Usage()
        }
      }
    }
  }

  private struct Usage: Error, CustomStringConvertible {
    let description =
      "usage: simulate [--seeds N] [--from SEED] [--seconds N] [--brief] [--replay SEED] [--week SEED]"
  }
}
