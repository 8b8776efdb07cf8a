import NIOPosix
import OfficeSyncProtocol
import OfficeSyncRecords
import OfficeSyncReplication
import OfficeSyncStorage

/// Answers what a server's session asks beside its channels' store requests: who is let in, and to what.
struct Reception: Sendable {
  let desk: any FrontDesk
  let worker: StoreWorker

  /// Of what changed in the store, what somebody may read.
  func readable(
    _ digests: ChangeFeed.Digests, by identity: Identity
  ) async throws -> ChangeFeed.Digests {
    try await worker.run { [desk] in
      try digests.filter { name, _ in
        try !desk.allowed(.pull, in: name, to: identity).isEmpty
      }
    }
  }

  /// - Returns: how the session goes on with the answer.
  func answer(
    _ action: SessionAction, to peer: PeerInfo
  ) async throws -> @Sendable (inout ServerSession) throws -> [SessionAction] {
    switch action {
    case .admit:
      let admission = try await worker.run { [desk] in try desk.admit(peer) }
      return { $0.admitted(admission.access, isRecovering: admission.isRecovering) }
    case .authorize(let open):
      let allowed = try await worker.run { [desk] in
        try desk.allowed(open.directions, in: open.collection, to: peer.identity)
      }
      let view =
        allowed.isEmpty ? nil : try await worker.open(open.collection, on: open.channel)
      let hasRoom = open.collection == .office ? true : try await worker.hasRoom
      return { $0.authorized(open, directions: allowed, view: view, hasRoom: hasRoom) }
    case .review(let names):
      let access = try await worker.run { [desk] in
        var access = Dictionary(
          try desk.access(of: peer.identity).map { ($0.collection, $0.directions) },
          uniquingKeysWith: { $1 })
        for name in names where access[name] == nil {
          access[name] = try desk.allowed([.pull, .push], in: name, to: peer.identity)
        }
        return access
      }
      return { try $0.reviewed(access) }
    case .send, .store, .awaitDrain, .raiseFrameLimit, .compress, .watch, .finished, .close:
      return { _ in [] }
    }
  }
}
