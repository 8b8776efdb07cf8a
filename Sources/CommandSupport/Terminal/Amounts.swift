/// Numbers as people read them. Machine output has plain digits.
public enum Amounts {
  /// A length of time as `0:07`, `12:30` or `3:05:00`.
  public static func clock(seconds: Int) -> String {
    func two(_ number: Int) -> String { (number < 10 ? "0" : "") + String(number) }
    let minutes = seconds / 60
    return minutes < 60
      ? "\(minutes):\(two(seconds % 60))"
      : "\(minutes / 60):\(two(minutes % 60)):\(two(seconds % 60))"
  }

  /// A count with its thousands set apart: `27,132`.
  public static func count(_ value: Int) -> String {
    let digits = String(value.magnitude)
    var result = value < 0 ? "-" : ""
    for (index, digit) in digits.enumerated() {
      if index > 0, (digits.count - index) % 3 == 0 { result.append(",") }
      result.append(digit)
    }
    return result
  }

  /// A number of bytes with one decimal in binary units: `812 B`, `1.5 KiB`.
  public static func bytes(_ count: Int) -> String {
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
