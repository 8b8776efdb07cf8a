import OfficeSyncRecords

/// What an import does with empty cells.
enum EmptyCells: Hashable, Sendable { case leaveOut, unset }

/// An import map held against the header of a file: what is to be done with each of its columns.
struct ImportPlan: Sendable {
  private let idColumn: Int
  private let idName: String
  private let targets: [Target]
  private let constants: [Edit]
  private let empty: EmptyCells

  /// A path and the columns that fill it: one, or several that make one list.
  private struct Target {
    let path: FieldPath
    var columns: [Column]
    let isList: Bool
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
  ///   - schema: gives the types that the map leaves open, and says which paths are sets or journals.
  ///   - report: takes each problem; the plan is nil if there was one. They are on line 1.
  init?(
    map: ImportMap?, header: [String], idColumn: String? = nil, empty: EmptyCells = .leaveOut,
    schema: Schema, report: (ImportProblem) -> Void
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
      let isList = column.isList || schema.structure(at: column.path) != nil
      let new = Column(
        index: index, name: name,
        reader: CellReader(
          type: column.type ?? Self.cellType(at: column.path, isList: isList, in: schema),
          dates: column.dates, numbers: column.numbers),
        separator: column.separator, values: column.values)
      if let place = targets.firstIndex(where: { $0.path == column.path }), isList,
        targets[place].isList
      {
        targets[place].columns.append(new)
      } else if let other = targets.first(where: { Self.collide($0.path, column.path) }) {
        fail(name, .pathTaken(by: other.columns[0].name))
      } else {
        targets.append(Target(path: column.path, columns: [new], isList: isList))
      }
    }

    var constants: [Edit] = []
    for constant in map?.constants ?? [] {
      let field = constant.path.description
      if let other = targets.first(where: { Self.collide($0.path, constant.path) }) {
        fail(field, .pathTaken(by: other.columns[0].name))
      } else if let other = constants.first(where: { Self.collide($0.path, constant.path) }) {
        fail(field, .pathTaken(by: other.path.description))
      }
      do {
        _ = try Value(json: constant.value, type: schema.rule(for: constant.path).type)
      } catch {
        // Told once, and not for every row.
        fail(field, .edit(.value(error)))
      }
      let isList = schema.structure(at: constant.path) != nil
      constants.append(
        .set(constant.path, .json(isList ? .array([constant.value]) : constant.value)))
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
    var edits: [Edit] = []
    edits.reserveCapacity(targets.count + constants.count)
    for target in targets {
      var values: [Value] = []
      for column in target.columns {
        do {
          try column.read(row.cells[column.index], into: &values)
        } catch {
          fail(column.name, error.reason)
        }
      }
      if let first = values.first {
        edits.append(.set(target.path, .value(target.isList ? .list(values) : first)))
      } else if empty == .unset {
        edits.append(.unset(target.path))
      }
    }
    guard isWell, let id else { return nil }
    return ImportDraft(line: row.line, id: id, edits: edits + constants)
  }

  /// The problem of a write that was refused, named by the column that it came from.
  func problem(_ error: EditError, of draft: ImportDraft) -> ImportProblem {
    let target = targets.first { target in error.path.map { $0.isAtOrBelow(target.path) } ?? false }
    return ImportProblem(
      line: draft.line, field: target?.columns[0].name ?? error.path?.description,
      reason: .edit(error.reason))
  }

  /// What a cell is read as where the map does not say.
  private static func cellType(
    at path: FieldPath, isList: Bool, in schema: Schema
  ) -> FieldType {
    let type = schema.rule(for: path).type
    // Of a list that the map takes apart, the schema does not say what the elements are.
    return isList && type == .list ? .text : type
  }

  private static func column(
    _ name: String, in map: ImportMap?
  ) -> Result<ImportMap.Column, CellFault> {
    if let map {
      return map.columns[name].map { .success($0) } ?? .failure(CellFault(.unmappedColumn))
    }
    do {
      let path = try FieldPath(name)
      if path.isReserved { return .failure(CellFault(.badPath(.reserved))) }
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
