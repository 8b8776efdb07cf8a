/// Counts the frames of a peer that bring nothing: signs of life, and what only a later version knows.
struct Chatter {
  /// So many at any time, and one a second beside them.
  static let framesMax = 1_000

  var frames = 0
  private let began: ContinuousClock.Instant

  init(began: ContinuousClock.Instant) {
    self.began = began
  }

  func isTooMuch(at now: ContinuousClock.Instant) -> Bool {
    frames > Self.framesMax && frames - Self.framesMax > (now - began).components.seconds
  }
}
