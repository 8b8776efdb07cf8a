/// What a replica takes of a record that a peer sends. Pure: the same record against the same store gets the same
/// verdict.
public enum AdmissionRule: Hashable, Sendable {
  /// From an office, and from any server to its clients: anybody's writes.
  case relayed
  /// From a field device: just the device's own writes, and only where everything they build on is here already.
  case own(replicas: Set<ReplicaID>, author: Identity)

  /// Why a record will never be taken as it is.
  public enum Refusal: Hashable, Sendable, CaseIterable {
    /// A value, or its author, is not the device's own.
    case notOwn
    /// Field devices write no reserved records, and purge nothing.
    case reserved
    /// One name, two contents: two stores have written under it.
    case contradiction
  }

  public enum Verdict: Hashable, Sendable {
    /// The record as it is to be stored.
    case changed(Record)
    case unchanged
    /// The clock names writes that were never seen here. Taking the record would break the completeness invariant, and a
    /// hostile device could erase others' writes by claiming a clock that it does not have.
    case deferred
    case refused(Refusal)
  }

  /// - Parameter held: what the store holds of the record now.
  public func judge(_ incoming: Record, id: RecordID, held: Record?) -> Verdict {
    let held = held ?? Record()
    if case .own(let replicas, let author) = self {
      if id.isReserved { return .refused(.reserved) }
      for sibling in incoming.fields.lazy.flatMap(\.siblings) {
        guard replicas.contains(sibling.dot.replica), sibling.write.author == author else {
          return .refused(.notOwn)
        }
      }
      let others = incoming.clock.entries.filter { !replicas.contains($0.replica) }
      guard others.allSatisfy({ held.clock.covers($0) }) else { return .deferred }
      // Only now: before, it may be an office's purge that the device has seen and this store has not.
      if !incoming.erased.isCovered(by: held.erased) { return .refused(.reserved) }
    } else if incoming.fields.contains(where: { !$0.withheld.isEmpty }) {
      // Only a field device withholds; from an office the values would be lost.
      return .refused(.notOwn)
    }
    var merged = held
    do {
      try merged.merge(incoming)
    } catch {
      return .refused(.contradiction)
    }
    return merged == held ? .unchanged : .changed(merged)
  }
}
