import OfficeSyncRecords

/// The client's first message: who it is beside its certificate, and what it speaks.
public struct Hello: Hashable, Sendable {
  /// The version of the protocol that this code speaks.
  public static let version: UInt64 = 1

  public var versionMin: UInt64
  public var versionMax: UInt64
  /// Name and version of the program, for logs.
  public var software: String
  /// `.zero` from an office's program that has no store and says ``Relay`` next.
  public var replica: ReplicaID
  public var replicaName: String
  /// The sender's wall clock, in milliseconds since 1970 UTC.
  public var wallMilliseconds: UInt64
  /// Replica IDs that this very store wrote under before: it was copied, or put back from a copy, and took a new one.
  /// Sorted, at most ``Limits/formerReplicasMax``.
  public var formerReplicas: [ReplicaID]
  /// What the client can compress and decompress; rising.
  public var compressions: [Compression]

  public init(
    versionMin: UInt64 = version, versionMax: UInt64 = version, software: String,
    replica: ReplicaID, replicaName: String, wallMilliseconds: UInt64,
    formerReplicas: [ReplicaID] = [], compressions: [Compression] = []
  ) {
    self.versionMin = versionMin
    self.versionMax = versionMax
    self.software = software
    self.replica = replica
    self.replicaName = replicaName
    self.wallMilliseconds = wallMilliseconds
    self.formerReplicas = formerReplicas
    self.compressions = compressions
  }

  init(from reader: inout ByteReader) throws(CodecError) {
    versionMin = try reader.varint()
    versionMax = try reader.varint()
    guard versionMin >= 1, versionMin <= versionMax else { throw .outOfRange("versions") }
    software = try reader.text(of: "software", max: Limits.softwareBytesMax)
    replica = try reader.replica()
    replicaName = try reader.text(of: "replica name", max: Limits.replicaNameBytesMax)
    wallMilliseconds = try reader.varint()
    let count = try reader.count(
      of: "former replicas", itemBytesMin: ReplicaID.byteCount, max: Limits.formerReplicasMax)
    formerReplicas = []
    for _ in 0..<count {
      let former = try reader.replica()
      if let last = formerReplicas.last, last >= former { throw .notCanonical("former replicas") }
      formerReplicas.append(former)
    }
    compressions = try reader.compressions().compactMap { $0 }
  }

  func encode(into writer: inout ByteWriter) {
    writer.varint(versionMin)
    writer.varint(versionMax)
    writer.text(software)
    writer.replica(replica)
    writer.text(replicaName)
    writer.varint(wallMilliseconds)
    writer.varint(formerReplicas.count)
    for former in formerReplicas { writer.replica(former) }
    writer.compressions(compressions)
  }
}
