/// How long a store keeps what changes overtook, and through which sessions writes came.
public struct HistoryRetention: Hashable, Sendable {
  public static let daysMax = 36_500
  public static let standard = HistoryRetention(days: nil)
  private static let standardDays = 90

  /// 0: nothing is kept.
  public let days: Int

  /// - Parameter days: 0 to ``daysMax``; what is beyond counts as that. nil: the standard.
  public init(days: Int?) {
    self.days = max(0, min(days ?? Self.standardDays, Self.daysMax))
  }

  public var isOn: Bool { days > 0 }

  /// What was overtaken before this, in milliseconds since 1970 UTC, need not be kept any longer.
  package func cutoff(wallMilliseconds: UInt64) -> UInt64 {
    wallMilliseconds - min(wallMilliseconds, UInt64(days) * 86_400_000)
  }
}
