/// A reading of a hybrid logical clock (Kulkarni et al., "Logical Physical Clocks", 2014): wall time with a counter
/// that keeps readings apart and in causal order where wall clocks fail to.
///
/// It orders siblings for people and for the policy `latest`; causality never depends on it.
public struct HybridTime: Hashable, Comparable, Sendable {
  /// Milliseconds since 1970 UTC in the upper 48 bits, the logical counter in the lower 16.
  public let bits: UInt64

  public static let zero = HybridTime(bits: 0)
  /// 48 bits of milliseconds reach the year 10889.
  public static let millisecondsMax: UInt64 = 1 << 48 - 1

  public init(bits: UInt64) {
    self.bits = bits
  }

  /// Milliseconds beyond ``millisecondsMax`` count as that.
  public init(milliseconds: UInt64, logical: UInt16 = 0) {
    bits = min(milliseconds, Self.millisecondsMax) << 16 | UInt64(logical)
  }

  public var milliseconds: UInt64 { bits >> 16 }
  public var logical: UInt16 { UInt16(truncatingIfNeeded: bits) }

  @inlinable
  public static func < (a: HybridTime, b: HybridTime) -> Bool { a.bits < b.bits }
}

/// The clock of one replica. Wall time is handed in; it may jump either way.
public struct HybridClock: Hashable, Sendable {
  /// A reading that is further ahead of the wall clock, in milliseconds, came from a clock that runs wrong.
  public static let aheadMillisecondsMax: UInt64 = 5 * 60 * 1_000

  public private(set) var latest: HybridTime

  public init(latest: HybridTime = .zero) {
    self.latest = latest
  }

  /// A reading for a new write: later than every reading given or observed before.
  public mutating func tick(wallMilliseconds: UInt64) -> HybridTime {
    // A full logical counter carries into the milliseconds; at the very end of time readings repeat.
    let next = latest.bits == .max ? latest.bits : latest.bits + 1
    latest = max(HybridTime(milliseconds: wallMilliseconds), HybridTime(bits: next))
    return latest
  }

  /// Takes note of a reading that came from elsewhere, so that later local writes show as later.
  ///
  /// - Parameter timeMax: readings beyond this are not followed; see ``timeMax(wallMilliseconds:)``. Whoever followed one
  ///   would hand it on with each write, and one wrong clock would set all.
  public mutating func observe(_ time: HybridTime, timeMax: HybridTime) {
    if time <= timeMax { latest = max(latest, time) }
  }

  /// The latest reading that is believed at a wall time.
  public static func timeMax(wallMilliseconds: UInt64) -> HybridTime {
    let wall = min(wallMilliseconds, HybridTime.millisecondsMax)
    return HybridTime(milliseconds: wall + aheadMillisecondsMax, logical: .max)
  }

  /// Whether the wall clock was set back: nothing that is observed brings the clock so far ahead of it.
  public func isAhead(wallMilliseconds: UInt64) -> Bool {
    latest > Self.timeMax(wallMilliseconds: wallMilliseconds)
  }
}
