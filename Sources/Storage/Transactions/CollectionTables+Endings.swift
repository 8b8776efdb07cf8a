import OfficeSyncProtocol
import OfficeSyncRecords

/// Where replica IDs ended. An origin that ended, and of which all is known up to there, is closed: nothing more can come
/// under it.
extension CollectionTables {
  /// Keeps that an ID ended.
  func keep(_ ending: Ending) throws {
    try insert(ending)
    for origin in try origins(reaching: ending) { try closeIfReached(origin) }
  }

  /// Closes an origin if its list of stamps ends with an ending, and its writes are known up to there.
  func closeIfReached(_ origin: ReplicaID) throws {
    guard let stamp = try newestStamp(of: origin), try counter(of: origin) == stamp.counter,
      let ending = try ending(at: stamp)
    else { return }
    try close(Ending(origin: origin, stamp: stamp, isRetirement: ending.isRetirement))
  }

  /// How an origin's list goes on no more; nil if it may.
  func end(of origin: ReplicaID) throws -> Ending? {
    if let closed = try closed(origin) { return closed }
    return try newestStamp(of: origin).flatMap { try ending(at: $0) }
  }

  /// The origins whose lists the ending is in.
  func origins(reaching ending: Ending) throws -> [ReplicaID] {
    guard let stamp = ending.stamp else { return [ending.origin] }
    return try origins(with: stamp)
  }
}
