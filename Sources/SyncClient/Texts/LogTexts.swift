import OfficeSyncCommandSupport
import OfficeSyncRecords

/// The words of `log` and `undo`.
enum LogTexts {
  static let at = "At (UTC)"
  static let write = "Write"
  static let through = "Through"
  static let overtaken = "Overtaken"

  static let here = "here"
  static let current = "current"
  static let broughtBack = "brought back"

  static func purged(_ id: RecordID) -> Prose {
    "\(id) was purged: what had been written until then is not kept."
  }

  static func undone(_ path: FieldPath, _ id: RecordID) -> Prose {
    "Wrote the earlier value of \(path) of \(id) anew."
  }

  static func nothingToUndo(_ path: FieldPath, _ id: RecordID) -> Prose {
    "\(path) of \(id) holds that already; nothing was written."
  }
}
