import OfficeSyncRecords

/// One record of an import file, ready to be written: one write.
struct ImportDraft: Hashable, Sendable {
  let line: Int
  let id: RecordID
  /// Each path once. On a path of the policy `set`, a list states the whole set.
  let changes: [ImportChange]
}

/// What an import puts at one path.
struct ImportChange: Hashable, Sendable {
  let path: FieldPath
  let content: Sibling.Content
}

/// What a schema says of a path, as far as reading cells needs it.
struct CellTarget: Hashable, Sendable {
  /// nil where the schema leaves the type open.
  var type: CellType?
  /// The cell's value is one of several at the path: a set.
  var isSet = false
}

/// What an import does with empty cells.
enum EmptyCells: Hashable, Sendable { case leaveOut, unset }

/// An import map held against the header of a file: what is to be done with each of its columns.
struct ImportPlan: Sendable {
  private let idColumn: Int
  private let idName: String
  private let targets: [Target]
  private let constants: [ImportChange]
  private let empty: EmptyCells

  /// A path and the columns that fill it: one, or several that make one list.
  private struct Target {
    let path: FieldPath
    var columns: [Column]
    let isList: Bool
    let isSet: Bool
  }

  fileprivate struct Column {
    let index: Int
    let name: String
    let reader: CellReader
    let separator: String?
    let values: [String: String]
  }

  /// - Parameters:
  ///   - map: nil: every column goes to the path of its own name.
  ///   - idColumn: what `--id` says; else the map, else `id`.
  ///   - schema: what the collection's schema says of a path.
  ///   - report: takes each problem; the plan is nil if there was one. They are on line 1.
  init?(
    map: ImportMap?, header: [String], idColumn: String? = nil, empty: EmptyCells = .leaveOut,
    schema: (FieldPath) -> CellTarget, report: (ImportProblem) -> Void
  ) {
    let idName = idColumn ?? map?.id ?? "id"
    var isWell = true
    func fail(_ field: String?, _ reason: ImportProblem.Reason) {
      isWell = false
      report(ImportProblem(line: 1, field: field, reason: reason))
    }
    let idIndex = header.firstIndex(of: idName)
    if idIndex == nil { fail(nil, .noIDColumn(idName)) }

    var targets: [Target] = []
    for (index, name) in header.enumerated() where index != idIndex || map?.columns[name] != nil {
      if map?.ignored.contains(name) == true { continue }
      let column: ImportMap.Column
      switch Self.column(name, in: map) {
      case .success(let found): column = found
      case .failure(let fault):
        fail(name, fault.reason)
        continue
      }
      let target = schema(column.path)
      let isList = column.isList || target.isSet
      let new = Column(
        index: index, name: name,
        reader: CellReader(
          type: column.type ?? target.type ?? .text, dates: column.dates, numbers: column.numbers),
        separator: column.separator, values: column.values)
      if let place = targets.firstIndex(where: { $0.path == column.path }), isList,
        targets[place].isList
      {
        targets[place].columns.append(new)
      } else if let other = targets.first(where: { Self.collide($0.path, column.path) }) {
        fail(name, .pathTaken(by: other.columns[0].name))
      } else {
        targets.append(
          Target(path: column.path, columns: [new], isList: isList, isSet: target.isSet))
      }
    }

    var constants: [ImportChange] = []
    for constant in map?.constants ?? [] {
      let field = constant.path.description
      if let other = targets.first(where: { Self.collide($0.path, constant.path) }) {
        fail(field, .pathTaken(by: other.columns[0].name))
      } else if let other = constants.first(where: { Self.collide($0.path, constant.path) }) {
        fail(field, .pathTaken(by: other.path.description))
      }
      do {
        let value = try Self.value(of: constant.value, schema(constant.path))
        constants.append(ImportChange(path: constant.path, content: .value(value)))
      } catch {
        fail(field, error.reason)
      }
    }

    guard isWell, let idIndex else { return nil }
    self.idColumn = idIndex
    self.idName = idName
    self.targets = targets
    self.constants = constants
    self.empty = empty
  }

