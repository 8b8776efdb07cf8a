import OfficeSyncRecords

/// What a store did to its names in one collection, so that no two stores write under one.
public struct Healing: Hashable, Sendable {
  /// The replica ID that the store had, if it took a new one.
  public var formerReplica: ReplicaID?
  /// Whether that was because an office had retired the ID.
  public var wasRetired: Bool
  /// New names that writes got.
  public var renamings: [Renaming]

  public init(formerReplica: ReplicaID? = nil, wasRetired: Bool = false, renamings: [Renaming] = [])
  {
    self.formerReplica = formerReplica
    self.wasRetired = wasRetired
    self.renamings = renamings
  }

  public var isEmpty: Bool { formerReplica == nil && renamings.isEmpty }

  public mutating func add(_ other: Healing) {
    formerReplica = formerReplica ?? other.formerReplica
    wasRetired = wasRetired || other.wasRetired
    renamings += other.renamings
  }
}
