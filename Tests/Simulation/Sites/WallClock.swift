import Synchronization

/// The time that all sites live in.
final class TrueTime: Sendable {
  /// 2026-11-24, in milliseconds since 1970.
  private static let start: UInt64 = 1_795_478_400_000

  private let passed = Atomic<UInt64>(0)

  /// Milliseconds since the run began.
  var elapsed: UInt64 { passed.load(ordering: .relaxed) }
  var milliseconds: UInt64 { Self.start + elapsed }

  func pass(_ milliseconds: UInt64) { passed.add(milliseconds, ordering: .relaxed) }
}

/// A machine's clock, which need not be right.
final class WallClock: Sendable {
  private let time: TrueTime
  private let offsetMs = Atomic<Int64>(0)
  private let driftPerMille = Atomic<Int64>(0)

  init(_ time: TrueTime) {
    self.time = time
  }

  /// How far it is from true time, in milliseconds.
  var offset: Int64 {
    get { offsetMs.load(ordering: .relaxed) }
    set { offsetMs.store(newValue, ordering: .relaxed) }
  }

  /// How much faster than true time it runs, in parts of a thousand.
  var drift: Int64 {
    get { driftPerMille.load(ordering: .relaxed) }
    set { driftPerMille.store(newValue, ordering: .relaxed) }
  }

  var milliseconds: UInt64 {
    let drifted = Int64(time.elapsed) / 1_000 * drift
    return UInt64(max(0, Int64(time.milliseconds) + offset + drifted))
  }
}
