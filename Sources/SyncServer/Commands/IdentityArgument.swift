import ArgumentParser
import OfficeSyncCommandSupport
import OfficeSyncRecords

extension Identity {
  /// An identity as someone typed it.
  ///
  /// - Throws: `CommandError` `bad-identity` (65)
  init(argument text: String) throws {
    do {
      try self.init(text)
    } catch {
      throw CommandError.badIdentity(text)
    }
  }
}
