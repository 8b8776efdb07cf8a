import OfficeSyncCommandSupport
import OfficeSyncRecords
import OfficeSyncReplication
import OfficeSyncStorage

/// What an exchange of an office's store with another office comes to in its audit log: what a running server writes of those
/// that it begins.
struct ExchangeAudit {
  let outcome: ExchangeOutcome
  /// Milliseconds since 1970 UTC.
  let now: UInt64

  /// What could not be written is told, and fails no exchange.
  func write(to log: AuditLog, _ console: Console) {
    do { try log.append(entries, isDurable: false) } catch {
      console.note(ExchangeTexts.notAudited(error))
    }
  }

  private var entries: [AuditEntry] {
    guard let peer = outcome.peer else { return [] }
    let who = [
      JSONMember("identity", .string("\(peer.identity)")),
      JSONMember("server", .string(outcome.server.description)),
    ]
    var entries = [AuditEntry(.connected, at: now, who)]
    for collection in outcome.collections.map(\.outcome) {
      let name = [JSONMember("collection", .string(collection.collection.text))]
      if collection.sent > 0 {
        let count = [JSONMember("records", .number("\(collection.sent)"))]
        entries.append(AuditEntry(.read, at: now, who + name + count))
      }
      if collection.received > 0 {
        let count = [
          JSONMember("records", .number("\(collection.received)")),
          JSONMember("applied", .number("\(collection.applied)")),
        ]
        entries.append(AuditEntry(.wrote, at: now, who + name + count))
      }
    }
    return entries
  }
}
