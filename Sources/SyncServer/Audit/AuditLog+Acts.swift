import Foundation
import OfficeSyncCommandSupport
import OfficeSyncRecords

extension OfficeStore {
  /// Writes down what an administrator is about to do here, and does it.
  ///
  /// - Throws: `CommandError` `not-recorded` (74), and then nothing was done; else what `body` throws.
  @discardableResult
  func recording<Result>(
    _ command: String, by note: String = "", _ members: [JSONMember] = [],
    _ body: () throws -> Result
  ) throws -> Result {
    try audit.recording(
      AuditAct(command, by: note, members), at: wallMilliseconds(), body)
  }
}

extension AuthorityFolder {
  /// The same for what is done with an authority: one in an office's store has that office's log, another one its ledger alone.
  ///
  /// - Throws: as above.
  @discardableResult
  func recording<Result>(
    _ command: String, _ members: [JSONMember], _ body: () throws -> Result
  ) throws -> Result {
    guard isInStore else { return try body() }
    let store = StoreFolder(path: URL(fileURLWithPath: path).deletingLastPathComponent().path)
    return try AuditLog(bySettingsOf: store).recording(
      AuditAct(command, members), at: wallMilliseconds(), body)
  }
}