  /// Turns a row into a record. Every problem of the row is reported; nil if there was one.
  func draft(of row: CSVRow, report: (ImportProblem) -> Void) -> ImportDraft? {
    var isWell = true
    func fail(_ field: String, _ reason: ImportProblem.Reason) {
      isWell = false
      report(ImportProblem(line: row.line, field: field, reason: reason))
    }
    var id: RecordID?
    if row.cells[idColumn].isEmpty {
      fail(idName, .noID)
    } else {
      do {
        id = try RecordID(row.cells[idColumn])
      } catch {
        fail(idName, .badID(error))
      }
    }
    var changes: [ImportChange] = []
    changes.reserveCapacity(targets.count + constants.count)
    for target in targets {
      var values: [Value] = []
      for column in target.columns {
        do {
          try column.read(row.cells[column.index], into: &values)
        } catch {
          fail(column.name, error.reason)
        }
      }
      if let content = content(of: target, values) {
        changes.append(ImportChange(path: target.path, content: content))
      }
    }
    guard isWell, let id else { return nil }
    return ImportDraft(line: row.line, id: id, changes: changes + constants)
  }

  private func content(of target: Target, _ values: [Value]) -> Sibling.Content? {
    guard let first = values.first else { return empty == .unset ? .absent : nil }
    if !target.isList { return .value(first) }
    if !target.isSet { return .value(.list(values)) }
    var seen: Set<Value> = []
    return .value(.list(values.filter { seen.insert($0).inserted }))
  }

  private static func column(
    _ name: String, in map: ImportMap?
  ) -> Result<ImportMap.Column, CellFault> {
    if let map {
      return map.columns[name].map { .success($0) } ?? .failure(CellFault(.unmappedColumn))
    }
    do {
      let path = try FieldPath(name)
      if path == .deleted { return .failure(CellFault(.badPath(.reserved))) }
      return .success(
        ImportMap.Column(
          path: path, type: nil, dates: [], numbers: .json, separator: nil, isList: false,
          values: [:]))
    } catch {
      return .failure(CellFault(.badPath(error)))
    }
  }

  /// Whether both paths in one record would hide one of them.
  private static func collide(_ a: FieldPath, _ b: FieldPath) -> Bool {
    a.isAtOrBelow(b) || b.isBelow(a)
  }

  private static func value(
    of constant: JSONValue, _ target: CellTarget
  ) throws(CellFault) -> Value {
    let value: Value
    switch constant {
    case .string(let text):
      value = try CellReader(type: target.type ?? .text).value(of: text)
    case .number(let digits):
      let type = target.type ?? (Int64(digits) == nil ? .decimal : .integer)
      value = try CellReader(type: type).value(of: digits)
    case .boolean(let flag):
      value = try CellReader(type: target.type ?? .boolean).value(of: flag ? "true" : "false")
    case .null, .array, .object:
      // ImportMap takes none of these.
      throw CellFault(.notOfType("a text, a number, true or false"))
    }
    return target.isSet ? .list([value]) : value
  }
}

extension ImportPlan.Column {
  /// Appends the cell's values: none if it is empty, one, or the elements between its separators.
  fileprivate func read(_ cell: String, into list: inout [Value]) throws(CellFault) {
    let cell = values[cell] ?? cell
    guard let separator else {
      if !cell.isEmpty { list.append(try reader.value(of: cell)) }
      return
    }
    for element in cell.split(separator: separator) {
      let text = element.trimmingSpaces
      let known = values[text] ?? text
      if !known.isEmpty { list.append(try reader.value(of: known)) }
    }
  }
}

extension Substring {
  /// People write `a; b` for `a;b`.
  fileprivate var trimmingSpaces: String {
    let start = drop { $0.isWhitespace }
    guard let end = start.lastIndex(where: { !$0.isWhitespace }) else { return "" }
    return String(start[...end])
  }
}
