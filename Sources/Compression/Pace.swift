/// How hard to compress. Most sessions carry little, and for that little memory does as well. A line that takes frames faster than
/// about 5 MB a second (1 MB compressed, 8 Mbit/s) gains little by fewer bytes, and whoever waits at its end waits for processors.
struct Pace: Sendable {
  static let briefBytes = 1 << 20
  static let sampleBytes = 16 << 20
  static let sampleTime = Duration.seconds(3)

  private(set) var effort = ZstdCompressor.Effort.brief
  private var bytes = 0
  private var since: ContinuousClock.Instant?

  /// Notes what is to go out. Far more than what socket buffers take goes by before a line counts as fast.
  mutating func note(_ count: Int, at now: ContinuousClock.Instant) {
    if effort == .brief, bytes >= Self.briefBytes { effort = .thorough }
    bytes += count
    guard let since else {
      since = now
      return
    }
    if bytes < Self.sampleBytes { return }
    effort = now - since < Self.sampleTime ? .quick : .thorough
    bytes = 0
    self.since = now
  }
}
