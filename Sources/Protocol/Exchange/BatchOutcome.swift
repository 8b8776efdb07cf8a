import OfficeSyncRecords

/// What became of a batch of records that a peer sent.
public struct BatchOutcome: Hashable, Sendable {
  public var applied: UInt64 = 0
  public var deferred: UInt64 = 0
  public var newConflicts: UInt64 = 0
  public var refused: [Refused] = []

  public struct Refused: Hashable, Sendable {
    public var id: RecordID
    public var refusal: AdmissionRule.Refusal

    public init(id: RecordID, refusal: AdmissionRule.Refusal) {
      self.id = id
      self.refusal = refusal
    }
  }

  public init() {}
}
