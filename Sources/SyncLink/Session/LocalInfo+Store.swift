import OfficeSyncProtocol
import OfficeSyncReplication
import OfficeSyncStorage

extension LocalInfo {
  /// How a store names itself in a session.
  public init(_ replica: ReplicaInfo, software: String, compressions: [Compression] = []) {
    // A store that was copied more often than a Hello holds cannot push what it wrote under the names left out.
    let former = replica.formerIDs.prefix(Limits.formerReplicasMax)
    self.init(
      identity: replica.identity, replica: replica.id, replicaName: replica.name,
      software: software, formerReplicas: Array(former),
      compressions: compressions)
  }
}
