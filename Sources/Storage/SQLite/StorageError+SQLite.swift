import GRDB
import OfficeSyncProtocol
import OfficeSyncRecords

extension StorageError {
  /// Runs `work` and gives what the engine throws its name here. Other errors pass as they are.
  static func translating<T>(_ work: () throws -> T) throws -> T {
    do {
      return try work()
    } catch let error as DatabaseError {
      throw StorageError(error)
    } catch is RowDecodingError {
      throw StorageError.damaged(detail: "a stored value is of another kind than what was written")
    } catch let error as CodecError {
      throw StorageError.damaged(detail: "a stored value cannot be read: \(error)")
    } catch is CounterExhausted {
      throw StorageError.counterExhausted
    }
  }

  init(_ error: DatabaseError) {
    // The SQL is left out on purpose: it says nothing to a user, and arguments may hold record contents.
    let detail = error.message ?? "SQLite result \(error.extendedResultCode.rawValue)"
    switch error.resultCode {
    case .SQLITE_FULL: self = .diskFull
    case .SQLITE_BUSY, .SQLITE_LOCKED: self = .busy
    case .SQLITE_CORRUPT, .SQLITE_NOTADB, .SQLITE_SCHEMA, .SQLITE_MISMATCH, .SQLITE_CONSTRAINT:
      self = .damaged(detail: detail)
    default: self = .io(detail: detail)
    }
  }
}
