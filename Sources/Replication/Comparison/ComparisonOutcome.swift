import OfficeSyncProtocol
import OfficeSyncRecords

/// How a record stands in a store.
public enum RecordCondition: String, Hashable, Sendable {
  case sound
  /// It is not as it was written.
  case damaged
  case missing
}

/// A record that is not the same on both sides.
public struct RecordDifference: Hashable, Sendable {
  public var id: RecordID
  public var here: RecordCondition
  public var there: RecordCondition

  public init(id: RecordID, here: RecordCondition, there: RecordCondition) {
    self.id = id
    self.here = here
    self.there = there
  }

  /// Whether the other side can make it good here.
  public var isRepairable: Bool { here != .sound && there == .sound }
}

/// What came of comparing one collection.
public struct ComparisonOutcome: Hashable, Sendable {
  /// No more differences than this are looked for.
  public static let differencesMax = 10_000

  public enum Obstacle: Hashable, Sendable {
    /// One side knows writes that the other does not.
    case knowledgeDiffers
    /// A stream into a store was cut, and not everything of it is there.
    case partial
  }

  public var collection: CollectionName
  /// Records on this side that were added up.
  public var records: UInt64 = 0
  /// Sorted by ID.
  public var differences: [RecordDifference] = []
  /// Whether there may be more differences than are listed.
  public var isCut = false
  /// Records that were made good.
  public var repaired: UInt64 = 0
  /// Why nothing could be compared.
  public var obstacle: Obstacle?
  public var error: SessionError?
  /// Whether it came to its end, well or not.
  public var isFinished = false

  public init(collection: CollectionName) {
    self.collection = collection
  }

  /// nil if it did not come to that.
  public var isSame: Bool? {
    isFinished && error == nil && obstacle == nil ? differences.isEmpty && !isCut : nil
  }
}
