import GRDB

/// Copies what can be read of one table of a broken file into the same table of a new one.
struct TableSalvage {
  let source: Database
  let target: Database
  let table: String

  /// Row by row in the order of their numbers, from either end; what lies between the first pages that cannot be read is halved
  /// until what stands on such a page is all that is left out.
  ///
  /// - Parameter highest: SQL for the highest number by another way, if there is one.
  /// - Returns: whether nothing was left out.
  func copyByNumber(highest: String?) throws -> Bool {
    let insert = try Insert(target, table)
    let everything: ClosedRange<Int64> = 1...Int64.max
    guard let last = try copy(everything, .ascending, insert) else { return true }
    let first = try copy(everything, .descending, insert)
    // Nothing can be read at the end: then the file says nothing of how far it goes.
    let end = first == .max ? try? highest.flatMap { try Int64.fetchOne(source, sql: $0) } : first
    if let end, last < end { try copyPieces(of: last...end, insert) }
    return false
  }

  private enum Order: String {
    case ascending = "ASC"
    case descending = "DESC"
  }

  /// - Returns: the number of the last row that could be read, the range's own bound if none; nil if all could.
  private func copy(
    _ range: ClosedRange<Int64>, _ order: Order, _ insert: Insert
  ) throws -> Int64? {
    var last = order == .ascending ? range.lowerBound : range.upperBound
    do {
      let rows = try Self.reading {
        try Row.fetchCursor(
          source.cachedStatement(
            sql: """
              SELECT rowid AS salvaged, * FROM \(table)
              WHERE rowid BETWEEN ? AND ? ORDER BY rowid \(order.rawValue)
              """), arguments: [range.lowerBound, range.upperBound])
      }
      while let row = try Self.reading({ try rows.next() }) {
        last = try row.decode(forColumn: "salvaged")
        try insert.run(row)
      }
      return nil
    } catch is Unreadable {
      return last
    }
  }

  private func copyPieces(of range: ClosedRange<Int64>, _ insert: Insert) throws {
    if try copy(range, .ascending, insert) == nil || range.count == 1 { return }
    let middle = range.lowerBound + (range.upperBound - range.lowerBound) / 2
    try copyPieces(of: range.lowerBound...middle, insert)
    try copyPieces(of: middle + 1...range.upperBound, insert)
  }

  /// From either end of the table's key up to the first page that cannot be read.
  ///
  /// - Returns: whether nothing was left out.
  func copyFromBothEnds() throws -> Bool {
    let insert = try Insert(target, table)
    let key = try source.primaryKey(table).columns
    for order in ["ASC", "DESC"] {
      let terms = key.map { "\"\($0)\" \(order)" }.joined(separator: ", ")
      do {
        let rows = try Self.reading {
          try Row.fetchCursor(source, sql: "SELECT * FROM \(table) ORDER BY \(terms)")
        }
        while let row = try Self.reading({ try rows.next() }) { try insert.run(row) }
        return true
      } catch is Unreadable {}
    }
    return false
  }

  private struct Unreadable: Error {}

  /// What goes wrong in reading is the file's fault; everything else is not.
  private static func reading<T>(_ body: () throws -> T) throws -> T {
    do { return try body() } catch let error as DatabaseError
      where [.SQLITE_CORRUPT, .SQLITE_NOTADB, .SQLITE_IOERR].contains(error.resultCode)
    {
      throw Unreadable()
    }
  }

  /// Puts rows into the new table; one that is there already stays.
  private struct Insert {
    private let statement: Statement
    private let columns: [String]

    init(_ db: Database, _ table: String) throws {
      columns = try db.columns(in: table).map(\.name)
      let names = columns.map { "\"\($0)\"" }.joined(separator: ", ")
      let marks = columns.map { _ in "?" }.joined(separator: ", ")
      statement = try db.cachedStatement(
        sql: "INSERT OR IGNORE INTO \(table) (\(names)) VALUES (\(marks))")
    }

    func run(_ row: Row) throws {
      let values = columns.map { row[$0] ?? DatabaseValue.null }
      try statement.execute(arguments: StatementArguments(values))
    }
  }
}
