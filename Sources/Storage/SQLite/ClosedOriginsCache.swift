import GRDB
import OfficeSyncProtocol
import Synchronization

/// What is known of closed origins, of each collection as it was last read: there may be ten thousand, of all devices that there
/// ever were, and each look at a collection needs them, though they hardly ever change.
final class ClosedOriginsCache: Sendable {
  private struct Held {
    /// What ``ClosedTable/revision()`` said.
    let revision: Int64
    let knowledge: Knowledge
  }

  private let held = Mutex<[Int64: Held]>([:])

  /// As the transaction finds it.
  func knowledge(_ db: Database, collection: Int64) throws -> Knowledge {
    let table = ClosedTable(db, collection: collection)
    let revision = try table.revision()
    if let held = held.withLock({ $0[collection] }), held.revision == revision {
      return held.knowledge
    }
    let knowledge = Knowledge(closed: try table.all())
    held.withLock { $0[collection] = Held(revision: revision, knowledge: knowledge) }
    return knowledge
  }
}
