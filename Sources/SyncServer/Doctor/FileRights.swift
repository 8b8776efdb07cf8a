import Foundation
import OfficeSyncCommandSupport

/// Who may get at one of an office's files.
struct FileRights: Hashable, Sendable {
  var path: String
  var status: FileStatus
  /// Whether others may read it: certificates and settings hold no secret.
  var isPublic: Bool

  init(path: String, status: FileStatus, isPublic: Bool) {
    self.path = path
    self.status = status
    self.isPublic = isPublic
  }

  /// - Returns: nil if there is no such file.
  init?(of path: String, isPublic: Bool) {
    guard let status = FileStatus(of: path) else { return nil }
    self.init(path: path, status: status, isPublic: isPublic)
  }

  /// - Parameter user: who runs the server.
  func finding(for user: uid_t) -> Finding? {
    // What root keeps and others cannot write is as safe as what is one's own.
    if status.owner != user, status.owner != 0 || !isPublic {
      return .problem(.permissions, DoctorTexts.foreignOwner(path), DoctorTexts.own(path))
    }
    let forbidden: mode_t = isPublic ? 0o022 : 0o077
    guard status.mode & forbidden != 0 else { return nil }
    let wanted = String(status.mode & ~forbidden, radix: 8)
    return .problem(
      .permissions, DoctorTexts.open(path, String(status.mode, radix: 8)),
      DoctorTexts.close(wanted, path))
  }

  static func findings(_ files: [FileRights], for user: uid_t) -> [Finding] {
    let findings = files.compactMap { $0.finding(for: user) }
    return findings.isEmpty ? [.ok(.permissions, DoctorTexts.allPrivate)] : findings
  }
}
