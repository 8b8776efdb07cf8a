/// An exact decimal number that keeps the digits as written (`1500.00` stays `1500.00`), for money.
///
/// The text is a JSON number (RFC 8259 §6). Two texts may stand for one number: ``==`` compares the texts,
/// ``compare(_:)`` the numbers.
public struct DecimalNumber: Hashable, Sendable {
  public static let bytesMax = 256
  /// The exponent's absolute value as written.
  public static let exponentMax = 9_999

  public let text: String

  /// nil for a text that is not a JSON number or over a limit.
  public init?(_ text: String) {
    guard text.utf8.count <= Self.bytesMax, Parts(text) != nil else { return nil }
    self.text = text
  }

  public init(_ integer: Int64) {
    text = String(integer)
  }

  /// The shortest decimal that reads back as this double; nil for infinities and NaN.
  public init?(_ double: Double) {
    guard double.isFinite else { return nil }
    self.init(double.description)
  }

  /// Whether the number is below, equal to or above the other: -1, 0, 1.
  public func compare(_ other: DecimalNumber) -> Int {
    guard let a = Parts(text), let b = Parts(other.text) else { return 0 }
    if a.sign != b.sign { return a.sign < b.sign ? -1 : 1 }
    return a.sign * a.compareMagnitude(b)
  }

  /// Hashes the number and not its text: the same for two that ``compare(_:)`` finds equal.
  func hashSize(into hasher: inout Hasher) {
    hasher.combine(Parts(text))
  }
}

/// A number as sign × 0.DIGITS × 10^exponent, without zeros at either end of the digits.
private struct Parts: Hashable {
  /// -1, 0 or 1.
  var sign: Int
  var digits: [UInt8]
  var exponent: Int

  init?(_ text: String) {
    var rest = Array(text.utf8)[...]
    let negative = rest.first == UInt8(ascii: "-")
    if negative { rest = rest.dropFirst() }
    let whole = Self.takeDigits(&rest)
    guard !whole.isEmpty, whole.count == 1 || whole[0] != UInt8(ascii: "0") else { return nil }
    var fraction: [UInt8] = []
    if rest.first == UInt8(ascii: ".") {
      rest = rest.dropFirst()
      fraction = Self.takeDigits(&rest)
      if fraction.isEmpty { return nil }
    }
    var written = 0
    if let e = rest.first, e == UInt8(ascii: "e") || e == UInt8(ascii: "E") {
      rest = rest.dropFirst()
      let minus = rest.first == UInt8(ascii: "-")
      if minus || rest.first == UInt8(ascii: "+") { rest = rest.dropFirst() }
      let power = Self.takeDigits(&rest)
      guard let value = Int(String(decoding: power, as: UTF8.self)),
        value <= DecimalNumber.exponentMax
      else { return nil }
      written = minus ? -value : value
    }
    guard rest.isEmpty else { return nil }

    let all = whole + fraction
    let leading = all.prefix { $0 == UInt8(ascii: "0") }.count
    digits = Array(all.dropFirst(leading))
    while digits.last == UInt8(ascii: "0") { digits.removeLast() }
    exponent = digits.isEmpty ? 0 : whole.count - leading + written
    sign = digits.isEmpty ? 0 : negative ? -1 : 1
  }

  func compareMagnitude(_ other: Parts) -> Int {
    if exponent != other.exponent { return exponent < other.exponent ? -1 : 1 }
    if digits == other.digits { return 0 }
    return digits.lexicographicallyPrecedes(other.digits) ? -1 : 1
  }

  private static func takeDigits(_ rest: inout ArraySlice<UInt8>) -> [UInt8] {
    let digits = rest.prefix { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
    rest = rest.dropFirst(digits.count)
    return Array(digits)
  }
}
