import OfficeSyncRecords

/// Something in a store that is not as it was written, or does not fit the rest.
public struct StoreDamage: Hashable, Sendable {
  public enum Kind: String, Hashable, Sendable, CaseIterable {
    /// SQLite's own check of its file.
    case file
    /// A record is not what was written.
    case record
    /// What is kept beside a record, or the index by origin, does not fit it.
    case index
    /// What is kept added up over a collection is not what its records add up to.
    case totals
    /// A record holds own writes beyond those that the store counts: the next one would take a name that is in use.
    case counter
  }

  public var kind: Kind
  /// nil for what no collection can be named for.
  public var collection: CollectionName?
  /// nil for what no record can be named for.
  public var id: RecordID?
  /// English, one line.
  public var detail: String

  public init(_ kind: Kind, _ collection: CollectionName?, _ id: RecordID?, _ detail: String) {
    self.kind = kind
    self.collection = collection
    self.id = id
    self.detail = detail
  }
}

/// What came of holding a store against itself.
public struct StoreAudit: Hashable, Sendable {
  /// No more than this are listed.
  public static let listedMax = 1_000

  /// The first that were found.
  public private(set) var damage: [StoreDamage] = []
  /// How many were found.
  public private(set) var damageCount = 0
  public internal(set) var records: UInt64 = 0

  public var isSound: Bool { damageCount == 0 }

  mutating func note(_ found: StoreDamage) {
    damageCount += 1
    if damage.count < Self.listedMax { damage.append(found) }
  }
}
