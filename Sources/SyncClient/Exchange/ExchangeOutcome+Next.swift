import OfficeSyncCommandSupport
import OfficeSyncProtocol
import OfficeSyncRecords
import OfficeSyncReplication

extension ExchangeOutcome {
  /// What to do after a run that went well.
  ///
  /// - Parameters:
  ///   - identity: whose store it is.
  ///   - hasConflicts: whether a collection of the run holds an open conflict, new or old.
  ///   - hasUnsent: whether a collection of the run holds own writes that no office has confirmed.
  func nextStep(
    _ next: NextSteps, identity: Identity, hasConflicts: Bool, hasUnsent: Bool
  ) -> NextStep {
    let outcomes = collections.map(\.outcome)
    if hasConflicts { return next.conflicts() }
    if outcomes.contains(where: { $0.refused > 0 }) { return next.status }
    if outcomes.contains(where: { $0.deferred > 0 }) { return next.pushDeferred }
    if outcomes.contains(where: { $0.inSync == false }) { return next.syncAgain }
    if outcomes.contains(where: { $0.directions == .push && $0.inSync == nil }) {
      return next.pullRest
    }
    // What is more here may also be others' writes, which a device does not pass on.
    if hasUnsent, outcomes.contains(where: { $0.directions == .pull && $0.inSync == nil }) {
      return next.pushRest
    }
    // People's records: what the offices agree on is not what they came for.
    let people = outcomes.filter { $0.collection != .office }
    if let busiest = people.max(by: { $0.received < $1.received }) {
      return next.list(busiest.collection)
    }
    switch identity.role {
    case .field: return next.letIn(identity)
    case .office: return next.firstRecord
    }
  }
}
