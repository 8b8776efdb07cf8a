import OfficeSyncRecords

/// Said by a client without a store: for which office it speaks from now on. What that office says is passed on as it is, so
/// that its names hold: whom progress belongs to, and who is seen in the office's lists.
public struct Relay: Hashable, Sendable {
  public var replica: ReplicaID
  public var replicaName: String
  /// Whose the replica is: an office.
  public var owner: Identity

  public init(replica: ReplicaID, replicaName: String, owner: Identity) {
    self.replica = replica
    self.replicaName = replicaName
    self.owner = owner
  }

  init(from reader: inout ByteReader) throws(CodecError) {
    replica = try reader.replica()
    guard replica != .zero else { throw .outOfRange("replica") }
    replicaName = try reader.text(of: "replica name", max: Limits.replicaNameBytesMax)
    owner = try reader.identity(of: "owner")
    guard owner.role == .office else { throw .outOfRange("owner") }
  }

  func encode(into writer: inout ByteWriter) {
    writer.replica(replica)
    writer.text(replicaName)
    writer.text(owner.description)
  }
}
