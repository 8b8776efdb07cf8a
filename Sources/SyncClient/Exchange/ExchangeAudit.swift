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
    return [AuditEntry(.connected, at: now, who)]
      + outcome.collections.map(\.outcome).flatMap {
        AuditEntry.exchanged(
          $0.collection, at: now, with: who, read: $0.sent, wrote: $0.received, applied: $0.applied)
      }
  }
}
