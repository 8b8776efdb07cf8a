import OfficeSyncRecords

/// How a file writes dates: the directives of POSIX `strptime` that are the same everywhere.
///
/// `%Y` year of four digits · `%m` month · `%d` day · `%H` hour · `%I` hour of twelve with `%p` AM or PM · `%M` minute ·
/// `%S` second · `%z` `Z`, `+01:00` or `+0100` · `%%` a percent sign. One or two digits are taken where no other
/// field touches; all other characters stand for themselves. Without `%z` times are UTC.
struct DatePattern: Hashable, Sendable {
  let text: String
  private let tokens: [Token]

  private enum Token: Hashable {
    case literal(UInt8)
    case field(Directive, digits: ClosedRange<Int>)
  }

  private enum Directive: UInt8, CaseIterable {
    case year = 0x59  // Y
    case month = 0x6D  // m
    case day = 0x64  // d
    case hour = 0x48  // H
    case hourOfTwelve = 0x49  // I
    case minute = 0x4D  // M
    case second = 0x53  // S
    case halfOfDay = 0x70  // p
    case offset = 0x7A  // z

    var isNumber: Bool { self != .halfOfDay && self != .offset }
  }

  /// Why a text is no pattern; ends a sentence.
  struct Fault: Error, Hashable, Sendable {
    let reason: String
  }

  /// - Throws: ``Fault``
  init(_ text: String) throws(Fault) {
    self.text = text
    var parts: [(directive: Directive?, byte: UInt8)] = []
    var bytes = text.utf8.makeIterator()
    while let byte = bytes.next() {
      guard byte == UInt8(ascii: "%") else {
        parts.append((nil, byte))
        continue
      }
      guard let letter = bytes.next() else { throw Fault(reason: "it ends with a lone %") }
      if letter == UInt8(ascii: "%") {
        parts.append((nil, letter))
      } else if let directive = Directive(rawValue: letter) {
        if parts.contains(where: { $0.directive == directive }) {
          throw Fault(reason: "%\(Unicode.Scalar(letter)) stands twice")
        }
        parts.append((directive, letter))
      } else {
        throw Fault(
          reason: "it knows %Y %m %d %H %I %p %M %S %z and %%, not %\(Unicode.Scalar(letter))")
      }
    }
    let directives = Set(parts.compactMap(\.directive))
    guard directives.isSuperset(of: [.year, .month, .day]) else {
      throw Fault(reason: "%Y, %m and %d must stand in it")
    }
    guard directives.contains(.hourOfTwelve) == directives.contains(.halfOfDay),
      !directives.isSuperset(of: [.hour, .hourOfTwelve])
    else { throw Fault(reason: "%I and %p go together, and not with %H") }
    tokens = parts.indices.map { index in
      guard let directive = parts[index].directive else { return .literal(parts[index].byte) }
      if directive == .year { return .field(directive, digits: 4...4) }
      // Fields that touch another field's digits have both of their own, or nobody could tell them apart.
      let neighbours = [index - 1, index + 1].filter(parts.indices.contains)
      let touches = neighbours.contains { parts[$0].directive?.isNumber == true }
      return .field(directive, digits: touches ? 2...2 : 1...2)
    }
  }

  /// What a text says, if it is written as the pattern says and that moment exists.
  struct Moment: Hashable, Sendable {
    let date: CivilDate
    /// As written, before the offset counts.
    let secondOfDay: Int
    let offsetSeconds: Int

    /// nil outside the years 1–9999.
    var timestamp: Timestamp? {
      Timestamp(milliseconds: (date.days * 86_400 + Int64(secondOfDay - offsetSeconds)) * 1_000)
    }
  }

  func moment(in text: String) -> Moment? {
    var rest = Array(text.utf8)[...]
    var numbers: [Directive: Int] = [:]
    for token in tokens {
      switch token {
      case .literal(let byte):
        guard rest.popFirst() == byte else { return nil }
      case .field(.halfOfDay, _):
        guard let half = Self.takeHalfOfDay(&rest) else { return nil }
        numbers[.halfOfDay] = half
      case .field(.offset, _):
        guard let offset = Self.takeOffset(&rest) else { return nil }
        numbers[.offset] = offset
      case .field(let directive, let digits):
        guard let number = Self.takeNumber(&rest, digits) else { return nil }
        numbers[directive] = number
      }
    }
    guard rest.isEmpty, let hour = hour(numbers),
      let date = CivilDate(
        year: numbers[.year] ?? 0, month: numbers[.month] ?? 0, day: numbers[.day] ?? 0)
    else { return nil }
    let (minute, second) = (numbers[.minute] ?? 0, numbers[.second] ?? 0)
    guard hour < 24, minute < 60, second < 60 else { return nil }
    return Moment(
      date: date, secondOfDay: hour * 3_600 + minute * 60 + second,
      offsetSeconds: numbers[.offset] ?? 0)
  }

  private func hour(_ numbers: [Directive: Int]) -> Int? {
    guard let hour = numbers[.hourOfTwelve], let half = numbers[.halfOfDay] else {
      return numbers[.hour] ?? 0
    }
    return (1...12).contains(hour) ? hour % 12 + half * 12 : nil
  }

  private static func takeNumber(
    _ rest: inout ArraySlice<UInt8>, _ digits: ClosedRange<Int>
  ) -> Int? {
    let taken = rest.prefix(digits.upperBound).prefix { $0 &- UInt8(ascii: "0") < 10 }
    guard taken.count >= digits.lowerBound else { return nil }
    rest = rest.dropFirst(taken.count)
    return taken.reduce(0) { $0 * 10 + Int($1 - UInt8(ascii: "0")) }
  }

  /// 0 for AM, 1 for PM.
  private static func takeHalfOfDay(_ rest: inout ArraySlice<UInt8>) -> Int? {
    let letters = rest.prefix(2).map { $0 | 0x20 }
    rest = rest.dropFirst(2)
    return letters == Array("am".utf8) ? 0 : letters == Array("pm".utf8) ? 1 : nil
  }

  private static func takeOffset(_ rest: inout ArraySlice<UInt8>) -> Int? {
    guard let sign = rest.popFirst() else { return nil }
    if sign == UInt8(ascii: "Z") { return 0 }
    guard sign == UInt8(ascii: "+") || sign == UInt8(ascii: "-"),
      let hours = takeNumber(&rest, 2...2), hours < 24
    else { return nil }
    if rest.first == UInt8(ascii: ":") { rest = rest.dropFirst() }
    guard let minutes = takeNumber(&rest, 2...2), minutes < 60 else { return nil }
    let seconds = hours * 3_600 + minutes * 60
    return sign == UInt8(ascii: "-") ? -seconds : seconds
  }
}
