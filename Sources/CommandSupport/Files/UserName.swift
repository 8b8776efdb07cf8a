import Foundation

/// Names of this machine's users.
enum UserName {
  /// The login name, or the number if there is none.
  static func of(_ user: uid_t) -> String {
    var entry = passwd()
    var found: UnsafeMutablePointer<passwd>?
    var buffer = [CChar](repeating: 0, count: 4096)
    guard getpwuid_r(user, &entry, &buffer, buffer.count, &found) == 0, found != nil,
      let name = entry.pw_name
    else { return String(user) }
    return String(cString: name)
  }
}
