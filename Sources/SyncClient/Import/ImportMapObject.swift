import OfficeSyncRecords

/// An object of a map file, whose members are known by name and type.
struct MapObject {
  private let place: String
  private let members: [JSONMember]

  /// - Throws: ``ImportMapError`` if it is no object or has members other than these.
  init(_ json: JSONValue, at place: String, members names: [String]) throws(ImportMapError) {
    guard case .object(let members) = json else {
      throw ImportMapError(place: place, reason: "it must be an object")
    }
    self.place = place
    self.members = members
    for member in members where !names.contains(member.name) {
      let known = names.map { "\"\($0)\"" }.joined(separator: ", ")
      throw ImportMapError(
        place: self.place(of: member.name), reason: "it is unknown here; known are \(known)")
    }
  }

  func text(_ name: String) throws(ImportMapError) -> String? {
    switch value(name) {
    case nil: return nil
    case .string(let text): return text
    case .null, .boolean, .number, .array, .object: throw fault(name, "it must be a text")
    }
  }

  func boolean(_ name: String) throws(ImportMapError) -> Bool? {
    switch value(name) {
    case nil: return nil
    case .boolean(let value): return value
    case .null, .string, .number, .array, .object: throw fault(name, "it must be true or false")
    }
  }

  func texts(_ name: String) throws(ImportMapError) -> [String]? {
    guard let value = value(name) else { return nil }
    guard case .array(let elements) = value else { throw fault(name, "it must be a list of texts") }
    var texts: [String] = []
    for element in elements {
      guard case .string(let text) = element else {
        throw fault(name, "it must be a list of texts")
      }
      texts.append(text)
    }
    return texts
  }

  /// The members of the object under a name; none if it is not there.
  func object(_ name: String) throws(ImportMapError) -> [JSONMember] {
    switch value(name) {
    case nil: return []
    case .object(let members): return members
    case .null, .boolean, .string, .number, .array: throw fault(name, "it must be an object")
    }
  }

  func dates() throws(ImportMapError) -> [DatePattern]? {
    guard let texts = try texts("dates") else { return nil }
    var patterns: [DatePattern] = []
    for text in texts {
      do {
        patterns.append(try DatePattern(text))
      } catch {
        throw fault("dates", "\"\(text)\" is no date pattern: \(error.reason)")
      }
    }
    return patterns
  }

  func numberFormat(else standard: NumberFormat) throws(ImportMapError) -> NumberFormat {
    let decimal = try text("decimal")
    let grouping = try text("grouping").map { Set($0) }
    if let decimal, decimal != ".", decimal != "," { throw fault("decimal", "it must be . or ,") }
    let format = NumberFormat(
      decimal: decimal?.first ?? standard.decimal, grouping: grouping ?? standard.grouping)
    if format.grouping.contains(where: { $0 == "-" || $0.isNumber }) {
      throw fault("grouping", "digits and the minus sign cannot stand between groups")
    }
    if format.grouping.contains(format.decimal) {
      throw fault("grouping", "it holds the decimal sign")
    }
    return format
  }

  static func path(_ text: String, at place: String) throws(ImportMapError) -> FieldPath {
    do throws(NameError) {
      let path = try FieldPath(text)
      if path.isReserved { throw .reserved }
      return path
    } catch {
      throw ImportMapError(
        place: place, reason: "\"\(text)\" is no path: \(error.description)")
    }
  }

  private func value(_ name: String) -> JSONValue? {
    members.first { $0.name == name }?.value
  }

  private func place(of name: String) -> String { place.isEmpty ? name : "\(place)/\(name)" }

  private func fault(_ name: String, _ reason: String) -> ImportMapError {
    ImportMapError(place: place(of: name), reason: reason)
  }
}
