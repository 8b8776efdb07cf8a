import OfficeSyncCommandSupport
import OfficeSyncRecords
import OfficeSyncReplication
import OfficeSyncSecureTransport
import OfficeSyncStorage
import OfficeSyncSyncLink

extension CommandError {
  /// What an error of the modules below means to a person at the command line; nil for one of none of them.
  ///
  /// Both programs hand this to `Program`. Where more is known, of a file or of a server, say it with the initializers
  /// beside this one.
  public static func translating(_ error: any Error) -> CommandError? {
    switch error {
    case let error as LinkError: CommandError(error, at: unnamedServer)
    case let error as TLSError: CommandError(error)
    case let error as SessionError: CommandError(error, SessionContext(server: unnamedServer))
    case let error as StorageError: CommandError(error)
    case let error as EditError: CommandError(error)
    case let error as SchemaError: .badSchema(error, in: nil)
    case let error as NameError: .badName(nil, error)
    case let error as FlattenError: .badValue("\(error)")
    case let error as ValueError: .badValue("\(error)")
    case let error as JSONError: .badJSON(error, in: nil)
    default: nil
    }
  }

  private static let unnamedServer = "the server"
}
