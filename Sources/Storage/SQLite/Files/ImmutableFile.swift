import Foundation
import GRDBSQLite

/// A database file looked at as it lies there: nothing is written to it or beside it, and a write-ahead log is not
/// minded.
///
/// All of it goes through SQLite's own file handle: POSIX drops all locks that a process has on a file as soon as it
/// closes any descriptor of it, and this process may have the store open.
final class ImmutableFile {
  private let path: String
  private let connection: OpaquePointer

  /// - Throws: `StorageError.io` if the file cannot be opened.
  init(path: String) throws(StorageError) {
    var components = URLComponents()
    components.scheme = "file"
    components.path = path
    components.queryItems = [URLQueryItem(name: "immutable", value: "1")]
    var connection: OpaquePointer?
    let flags = SQLITE_OPEN_READONLY | SQLITE_OPEN_URI
    guard let uri = components.string,
      sqlite3_open_v2(uri, &connection, flags, nil) == SQLITE_OK, let connection
    else {
      let reason = String(cString: sqlite3_errmsg(connection))
      sqlite3_close(connection)
      throw .io(detail: "\(path): \(reason)")
    }
    self.path = path
    self.connection = connection
  }

  deinit {
    sqlite3_close(connection)
  }

  /// What the file's first bytes say; nil if it is too short to say anything.
  /// - Throws: `StorageError.io` if the disk does not give them: that says nothing of what they are.
  func header() throws(StorageError) -> Header? {
    var file: UnsafeMutablePointer<sqlite3_file>?
    guard sqlite3_file_control(connection, "main", SQLITE_FCNTL_FILE_POINTER, &file) == SQLITE_OK,
      let file, let read = file.pointee.pMethods?.pointee.xRead
    else { return nil }
    var bytes = [UInt8](repeating: 0, count: Header.byteCount)
    let code = bytes.withUnsafeMutableBytes {
      read(file, $0.baseAddress, CInt(Header.byteCount), 0)
    }
    switch code {
    case SQLITE_OK: return Header(bytes: bytes)
    case Self.shortRead: return nil
    default: throw .io(detail: "\(path): \(String(cString: sqlite3_errstr(code)))")
    }
  }

  /// `SQLITE_IOERR_SHORT_READ`, which Swift does not see.
  private static let shortRead = SQLITE_IOERR | 2 << 8

  /// https://www.sqlite.org/fileformat.html#the_database_header
  struct Header {
    static let byteCount = 100

    fileprivate let bytes: [UInt8]

    var isSQLite: Bool { bytes.starts(with: Array("SQLite format 3\0".utf8)) }
    var format: UInt32 { number(at: 60) }
    var applicationID: UInt32 { number(at: 68) }

    private func number(at offset: Int) -> UInt32 {
      bytes[offset..<offset + 4].reduce(0) { $0 << 8 | UInt32($1) }
    }
  }

  /// Why a query cannot be answered from the file; nil if it can.
  func failure(of sql: String) -> String? {
    var statement: OpaquePointer?
    defer { sqlite3_finalize(statement) }
    guard sqlite3_prepare_v2(connection, sql, -1, &statement, nil) == SQLITE_OK,
      [SQLITE_ROW, SQLITE_DONE].contains(sqlite3_step(statement))
    else { return String(cString: sqlite3_errmsg(connection)) }
    return nil
  }
}
