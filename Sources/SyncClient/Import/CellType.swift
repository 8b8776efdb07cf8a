import OfficeSyncRecords

/// What a cell's text is read as.
enum CellType: String, Hashable, Sendable, CaseIterable {
  case text, boolean, integer, decimal, double, date, timestamp
}

/// How the cells of one column become values.
struct CellReader: Hashable, Sendable {
  var type: CellType
  /// Tried in this order; none means the ISO form.
  var dates: [DatePattern] = []
  var numbers = NumberFormat.json

  /// - Throws: `ImportProblem.Reason`
  func value(of text: String) throws(CellFault) -> Value {
    switch type {
    case .text:
      guard text.utf8.count <= WriteLimits.textBytesMax else {
        throw CellFault(.textTooLong(bytesMax: WriteLimits.textBytesMax))
      }
      return .text(text)
    case .boolean:
      guard text == "true" || text == "false" else { throw notOfType }
      return .boolean(text == "true")
    case .integer:
      guard let number = try number(text), let integer = Int64(number) else { throw notOfType }
      return .integer(integer)
    case .decimal:
      guard let number = try number(text), let decimal = DecimalNumber(number) else {
        throw notOfType
      }
      return .decimal(decimal)
    case .double:
      guard let number = try number(text), let double = Double(number).flatMap(FiniteDouble.init)
      else { throw notOfType }
      return .double(double)
    case .date: return .date(try date(text))
    case .timestamp:
      guard let timestamp = dates.isEmpty ? Timestamp(text) : moment(text)?.timestamp else {
        throw notOfType
      }
      return .timestamp(timestamp)
    }
  }

  private func number(_ text: String) throws(CellFault) -> String? {
    guard let number = numbers.jsonNumber(text), DecimalNumber(number) != nil else {
      throw notOfType
    }
    return number
  }

  private func date(_ text: String) throws(CellFault) -> CivilDate {
    if dates.isEmpty {
      guard let date = CivilDate(text) else { throw notOfType }
      return date
    }
    guard let moment = moment(text) else { throw notOfType }
    // Dropping it would lose what somebody wrote down.
    guard moment.secondOfDay == 0 else { throw CellFault(.dateHasTime) }
    return moment.date
  }

  private func moment(_ text: String) -> DatePattern.Moment? {
    for pattern in dates {
      if let moment = pattern.moment(in: text) { return moment }
    }
    return nil
  }

  private var notOfType: CellFault {
    let forms = dates.map(\.text).joined(separator: " or ")
    let name =
      switch type {
      case .text: "a text"
      case .boolean: "true or false"
      case .integer: "a whole number within 64 bits"
      case .decimal, .double: "a number"
      case .date: "a date, \(forms.isEmpty ? "YYYY-MM-DD" : forms)"
      case .timestamp: "a time, \(forms.isEmpty ? "YYYY-MM-DDThh:mm:ssZ" : forms)"
      }
    return CellFault(.notOfType(name))
  }
}

/// Why a cell is no value of its type.
struct CellFault: Error, Hashable, Sendable {
  let reason: ImportProblem.Reason

  init(_ reason: ImportProblem.Reason) { self.reason = reason }
}
