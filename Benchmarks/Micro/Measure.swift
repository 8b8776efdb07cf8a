import Benchmark
import CAllocations
import Foundation

extension BenchmarkMetric {
  /// Things in a second of a core, which is not the clock's where others are at work, too: a figure for people.
  static let rate = BenchmarkMetric.custom(
    "per second of a core", polarity: .prefersLarger, useScalingFactor: false)

  /// Of a thousand things, on the thread that does them: the same on every machine, however busy, so that it can be held.
  static let allocations = BenchmarkMetric.custom(
    "allocations per thousand", polarity: .prefersSmaller, useScalingFactor: false)
}

/// What each turn of a benchmark gets; making it is not measured.
struct Turns<Input> {
  let next: () throws -> Input

  init(_ next: @escaping () throws -> Input) {
    self.next = next
  }

  init(each input: Input) {
    next = { input }
  }
}

/// Registers a benchmark.
///
/// - Parameters:
///   - things: how many of what it counts a turn does.
///   - turns: how many of them are measured, after two that are not: a number and no time, so that a busy machine counts the same.
///   - percent: by how much allocations may differ from those in `Thresholds`.
///   - inputs: called once.
func measure<Input>(
  _ name: String, things: Int, turns: Int = 50, percent: Double = 0.5,
  inputs: @escaping () throws -> Turns<Input>, _ turn: @escaping (Input) throws -> Void
) {
  let configuration = Benchmark.Configuration(
    metrics: [.rate, .allocations], warmupIterations: 2, maxDuration: .seconds(600),
    maxIterations: turns,
    thresholds: [.allocations: BenchmarkThresholds(relative: [.p90: percent])])
  Benchmark(
    name, configuration: configuration,
    closure: { (benchmark: Benchmark, turns: Turns<Input>) -> Void in
      do {
        let input = try turns.next()
        let before = allocations_of_thread()
        let begin = nanosecondsOfThread()
        try turn(input)
        let duration = nanosecondsOfThread() - begin
        let count = Int(allocations_of_thread() - before)
        benchmark.measurement(.rate, things * 1_000_000_000 / max(duration, 1))
        benchmark.measurement(.allocations, count * 1_000 / things)
      } catch {
        benchmark.error("\(name): \(error)")
        // The tool tells of the error, and finds that nothing has failed.
        atexit { _exit(EXIT_FAILURE) }
      }
    },
    setup: { try inputs() })
}

/// Processor that the calling thread has had until now.
private func nanosecondsOfThread() -> Int {
  var time = timespec()
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
  return time.tv_sec * 1_000_000_000 + time.tv_nsec
}
