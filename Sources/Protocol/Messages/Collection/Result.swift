import OfficeSyncRecords

/// What became of a stream: the receiver's answer to `Done`, sent once everything is durable.
public struct Result: Hashable, Sendable {
  public struct Refusal: Hashable, Sendable {
    public var id: RecordID
    public var reason: AdmissionRule.Refusal

    public init(id: RecordID, reason: AdmissionRule.Refusal) {
      self.id = id
      self.reason = reason
    }
  }

  public var channel: Channel
  /// Records that changed the receiver's store.
  public var applied: UInt64
  /// Records that wait until the receiver has seen what they build on, or its clock has reached their times.
  public var deferred: UInt64
  /// Conflicts that are open now and were not before.
  public var newConflicts: UInt64
  /// Records that were refused for good.
  public var refused: UInt64
  /// The first of them by name.
  public var refusals: [Refusal]
  /// Of the receiver's store after it took everything in.
  public var digest: KnowledgeDigest
  public var condition: Condition

  public init(
    channel: Channel, applied: UInt64, deferred: UInt64, newConflicts: UInt64,
    refused: UInt64, refusals: [Refusal], digest: KnowledgeDigest, condition: Condition
  ) {
    self.channel = channel
    self.applied = applied
    self.deferred = deferred
    self.newConflicts = newConflicts
    self.refused = refused
    self.refusals = refusals
    self.digest = digest
    self.condition = condition
  }

  init(from reader: inout ByteReader) throws(CodecError) {
    channel = try reader.channel()
    applied = try reader.varint()
    deferred = try reader.varint()
    newConflicts = try reader.varint()
    refused = try reader.varint()
    let count = try reader.count(
      of: "refusals", itemBytesMin: 3, max: Limits.refusalsPerResultMax)
    refusals = []
    for _ in 0..<count {
      let id = try reader.recordID()
      let code = try reader.varint()
      guard let reason = AdmissionRule.Refusal(wireCode: code) else {
        throw .unknownTag("refusal", code)
      }
      refusals.append(Refusal(id: id, reason: reason))
    }
    digest = try reader.digest()
    condition = try reader.condition()
  }

  func encode(into writer: inout ByteWriter) {
    writer.varint(channel)
    writer.varint(applied)
    writer.varint(deferred)
    writer.varint(newConflicts)
    writer.varint(refused)
    writer.varint(refusals.count)
    for refusal in refusals {
      writer.prefixed(refusal.id.key.bytes)
      writer.varint(refusal.reason.wireCode)
    }
    writer.raw(digest.bytes)
    writer.condition(condition)
  }
}

extension AdmissionRule.Refusal {
  var wireCode: UInt64 {
    switch self {
    case .notOwn: 1
    case .reserved: 2
    case .contradiction: 3
    }
  }

  init?(wireCode: UInt64) {
    guard let refusal = Self.allCases.first(where: { $0.wireCode == wireCode }) else { return nil }
    self = refusal
  }
}
