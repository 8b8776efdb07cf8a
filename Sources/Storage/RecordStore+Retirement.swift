import OfficeSyncProtocol
import OfficeSyncRecords

extension RecordStore {
  /// Ends a replica ID in one collection where its list of stamps ends here. Its writes stay, and nothing more is taken
  /// under it: who still has some, or goes on there, gets a new name for it, as where names forked.
  ///
  /// The store's own present ID is not for this: it would be given up.
  /// - Parameter token: draws 128 random bits.
  /// - Returns: where it ended; nil if the collection has nothing of it.
  public func retire(
    _ replica: ReplicaID, in collection: CollectionName, token: () -> ReplicaID
  ) throws -> Ending? {
    let known = try snapshot(of: collection).knowledge
    guard let stamp = known.newestStamps[replica] else { return nil }
    let ending = Ending(origin: replica, stamp: stamp, isRetirement: true)
    _ = try heal([ending], in: collection, token: token)
    return ending
  }
}
