/// A table on its way to a console: add the rows, then finish.
public struct TableWriter: Sendable {
  let console: Console
  var table: Table

  /// - Parameter row: one raw value a column.
  public mutating func add(_ row: [String]) throws {
    try console.print(escapedLines: table.add(row))
  }

  /// Prints what is still held back; nothing at all if there were no rows.
  public mutating func finish() throws {
    try console.print(escapedLines: table.finish())
  }
}
