import OfficeSyncProtocol
import OfficeSyncRecords

extension CollectionTables {
  /// - Throws: ``StorageError`` `.namesChanged` if the collection's names changed since `epoch`.
  package func require(epoch: UInt64?) throws {
    if let epoch, try totals().epoch != epoch { throw StorageError.namesChanged }
  }

  /// The one of these that the store's own present ID ended with, a retirement first; nil if none did.
  package func endOfOwnID(_ endings: [Ending]) throws -> Ending? {
    let own = try store().replica.id
    let ends = try endings.filter { try origins(reaching: $0).contains(own) }
    return ends.first(where: \.isRetirement) ?? ends.first
  }

  /// Renames what goes on behind the endings.
  package func heal(_ endings: [Ending]) throws -> [Renaming] {
    var renamer = try Renamer(self)
    for ending in endings {
      for origin in try origins(reaching: ending) {
        try renamer.split(
          origin, after: ending.stamp?.counter ?? 0, isRetirement: ending.isRetirement)
      }
      try keep(ending)
    }
    if !renamer.renamings.isEmpty { try renamer.finish() }
    return renamer.renamings
  }

  /// The store's ID is about to be another one: own writes that nobody was shown go with it.
  package func giveUpOwnID(for new: ReplicaID) throws -> [Renaming] {
    var renamer = try Renamer(self)
    try renamer.takeAlong(to: new)
    // Also where nothing was renamed: sessions under way believe that they know this store's ID.
    try renamer.finish()
    return renamer.renamings
  }
}
