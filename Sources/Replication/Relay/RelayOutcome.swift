import OfficeSyncProtocol
import OfficeSyncRecords

/// One of the two offices between which a courier carries, as the command line names them.
public enum RelayEnd: String, CaseIterable, Hashable, Sendable {
  case from, to

  public var other: RelayEnd { self == .from ? .to : .from }
}

/// A failure, with the office at which it came up.
public struct RelayFailure: Hashable, Sendable {
  public var end: RelayEnd
  public var error: SessionError

  public init(_ end: RelayEnd, _ error: SessionError) {
    self.end = end
    self.error = error
  }
}

/// What became of one collection that a courier carried.
public struct RelayOutcome: Hashable, Sendable {
  /// What flowed from one office to the other.
  public struct Flow: Hashable, Sendable {
    public var carried: UInt64 = 0
    /// What its receiver made of it; nil until it has said so.
    public var result: Result?
  }

  public var collection: CollectionName
  /// By the office that the records came from; only those that both offices allow.
  public var flows: [RelayEnd: Flow] = [:]
  /// What was asked for and an office does not allow, or takes nothing of now; by the office that the records would have
  /// come from.
  public var denied: [RelayEnd: RelayFailure] = [:]
  /// How the offices stood at the end, as far as they said.
  public var standings: [RelayEnd: Standing] = [:]
  /// Equal knowledge and contents; nil where one direction was asked for and the other side has more.
  public var inSync: Bool?
  /// Why the offices begin again, if names changed.
  public var reasons: [Again.Reason] = []
  /// If it has to be begun again in a new session, the offices that it then comes from.
  public var beginsAgain: Set<RelayEnd>?
  /// What it failed with at one of the offices.
  public var failure: RelayFailure?
  public var isFinished = false

  public init(collection: CollectionName) {
    self.collection = collection
  }

  /// Takes in what an earlier run carried, of the same collection.
  public mutating func follow(_ earlier: RelayOutcome) {
    for (source, flow) in earlier.flows {
      flows[source, default: Flow()].carried += flow.carried
    }
  }
}
