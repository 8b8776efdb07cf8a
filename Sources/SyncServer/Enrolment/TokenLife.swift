import ArgumentParser

/// How long a token is good, as people write it: `30m`, `24h`, `7d`.
struct TokenLife: ExpressibleByArgument, Hashable {
  static let standard = TokenLife(milliseconds: 24 * 3_600_000)
  private static let daysMax: UInt64 = 30
  private static let units: [Character: UInt64] = [
    "m": 60_000, "h": 3_600_000, "d": 86_400_000,
  ]

  let milliseconds: UInt64

  private init(milliseconds: UInt64) {
    self.milliseconds = milliseconds
  }

  /// nil for anything but a whole number with its unit, from a minute to 30 days.
  init?(argument text: String) {
    guard let unit = text.last.flatMap({ Self.units[$0] }), let number = UInt64(text.dropLast()),
      number > 0
    else { return nil }
    let (milliseconds, isOver) = number.multipliedReportingOverflow(by: unit)
    guard !isOver, milliseconds <= Self.daysMax * 86_400_000 else { return nil }
    self.init(milliseconds: milliseconds)
  }

  var defaultValueDescription: String { "24h" }
}
