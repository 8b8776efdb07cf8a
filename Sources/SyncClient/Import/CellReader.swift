import OfficeSyncRecords

/// How the cells of one column become values.
struct CellReader: Hashable, Sendable {
  var type: FieldType
  /// Tried in this order; none means the ISO form.
  var dates: [DatePattern] = []
  var numbers = NumberFormat.json

  /// - Throws: ``CellFault``
  func value(of text: String) throws(CellFault) -> Value {
    switch type {
    case .text, .any: return .text(text)
    case .boolean:
      guard text == "true" || text == "false" else { throw notOfType }
      return .boolean(text == "true")
    case .integer, .decimal, .double:
      // DecimalNumber knows JSON's grammar: Int64 alone would take +1 and 01.
      guard let number = numbers.jsonNumber(text), DecimalNumber(number) != nil,
        let value = try? Value(json: .number(number), type: type)
      else { throw notOfType }
      return value
    case .date: return .date(try date(text))
    case .timestamp:
      guard let timestamp = dates.isEmpty ? Timestamp(text) : moment(text)?.timestamp else {
        throw notOfType
      }
      return .timestamp(timestamp)
    case .bytes:
      guard let value = try? Value(json: .string(text), type: .bytes) else { throw notOfType }
      return value
    case .list:
      guard let json = try? JSONValue(parsing: text),
        let value = try? Value(json: json, type: .list)
      else { throw notOfType }
      return value
    }
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
      case .text, .any: "a text"
      case .boolean: "true or false"
      case .integer: "a whole number within 64 bits"
      case .decimal, .double: "a number"
      case .date: "a date, \(forms.isEmpty ? "YYYY-MM-DD" : forms)"
      case .timestamp: "a time, \(forms.isEmpty ? "YYYY-MM-DDThh:mm:ssZ" : forms)"
      case .bytes: "base64"
      case .list: "a JSON list (or name with \"split\" what stands between elements)"
      }
    return CellFault(.notOfType(name))
  }
}

/// Why a cell is no value of its type.
struct CellFault: Error, Hashable, Sendable {
  let reason: ImportProblem.Reason

  init(_ reason: ImportProblem.Reason) { self.reason = reason }
}
