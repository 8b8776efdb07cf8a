import Foundation
import OfficeSyncCommandSupport
import OfficeSyncRecords

extension StoreFolder {
  /// Writes down what is about to be done with an office's folder whose store is not opened; nothing where there is no log.
  ///
  /// - Throws: `CommandError` `not-recorded` (74): it is not to be done.
  func record(_ command: String, _ members: [JSONMember]) throws(CommandError) {
    guard FileManager.default.fileExists(atPath: audit) else { return }
    try AuditLog(bySettingsOf: self).record(
      AuditAct(command, members), at: OpenStore.wallMilliseconds)
  }
}
