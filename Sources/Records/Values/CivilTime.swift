/// A day of the proleptic Gregorian calendar, from 0001-01-01 to 9999-12-31 (ISO 8601).
public struct CivilDate: Hashable, Comparable, Sendable {
  public static let daysMin: Int64 = -719_162
  public static let daysMax: Int64 = 2_932_896

  /// Days since 1970-01-01.
  public let days: Int64

  /// nil for a day outside the years 1–9999.
  public init?(days: Int64) {
    guard (Self.daysMin...Self.daysMax).contains(days) else { return nil }
    self.days = days
  }

  /// nil for a day that does not exist.
  public init?(year: Int, month: Int, day: Int) {
    guard (1...9999).contains(year), (1...12).contains(month), day >= 1,
      day <= Self.length(ofMonth: month, year: year)
    else { return nil }
    // Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms": years begin in March, so that the leap day is last.
    let shifted = month > 2 ? year : year - 1
    let era = shifted / 400
    let yearOfEra = shifted - era * 400
    let dayOfYear = (153 * ((month + 9) % 12) + 2) / 5 + day - 1
    let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
    days = Int64(era * 146_097 + dayOfEra - 719_468)
  }

  /// Reads `YYYY-MM-DD`; nil for anything else.
  public init?(_ text: String) {
    let parts = text.utf8.split(separator: UInt8(ascii: "-"), omittingEmptySubsequences: false)
    guard parts.count == 3, parts.map(\.count) == [4, 2, 2],
      let year = Int(digits: parts[0]), let month = Int(digits: parts[1]),
      let day = Int(digits: parts[2])
    else { return nil }
    self.init(year: year, month: month, day: day)
  }

  public static func < (a: CivilDate, b: CivilDate) -> Bool { a.days < b.days }

  private static func length(ofMonth month: Int, year: Int) -> Int {
    switch month {
    case 2:
      year.isMultiple(of: 4) && (!year.isMultiple(of: 100) || year.isMultiple(of: 400)) ? 29 : 28
    case 4, 6, 9, 11: 30
    default: 31
    }
  }
}

extension CivilDate: CustomStringConvertible {
  public var description: String {
    let shifted = Int(days) + 719_468
    let era = shifted / 146_097
    let dayOfEra = shifted - era * 146_097
    let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let monthFromMarch = (5 * dayOfYear + 2) / 153
    let day = dayOfYear - (153 * monthFromMarch + 2) / 5 + 1
    let month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
    let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
    return "\(padded(year, 4))-\(padded(month, 2))-\(padded(day, 2))"
  }
}

/// A moment in UTC to the millisecond, within the years 1–9999 (RFC 3339).
public struct Timestamp: Hashable, Comparable, Sendable {
  public static let millisecondsMin = CivilDate.daysMin * 86_400_000
  public static let millisecondsMax = (CivilDate.daysMax + 1) * 86_400_000 - 1

  /// Milliseconds since 1970-01-01T00:00:00Z.
  public let milliseconds: Int64

  /// nil for a moment outside the years 1–9999.
  public init?(milliseconds: Int64) {
    guard (Self.millisecondsMin...Self.millisecondsMax).contains(milliseconds) else { return nil }
    self.milliseconds = milliseconds
  }

  /// The wall time of a hybrid clock's reading, held to the range of this type.
  public init(_ time: HybridTime) {
    milliseconds = min(Int64(time.milliseconds), Self.millisecondsMax)
  }

  /// Reads `YYYY-MM-DDTHH:MM:SS[.mmm]Z`; nil for anything else, a 61st second among it.
  public init?(_ text: String) {
    let bytes = Array(text.utf8)
    guard bytes.count == 20 || bytes.count == 24, bytes.last == UInt8(ascii: "Z"),
      bytes[10] == UInt8(ascii: "T"), bytes[13] == UInt8(ascii: ":"),
      bytes[16] == UInt8(ascii: ":"),
      let date = CivilDate(String(decoding: bytes[..<10], as: UTF8.self)),
      let hour = Int(digits: bytes[11..<13]), hour < 24,
      let minute = Int(digits: bytes[14..<16]), minute < 60,
      let second = Int(digits: bytes[17..<19]), second < 60
    else { return nil }
    var fraction = 0
    if bytes.count == 24 {
      guard bytes[19] == UInt8(ascii: "."), let value = Int(digits: bytes[20..<23]) else {
        return nil
      }
      fraction = value
    }
    let seconds = date.days * 86_400 + Int64(hour * 3_600 + minute * 60 + second)
    milliseconds = seconds * 1_000 + Int64(fraction)
  }

  public static func < (a: Timestamp, b: Timestamp) -> Bool { a.milliseconds < b.milliseconds }
}

extension Timestamp: CustomStringConvertible {
  public var description: String {
    let (days, rest) = floorDivide(milliseconds, by: 86_400_000)
    let date = CivilDate(days: days)?.description ?? ""
    let (seconds, fraction) = (Int(rest) / 1_000, Int(rest) % 1_000)
    let time = [seconds / 3_600, seconds / 60 % 60, seconds % 60].map { padded($0, 2) }
    return "\(date)T\(time.joined(separator: ":")).\(padded(fraction, 3))Z"
  }
}

extension Int {
  /// Reads ASCII digits alone: no sign, no spaces.
  fileprivate init?(digits: some Collection<UInt8>) {
    guard digits.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }) else {
      return nil
    }
    self.init(String(decoding: digits, as: UTF8.self))
  }
}

private func padded(_ number: Int, _ width: Int) -> String {
  let text = String(number)
  return String(repeating: "0", count: max(0, width - text.count)) + text
}

private func floorDivide(_ number: Int64, by divisor: Int64) -> (quotient: Int64, remainder: Int64)
{
  let (quotient, remainder) = number.quotientAndRemainder(dividingBy: divisor)
  return remainder < 0 ? (quotient - 1, remainder + divisor) : (quotient, remainder)
}
