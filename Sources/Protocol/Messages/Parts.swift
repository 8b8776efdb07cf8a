import OfficeSyncRecords

/// The number of a collection within one session, chosen by the client.
public typealias Channel = UInt64

/// How a collection's contents stand in a store at one moment.
public struct Condition: Hashable, Sendable {
  public var fingerprint: Fingerprint
  /// Whether the store holds records ahead of its knowledge, from a session that was cut: then equal knowledge need not
  /// mean equal fingerprints.
  public var isPartial: Bool

  public init(fingerprint: Fingerprint, isPartial: Bool) {
    self.fingerprint = fingerprint
    self.isPartial = isPartial
  }
}

extension ByteWriter {
  mutating func condition(_ condition: Condition) {
    raw(condition.fingerprint.bytes)
    byte(condition.isPartial ? 1 : 0)
  }

  mutating func stamp(_ stamp: Stamp) {
    varint(stamp.counter)
    replica(stamp.token)
  }

  /// The one byte 00 stands for none.
  mutating func stampOrNone(_ stamp: Stamp?) {
    if let stamp { self.stamp(stamp) } else { byte(0) }
  }
}

extension ByteReader {
  mutating func condition() throws(CodecError) -> Condition {
    let fingerprint = try fingerprint()
    return Condition(
      fingerprint: fingerprint, isPartial: try flags(allowed: 1, of: "condition") == 1)
  }

  mutating func fingerprint() throws(CodecError) -> Fingerprint {
    guard let value = Fingerprint(bytes: try raw(Fingerprint.byteCount)) else { throw .truncated }
    return value
  }

  mutating func digest() throws(CodecError) -> KnowledgeDigest {
    KnowledgeDigest(trusted: Array(try raw(KnowledgeDigest.byteCount)))
  }

  mutating func stamp() throws(CodecError) -> Stamp {
    Stamp(counter: try counter(), token: try replica())
  }

  mutating func stampOrNone() throws(CodecError) -> Stamp? {
    let counter = try varint()
    guard counter <= Dot.counterMax else { throw .outOfRange("counter") }
    return counter == 0 ? nil : Stamp(counter: counter, token: try replica())
  }

  /// One byte of flags; a bit outside `allowed` is refused.
  mutating func flags(allowed: UInt8, of what: String) throws(CodecError) -> UInt8 {
    let value = try byte()
    guard value & ~allowed == 0 else { throw .outOfRange("flags of \(what)") }
    return value
  }

  mutating func channel() throws(CodecError) -> Channel {
    let value = try varint()
    guard (1...UInt64(UInt32.max)).contains(value) else { throw .outOfRange("channel") }
    return value
  }

  mutating func collection() throws(CodecError) -> CollectionName {
    let text = try text(of: "collection", max: 64)
    do { return try CollectionName(text) } catch { throw .name(error) }
  }

  mutating func identity(of what: String) throws(CodecError) -> Identity {
    let text = try text(of: what, max: 128)
    do { return try Identity(text) } catch { throw .name(error) }
  }

  mutating func recordID() throws(CodecError) -> RecordID {
    let bytes = try bytes(of: "record ID", max: RecordID.bytesMax)
    do { return try RecordID(bytes: Array(bytes)) } catch { throw .name(error) }
  }
}
