import OfficeSyncProtocol
import OfficeSyncRecords

/// For a session that lasts: which collections this store knows something of that the other side has not been shown.
struct News {
  /// What the other side is known to have, or was told of.
  private var shown: [CollectionName: KnowledgeDigest] = [:]
  /// What this store was last seen to know.
  private var latest: [CollectionName: KnowledgeDigest] = [:]
  /// Collections in which something happened while they were under way.
  private var pending: Set<CollectionName> = []
  /// The same at the other side.
  private var told: Set<CollectionName> = []

  /// - Parameters:
  ///   - digests: what the store knows now of collections that may have changed.
  ///   - underWay: collections to look at again when they are done with.
  /// - Returns: the collections of which the other side is to be shown something; sorted.
  mutating func changed(
    _ digests: [CollectionName: KnowledgeDigest], underWay: Set<CollectionName>
  ) -> [CollectionName] {
    latest.merge(digests) { _, new in new }
    let busy = underWay.intersection(digests.keys)
    pending.formUnion(busy)
    return digests.keys.filter { !busy.contains($0) && show($0) }.sorted()
  }

  /// The other side says that it has news of a collection that is under way.
  mutating func heard(_ collection: CollectionName) { told.insert(collection) }

  /// - Returns: whether the collection is to be looked at again.
  mutating func finished(_ outcome: ChannelOutcome) -> Bool {
    let name = outcome.collection
    if outcome.inSync == true, let standing = outcome.standing { shown[name] = standing.digest }
    let wasTold = told.remove(name) != nil
    let hasChanged = pending.remove(name) != nil && show(name)
    return wasTold || hasChanged
  }

  private mutating func show(_ name: CollectionName) -> Bool {
    guard let digest = latest[name] else { return false }
    return shown.updateValue(digest, forKey: name) != digest
  }
}
