import OfficeSyncRecords

/// Why a receiver will never take a record as it is.
public enum RefusalReason: UInt64, Hashable, Sendable, CaseIterable {
  /// A value or an author in it is not the device's own.
  case notOwn = 1
  /// Field devices may not write reserved records, purge, or retire.
  case reserved = 2
  /// One name, two contents: two stores have written under it.
  case contradiction = 3
  /// The clock names a counter of another replica that this device cannot have seen.
  case badClock = 4
}

/// What became of a stream: the receiver's answer to `Done`, sent once everything is durable.
public struct Result: Hashable, Sendable {
  public struct Refusal: Hashable, Sendable {
    public var id: RecordID
    public var reason: RefusalReason

    public init(id: RecordID, reason: RefusalReason) {
      self.id = id
      self.reason = reason
    }
  }

  public var channel: Channel
  /// Records that changed the receiver's store.
  public var applied: UInt64
  /// Records that wait until the receiver has seen what they build on.
  public var deferred: UInt64
  /// Conflicts that are open now and were not before.
  public var newConflicts: UInt64
  public var refusals: [Refusal]
  /// Of the receiver's store after it took everything in.
  public var digest: KnowledgeDigest
  public var condition: Condition

  public init(
    channel: Channel, applied: UInt64, deferred: UInt64, newConflicts: UInt64,
    refusals: [Refusal], digest: KnowledgeDigest, condition: Condition
  ) {
    self.channel = channel
    self.applied = applied
    self.deferred = deferred
    self.newConflicts = newConflicts
    self.refusals = refusals
    self.digest = digest
    self.condition = condition
  }

  init(from reader: inout ByteReader) throws(CodecError) {
    channel = try reader.channel()
    applied = try reader.varint()
    deferred = try reader.varint()
    newConflicts = try reader.varint()
    let count = try reader.count(
      of: "refusals", itemBytesMin: 3, max: Limits.refusalsPerResultMax)
    refusals = []
    for _ in 0..<count {
      let id = try reader.recordID()
      let code = try reader.varint()
      guard let reason = RefusalReason(rawValue: code) else { throw .unknownTag("refusal", code) }
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
    writer.varint(refusals.count)
    for refusal in refusals {
      writer.prefixed(refusal.id.key.bytes)
      writer.varint(refusal.reason.rawValue)
    }
    writer.raw(digest.bytes)
    writer.condition(condition)
  }
}
