import OfficeSyncInMemoryStore
import OfficeSyncStorage

/// What the simulator's stores can do beyond the seam.
protocol SimulatedStore: RecordStore {
  /// Whether this is an office that was put back from a copy: it takes from field devices what it may have lost.
  var isRecovering: Bool { get throws }
  func setRecovering(_ isRecovering: Bool) throws
}

extension SQLiteStore: SimulatedStore {}
extension InMemoryStore: SimulatedStore {}
