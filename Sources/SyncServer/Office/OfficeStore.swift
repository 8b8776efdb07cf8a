import OfficeSyncCommandSupport
import OfficeSyncRecords
import OfficeSyncStorage

/// An office's store with its folder.
struct OfficeStore {
  let folder: StoreFolder
  let store: SQLiteStore
  let replica: ReplicaInfo
  let audit: AuditLog

  /// - Throws: `CommandError` `no-store` (64), `store-of-other-user` (77), `not-an-office` (64); `StorageError`.
  init(opening folder: StoreFolder) throws {
    try folder.requireStore(make: NextSteps.make(folder).description)
    self.folder = folder
    store = try SQLiteStore.open(folder: folder.path)
    replica = try store.replica()
    // Settings that are wrong are for the command to tell that needs them.
    let settings = try? StoreConfiguration(readingFrom: folder)
    audit = AuditLog(of: folder, megabytes: settings?.audit)
    if let settings {
      try store.keepHistory(HistoryRetention(days: settings.history))
      store.keepReserve(DiskReserve(percent: settings.reserve))
    }
    guard replica.identity.role == .office else {
      throw CommandError.notAnOffice(replica.identity, at: folder.path)
    }
  }
}

extension StoreFolder {
  /// The authority that enrols field devices, if this office has one (``AuthorityFolder``).
  var enrolment: String { "\(path)/enrolment" }
}
