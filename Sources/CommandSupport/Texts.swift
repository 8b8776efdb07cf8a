/// The words of this module that people read.
///
/// Texts for people stand in one place a module, its `Texts.swift`: an `enum Texts` of static
/// functions, one a sentence, with the values as arguments; what fails has its sentences in
/// `CommandError` factories beside it. A function gives a whole sentence and never a piece to be
/// glued, since French and Arabic order words in their own ways. A language joins by a switch
/// inside these functions; no caller changes. Names and values from outside go in raw: whoever
/// prints escapes (``Prose`` does it for each value).
enum Texts {
  /// A failure in one line.
  static func error(_ error: CommandError) -> Prose {
    error.remedy.isEmpty
      ? "error: \(error.message)" : "error: \(error.message) \(error.remedy)"
  }

  static func usageError(_ message: String) -> Prose { "error: \(message)" }

  static let noCommand = "No command is named."

  static func perSecond(_ amount: String) -> String { "\(amount)/s" }

  static func timeLeft(_ time: String) -> String { "\(time) left" }

  /// A length of time as `0:07`, `12:30` or `3:05:00`.
  static func clock(seconds: Int) -> String {
    func two(_ number: Int) -> String { (number < 10 ? "0" : "") + String(number) }
    let minutes = seconds / 60
    return minutes < 60
      ? "\(minutes):\(two(seconds % 60))"
      : "\(minutes / 60):\(two(minutes % 60)):\(two(seconds % 60))"
  }

  /// A count with its thousands set apart: `27,132`.
  static func number(_ value: Int) -> String {
    let digits = String(value.magnitude)
    var result = value < 0 ? "-" : ""
    for (index, digit) in digits.enumerated() {
      if index > 0, (digits.count - index) % 3 == 0 { result.append(",") }
      result.append(digit)
    }
    return result
  }

  /// A number of bytes with one decimal in binary units: `812 B`, `1.5 KiB`.
  static func bytes(_ count: Int) -> String {
    var tenths = count.magnitude
    guard tenths >= 1024 else { return "\(count) B" }
    tenths = tenths.multipliedReportingOverflow(by: 10).overflow ? UInt.max : tenths * 10
    var unit = ""
    for name in ["KiB", "MiB", "GiB", "TiB"] {
      tenths /= 1024
      unit = name
      if tenths < 10_240 { break }
    }
    return "\(tenths / 10).\(tenths % 10) \(unit)"
  }
}
