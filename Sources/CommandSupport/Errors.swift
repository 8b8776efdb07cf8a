import Foundation
import OfficeSyncRecords

/// The failures of this module; see ``Texts`` for how sentences are written, and `docs/ERRORS.md`
/// for the names.
extension CommandError {
  /// There is no store where one was expected.
  /// - Parameter command: the whole command that makes one.
  public static func noStore(at path: String, make command: String) -> CommandError {
    CommandError(
      .usage, "no-store", "There is no store at \(path).", remedy: "Make one with `\(command)`.")
  }

  /// The store belongs to another user of this machine.
  public static func foreignStore(at path: String, owner: String) -> CommandError {
    CommandError(
      .notAllowed, "store-of-other-user", "The store at \(path) belongs to the user \(owner).",
      remedy: "Run this as that user, for instance with `sudo -u \(owner)`.")
  }

  /// Who sat at the desk has too long a name.
  public static let longNote = CommandError(
    .badData, "over-limit", "--by holds over \(WriteInfo.noteBytesMax) bytes.",
    remedy: "Give a name, not a letter.")

  /// The offices' own collection is written by what it is for, and granted to nobody.
  public static let officesOwnCollection = CommandError(
    .badData, "offices-own-collection",
    "The collection \(CollectionName.office) is the offices' own: all of them reach it, and nobody writes it by hand.",
    remedy: "Name another collection, or use `syncserver access` or `syncserver retire`.")

  /// Another run holds a lock that cannot be shared.
  public static func locked(_ path: String, by process: Int32?) -> CommandError {
    let holder = process.map { "Another run (process \($0))" } ?? "Another run"
    return CommandError(
      .busy, "busy", "\(holder) holds the lock \(path).",
      remedy: "Try again when it has finished, or let this one wait with `--wait SECONDS`.")
  }

  /// What an administrator does is done only if the audit log can say so.
  static func notRecorded(_ error: CommandError) -> CommandError {
    CommandError(
      .storage, "not-recorded",
      "Nothing was done, since it cannot be written into the audit log. \(error.message)",
      remedy: error.remedy)
  }

  /// An operation on a file or folder failed.
  /// - Parameters:
  ///   - action: what was tried, as in "cannot ACTION".
  ///   - code: the system's `errno`.
  public static func file(_ action: FileAction, _ path: String, errno code: Int32) -> CommandError {
    if code == ENOSPC || code == EDQUOT {
      return CommandError(
        .storage, "disk-full", "The disk is full: \(path) cannot be \(action.done).",
        remedy: "Free some space and try again; nothing was lost.")
    }
    if code == ENOENT {
      return CommandError(
        .storage, "file-not-found", "\(path) cannot be \(action.done): it does not exist.",
        remedy: "Check the path.")
    }
    return CommandError(
      .storage, "file-failed", "\(path) cannot be \(action.done): \(systemMessage(code)).",
      remedy: "Check the path and the permissions.")
  }

  /// What is done to a file, as it stands in a sentence.
  public enum FileAction: Sendable {
    case read, written, created, locked

    fileprivate var done: String {
      switch self {
      case .read: "read"
      case .written: "written"
      case .created: "created"
      case .locked: "locked"
      }
    }
  }

  /// A file is in the way, and nothing is overwritten unasked.
  public static func fileExists(_ path: String) -> CommandError {
    CommandError(
      .badData, "file-exists", "\(path) exists already.",
      remedy: "Choose another place, or overwrite it with `--force`.")
  }

  /// A private file can be read by others.
  public static func readableByOthers(_ path: String) -> CommandError {
    CommandError(
      .notAllowed, "key-readable-by-others",
      "\(path) holds a secret and can be read by other users.",
      remedy: "Close it with `chmod 600 \(path)`.")
  }

  /// Somebody mistyped a passphrase that is to protect a key.
  static let passphraseDiffers = CommandError(
    .badData, "passphrase-differs", "The two passphrases differ; nothing was done.",
    remedy: "Run the command again.")

  /// `HOST:PORT` was not formed like that.
  /// - Parameter origin: where it was written: an option, a variable, a file and key.
  static func badAddress(_ text: String, in origin: String, because reason: String)
    -> CommandError
  {
    CommandError(
      .usage, "bad-address", "'\(text)' in \(origin) is not HOST:PORT: \(reason).",
      remedy: "Write for instance rabat.example:7443, 192.0.2.7:7443 or [::1]:7443.")
  }

  /// A configuration file does not say what it may say.
  static func badConfiguration(_ path: String, line: Int?, _ reason: String) -> CommandError {
    let place = line.map { "\(path), line \($0)" } ?? path
    return CommandError(
      .usage, "bad-configuration", "\(place): \(reason).",
      remedy:
        "Correct the file; it may hold: \(StoreConfiguration.knownKeys.joined(separator: ", ")).")
  }

  /// An option or variable holds no number of seconds that can be.
  static func badSeconds(_ text: String, in origin: String, least: Int) -> CommandError {
    CommandError(
      .usage, "bad-seconds", "'\(text)' in \(origin) is not a number of seconds.",
      remedy: "Write a whole number from \(least) to \(NetworkSettings.secondsMax).")
  }

  /// The command line could not be understood.
  static func usage(_ message: String, remedy: String) -> CommandError {
    CommandError(.usage, "usage", message, remedy: remedy)
  }

  static func outputFailed(_ code: Int32) -> CommandError {
    CommandError(
      .storage, "output-failed", "Standard output cannot be written: \(systemMessage(code)).",
      remedy: "Check where it goes, then run the command again.")
  }

  public static let interrupted = CommandError(
    .interrupted, "interrupted", "Interrupted; what was finished is kept.",
    remedy: "Run the same command again to go on.")

  static let terminated = CommandError(
    .terminated, "terminated", "Terminated; what was finished is kept.",
    remedy: "Run the same command again to go on.")

  /// An error that no table knows.
  static func unexpected(_ description: String) -> CommandError {
    CommandError(
      .storage, "unexpected", "Something unforeseen went wrong: \(description).",
      remedy: "Try again; if it comes back, report it with this text.")
  }

  static func systemMessage(_ code: Int32) -> String { String(cString: strerror(code)) }
}
