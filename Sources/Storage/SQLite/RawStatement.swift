import GRDB
import GRDBSQLite

/// A prepared statement on SQLite's own interface: the row layer of GRDB costs a fifth of the throughput of a bulk pull.
///
/// It lives as long as the transaction it was made in. Nothing stays bound or open after a call.
struct RawStatement {
  private let statement: Statement
  private let handle: OpaquePointer

  /// Takes the connection's cached statement of this text.
  init(_ db: Database, _ sql: String) throws {
    statement = try db.cachedStatement(sql: sql)
    handle = statement.sqliteStatement
  }

  /// Runs a statement that gives no rows.
  /// - Returns: how many rows it changed.
  @discardableResult
  func run(_ bind: (inout Binder) -> Void) throws -> Int {
    defer { reset() }
    try applyBindings(bind)
    try check(sqlite3_step(handle), allowed: SQLITE_DONE)
    return Int(sqlite3_changes(sqlite3_db_handle(handle)))
  }

  /// The first row, if there is one.
  func first<T>(_ bind: (inout Binder) -> Void, _ read: (RawRow) throws -> T) throws -> T? {
    defer { reset() }
    try applyBindings(bind)
    return try step() ? read(RawRow(handle: handle)) : nil
  }

  /// Calls `body` for row after row until it says false.
  func forEach(_ bind: (inout Binder) -> Void, _ body: (RawRow) throws -> Bool) throws {
    defer { reset() }
    try applyBindings(bind)
    while try step(), try body(RawRow(handle: handle)) {}
  }

  func all<T>(_ bind: (inout Binder) -> Void, _ read: (RawRow) throws -> T) throws -> [T] {
    var rows: [T] = []
    try forEach(bind) {
      rows.append(try read($0))
      return true
    }
    return rows
  }

  private func applyBindings(_ bind: (inout Binder) -> Void) throws {
    var binder = Binder(handle: handle)
    bind(&binder)
    try check(binder.failure, allowed: SQLITE_OK)
  }

  private func step() throws -> Bool {
    let code = sqlite3_step(handle)
    if code == SQLITE_ROW { return true }
    try check(code, allowed: SQLITE_DONE)
    return false
  }

  private func check(_ code: CInt, allowed: CInt) throws {
    if code == allowed { return }
    let message = String(cString: sqlite3_errmsg(sqlite3_db_handle(handle)))
    throw DatabaseError(resultCode: ResultCode(rawValue: code), message: message)
  }

  private func reset() {
    sqlite3_reset(handle)
    sqlite3_clear_bindings(handle)
  }
}

/// Binds arguments from the first on.
struct Binder {
  fileprivate let handle: OpaquePointer
  fileprivate var index: CInt = 0
  fileprivate var failure: CInt = SQLITE_OK

  fileprivate init(handle: OpaquePointer) {
    self.handle = handle
  }

  mutating func int(_ value: Int64) {
    index += 1
    note(sqlite3_bind_int64(handle, index, value))
  }

  /// Counters stay below 2^53, and clock readings are kept by their bits.
  mutating func counter(_ value: UInt64) { int(Int64(bitPattern: value)) }

  mutating func optional(_ value: Int64?) {
    if let value { return int(value) }
    index += 1
    note(sqlite3_bind_null(handle, index))
  }

  mutating func flag(_ value: Bool) { int(value ? 1 : 0) }

  mutating func bytes(_ value: [UInt8]) {
    index += 1
    // SQLITE_TRANSIENT: SQLite copies, so that no pointer outlives the call.
    let transient = unsafeBitCast(-1, to: sqlite3_destructor_type.self)
    let code = value.withUnsafeBufferPointer {
      // An empty array has no base address, and a null pointer would bind NULL.
      $0.isEmpty
        ? sqlite3_bind_zeroblob(handle, index, 0)
        : sqlite3_bind_blob64(handle, index, $0.baseAddress, UInt64($0.count), transient)
    }
    note(code)
  }

  private mutating func note(_ code: CInt) {
    if failure == SQLITE_OK { failure = code }
  }
}

/// The row that a statement stands on; valid until the next step.
struct RawRow {
  fileprivate let handle: OpaquePointer

  func int(_ column: CInt) -> Int64 { sqlite3_column_int64(handle, column) }

  func counter(_ column: CInt) -> UInt64 { UInt64(bitPattern: int(column)) }

  func flag(_ column: CInt) -> Bool { int(column) != 0 }

  func isNull(_ column: CInt) -> Bool { sqlite3_column_type(handle, column) == SQLITE_NULL }

  func bytes(_ column: CInt) -> [UInt8] { withBytes(column) { Array($0) } }

  /// Looks at bytes where SQLite has them.
  func withBytes<T>(_ column: CInt, _ body: (UnsafeRawBufferPointer) throws -> T) rethrows -> T {
    // The order matters: the pointer first, then the length of what it points to.
    let start = sqlite3_column_blob(handle, column)
    let count = Int(sqlite3_column_bytes(handle, column))
    return try body(UnsafeRawBufferPointer(start: start, count: start == nil ? 0 : count))
  }
}
