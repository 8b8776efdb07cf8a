/// How many attempts that fail an address has, so that nobody can keep an office busy with guesses. A value: it is handed the
/// time.
struct AttemptLimit {
  /// Within ``windowMilliseconds``.
  static let failuresMax = 10
  static let windowMilliseconds: UInt64 = 600_000
  /// Beyond, the one that failed longest ago is forgotten.
  static let addressesMax = 1_024

  private struct Failures {
    var count: Int
    /// Of the first of them.
    var since: UInt64
  }

  private var failures: [String: Failures] = [:]

  /// Whether the address may try now.
  func admits(_ address: String, at milliseconds: UInt64) -> Bool {
    guard let found = failures[address], !isOver(found, milliseconds) else { return true }
    return found.count < Self.failuresMax
  }

  mutating func noteFailure(of address: String, at milliseconds: UInt64) {
    if let found = failures[address], !isOver(found, milliseconds) {
      failures[address] = Failures(count: found.count + 1, since: found.since)
      return
    }
    if failures.count >= Self.addressesMax,
      let oldest = failures.min(by: { $0.value.since < $1.value.since })
    {
      failures[oldest.key] = nil
    }
    failures[address] = Failures(count: 1, since: milliseconds)
  }

  /// A clock that was set back begins a new window, too.
  private func isOver(_ failures: Failures, _ milliseconds: UInt64) -> Bool {
    !(failures.since...failures.since + Self.windowMilliseconds).contains(milliseconds)
  }
}
