/// How long to wait before something that failed is tried again: somewhere between nothing and a bound that doubles, so that
/// many who lost the same office do not come back at once ("Exponential Backoff And Jitter", AWS Architecture Blog, 2015).
public struct Backoff: Sendable {
  private let first: Duration
  private let max: Duration
  private var failures = 0

  /// - Parameters:
  ///   - first: the bound after an attempt that got on.
  ///   - max: the highest bound.
  public init(first: Duration, max: Duration) {
    self.first = first
    self.max = max
  }

  /// The pause after one more attempt.
  /// - Parameter gotOn: whether it did something before it failed.
  public mutating func pause(
    gotOn: Bool, using generator: inout some RandomNumberGenerator
  ) -> Duration {
    failures = gotOn ? 0 : failures + 1
    let bound = min(first * (1 << min(failures, 16)), max)
    return .milliseconds(Int64.random(in: 0...Int64(bound / .milliseconds(1)), using: &generator))
  }
}
