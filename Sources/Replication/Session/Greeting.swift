import OfficeSyncProtocol
import OfficeSyncRecords

extension LocalInfo {
  /// How a client with a store begins.
  func hello(wallMilliseconds: UInt64) -> Hello {
    Hello(
      software: software, replica: replica, replicaName: replicaName,
      wallMilliseconds: wallMilliseconds, formerReplicas: formerReplicas,
      compressions: compressions)
  }
}

extension Welcome {
  /// Checks that the server chose of what was offered.
  /// - Throws: ``SessionError`` `.versionUnsupported`, `.protocolViolation`
  func requireOffered(_ compressions: [Compression]) throws(SessionError) {
    guard version == Hello.version else {
      throw SessionError(
        .versionUnsupported, "the server chose version \(version), which was not offered")
    }
    if let compression, !compressions.contains(compression) {
      throw SessionError(.protocolViolation, "the server compresses, which was not offered")
    }
  }
}

extension PeerInfo {
  /// - Parameter identity: as the server's certificate names it.
  init(_ welcome: Welcome, identity: Identity) {
    self.init(
      identity: identity, replica: welcome.replica, replicaName: welcome.replicaName,
      software: welcome.software)
  }
}
