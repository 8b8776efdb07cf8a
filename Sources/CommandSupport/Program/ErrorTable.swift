import Foundation

/// The one table from errors to what the user is told and the program exits with.
enum ErrorTable {
  static func failure(
    for error: any Error, translate: (any Error) -> CommandError?
  ) -> CommandError {
    if let error = error as? CommandError { return error }
    if let error = translate(error) { return error }
    switch error {
    case is CancellationError:
      return .interrupted
    case let error as POSIXError:
      return .unexpected(CommandError.systemMessage(error.code.rawValue))
    case let error as CocoaError:
      guard let path = error.filePath ?? error.url?.path else { fallthrough }
      // NSFileWriteUnknownError is 512; what comes before is about reading.
      let code = (error.underlying as? POSIXError)?.code.rawValue ?? EIO
      return .file(error.code.rawValue >= 512 ? .written : .read, path, errno: code)
    default:
      return .unexpected(String(describing: error))
    }
  }
}
