import Foundation
import OfficeSyncRecords

/// What an administrator does at an office's machine, for its audit log.
public struct AuditAct: Sendable {
  /// The command's words, without the program's.
  public let command: String
  public let members: [JSONMember]

  /// - Parameters:
  ///   - note: who sat at the desk (`--by`); empty if nobody said.
  ///   - members: what it is about.
  public init(_ command: String, by note: String = "", _ members: [JSONMember] = []) {
    self.command = command
    let by = note.isEmpty ? [] : [JSONMember("by", .string(note))]
    self.members =
      [JSONMember("act", .string(command))] + members + by + Self.user
  }

  /// Who runs this process, and as whom that person logged in, where the system keeps that (Linux's audit).
  private static var user: [JSONMember] {
    let user = UserName.of(geteuid())
    let login = (try? SecureFile.readIfPresent("/proc/self/loginuid"))
      .flatMap { $0 }.flatMap { uid_t(String(decoding: $0, as: UTF8.self)) }
    // All ones: nobody logged in; a job of the system's.
    let members = [JSONMember("user", .string(user))]
    guard let login, login != .max, login != geteuid() else { return members }
    return members + [JSONMember("login", .string(UserName.of(login)))]
  }
}

extension AuditLog {
  /// Writes down what is about to be done, and does it: what cannot be written down is not done.
  ///
  /// - Parameter milliseconds: now, since 1970 UTC.
  /// - Throws: a ``CommandError`` `not-recorded` (74), and then nothing was done; else what `body` throws, which is written
  ///   down as well.
  @discardableResult
  public func recording<Result>(
    _ act: AuditAct, at milliseconds: UInt64, _ body: () throws -> Result
  ) throws -> Result {
    try record(act, at: milliseconds)
    do { return try body() } catch {
      let reason = (error as? CommandError)?.name ?? "\(error)"
      let failure = AuditEntry(
        .actFailed, at: milliseconds, act.members + [JSONMember("reason", .string(reason))])
      // The act is there; that it failed is told to whoever tried.
      try? append([failure], isDurable: true)
      throw error
    }
  }

  /// Writes down what is about to be done.
  ///
  /// - Throws: a ``CommandError`` `not-recorded` (74): it is not to be done.
  public func record(_ act: AuditAct, at milliseconds: UInt64) throws(CommandError) {
    do {
      try append([AuditEntry(.act, at: milliseconds, act.members)], isDurable: true)
    } catch {
      throw .notRecorded(error)
    }
  }
}
