/// What a replica takes of a record that a peer sends. Pure: the same record against the same store gets the same
/// verdict.
public enum AdmissionRule: Hashable, Sendable {
  /// From an office, and from any server to its clients: anybody's writes.
  case relayed
  /// From a field device: just the device's own writes, and only where everything they build on is here already.
  ///
  /// They enter the mesh here, so this is where their times are held against a wall clock: `timeMax` is the latest that
  /// is believed.
  case own(replicas: Set<ReplicaID>, author: Identity, timeMax: HybridTime)

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
    /// The clock names writes that were never seen here: taking the record would break the completeness invariant, and a
    /// hostile device could erase others' writes by claiming a clock that it does not have. Or a write that is new here
    /// bears a time that is yet to come: others would have to follow it.
    case deferred
    case refused(Refusal)
  }

  /// - Parameter held: what the store holds of the record now.
  public func judge(_ incoming: Record, id: RecordID, held: Record?) -> Verdict {
    let held = held ?? Record()
    if case .own(let replicas, let author, let timeMax) = self {
      if id.isReserved { return .refused(.reserved) }
      for sibling in incoming.fields.lazy.flatMap(\.siblings) {
        guard replicas.contains(sibling.dot.replica), sibling.write.author == author else {
          return .refused(.notOwn)
        }
      }
      let others = incoming.clock.entries.filter { !replicas.contains($0.replica) }
      guard others.allSatisfy({ held.clock.covers($0) }) else { return .deferred }
      // What is here already was believed by whoever let it in.
      let news = incoming.fields.lazy.flatMap(\.siblings).filter { !held.clock.covers($0.dot) }
      guard news.allSatisfy({ $0.write.time <= timeMax }) else { return .deferred }
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
