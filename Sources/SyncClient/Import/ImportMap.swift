import OfficeSyncRecords

/// What `import --map FILE` says of a CSV file's columns: where they go, and how their cells are written.
///
///     {"id": "project_id",
///      "dates": ["%d/%m/%Y", "%Y-%m-%d"],
///      "columns": {
///        "name":     "title/fr",
///        "signed":   {"path": "signedOn", "type": "date"},
///        "cost":     {"path": "budget/amount", "type": "decimal", "decimal": ",", "grouping": " ."},
///        "partners": {"path": "partners", "split": ";"},
///        "open":     {"path": "isOpen", "type": "boolean", "values": {"oui": "true", "non": "false", "?": ""}}},
///      "ignore": ["url"],
///      "constants": {"budget/currency": "MAD"}}
///
/// One map may serve several files: columns that a file lacks are passed over. A column of the file that the map does
/// not name is a problem, so that a misspelt name is found.
struct ImportMap: Hashable, Sendable {
  /// The column of the records' IDs.
  var id: String?
  var columns: [String: Column]
  var ignored: Set<String>
  var constants: [Constant]

  struct Column: Hashable, Sendable {
    var path: FieldPath
    /// nil: what the schema says, else text.
    var type: FieldType?
    var dates: [DatePattern]
    var numbers: NumberFormat
    /// The cell is a list, its elements between these; nil: the cell is one value.
    var separator: String?
    /// The cell is (part of) a list. Columns of one path make one list, in the order of the file's columns.
    var isList: Bool
    /// Texts to be taken as other texts, before anything else; the empty text means an empty cell.
    var values: [String: String]
  }

  struct Constant: Hashable, Sendable {
    var path: FieldPath
    var value: JSONValue
  }
}

/// What is wrong with an import map, and at which of its members.
struct ImportMapError: Error, Hashable, Sendable, CustomStringConvertible {
  /// Member names from the top, joined by `/`; empty for the whole file.
  let place: String
  let reason: String

  var description: String { place.isEmpty ? reason : "\(place): \(reason)" }
}

extension ImportMap {
  /// Reads the map from the bytes of its file.
  /// - Throws: ``ImportMapError``
  init(json bytes: [UInt8]) throws(ImportMapError) {
    let document: JSONValue
    do {
      document = try JSONValue(parsing: bytes)
    } catch {
      throw ImportMapError(place: "", reason: "the map is not JSON: \(error)")
    }
    let top = try MapObject(
      document, at: "",
      members: ["id", "columns", "ignore", "constants", "dates", "decimal", "grouping"])
    id = try top.text("id")
    ignored = Set(try top.texts("ignore") ?? [])
    let defaults = Defaults(
      dates: try top.dates() ?? [], numbers: try top.numberFormat(else: .json))
    columns = [:]
    for member in try top.object("columns") {
      if ignored.contains(member.name) {
        throw ImportMapError(
          place: "columns/\(member.name)", reason: "the column is also under \"ignore\"")
      }
      columns[member.name] = try Column(member.value, at: "columns/\(member.name)", defaults)
    }
    constants = []
    for member in try top.object("constants") {
      let place = "constants/\(member.name)"
      switch member.value {
      case .string, .number, .boolean: break
      case .null, .array, .object:
        throw ImportMapError(place: place, reason: "it must be a text, a number, true or false")
      }
      let path = try MapObject.path(member.name, at: place)
      constants.append(Constant(path: path, value: member.value))
    }
  }

  /// What holds for every column that says nothing else.
  fileprivate struct Defaults {
    let dates: [DatePattern]
    let numbers: NumberFormat
  }
}

extension ImportMap.Column {
  fileprivate init(
    _ json: JSONValue, at place: String, _ defaults: ImportMap.Defaults
  ) throws(ImportMapError) {
    if case .string(let text) = json {
      self.init(
        path: try MapObject.path(text, at: place), type: nil, dates: defaults.dates,
        numbers: defaults.numbers, separator: nil, isList: false, values: [:])
      return
    }
    let object = try MapObject(
      json, at: place,
      members: ["path", "type", "dates", "decimal", "grouping", "split", "list", "values"])
    guard let path = try object.text("path") else {
      throw ImportMapError(place: place, reason: "it needs a \"path\"")
    }
    var type: FieldType?
    if let name = try object.text("type") {
      type = FieldType(rawValue: name)
      if type == nil {
        let names = FieldType.allCases.map(\.rawValue).joined(separator: ", ")
        throw ImportMapError(place: "\(place)/type", reason: "it must be one of \(names)")
      }
    }
    let separator = try object.text("split")
    if separator?.isEmpty == true {
      throw ImportMapError(place: "\(place)/split", reason: "it is empty")
    }
    var values: [String: String] = [:]
    for member in try object.object("values") {
      guard case .string(let text) = member.value else {
        throw ImportMapError(place: "\(place)/values/\(member.name)", reason: "it must be a text")
      }
      values[member.name] = text
    }
    self.init(
      path: try MapObject.path(path, at: "\(place)/path"), type: type,
      dates: try object.dates() ?? defaults.dates,
      numbers: try object.numberFormat(else: defaults.numbers), separator: separator,
      isList: try object.boolean("list") ?? (separator != nil), values: values)
  }
}
