import Logging
import OfficeSyncProtocol
import OfficeSyncRecords
import OfficeSyncReplication
import OfficeSyncStorage

/// The front desk of an office's store: its grants decide, its register says which replica belongs to whom.
public struct StoreFrontDesk: FrontDesk {
  /// At a replica's first visit this many of its writes, in each collection, are looked at for their author.
  private static let witnessesMax = 64
  /// A store has one, and another for each time that it was copied or put back.
  public static let replicasPerDay = 32

  private let store: SQLiteStore
  private let refusals: RefusalLog
  private let newReplicas: DeviceAllowance
  private let wall: @Sendable () -> UInt64

  /// - Parameters:
  ///   - refusals: for what others should not have tried; nil for a log of its own.
  ///   - replicasPerDay: replica IDs that nobody knew and that one field device may show within a day: each is a record that
  ///     all offices keep.
  ///   - wall: the wall clock, in milliseconds since 1970 UTC.
  public init(
    store: SQLiteStore, logger: Logger, refusals: RefusalLog? = nil,
    replicasPerDay: Int = Self.replicasPerDay, wall: @escaping @Sendable () -> UInt64
  ) {
    self.store = store
    self.refusals = refusals ?? RefusalLog(logger)
    newReplicas = DeviceAllowance(perDay: replicasPerDay)
    self.wall = wall
  }

  /// How many new replica IDs a field device may show within a day from now on.
  public func take(replicasPerDay: Int) { newReplicas.change(perDay: replicasPerDay) }

  public func admit(_ peer: PeerInfo) throws -> Admission {
    if peer.replica != .zero {
      for replica in [peer.replica] + peer.formerReplicas { try checkOwner(of: replica, peer) }
      if !peer.formerReplicas.isEmpty {
        try store.note(successor: peer.replica, of: peer.formerReplicas)
      }
      if try store.hasRetired(peer.replica) {
        refusals.log(
          .warning, "a retired replica is back: its store is told to go on under a new replica ID",
          on: peer.identity.description,
          metadata: ["identity": "\(peer.identity)", "replica": "\(peer.replica)"])
      }
      try store.noteSeen(peer.replica, atMilliseconds: wall())
    }
    return Admission(
      access: try access(of: peer.identity),
      isRecovering: try store.isRecovering)
  }

  public func allowed(
    _ directions: Directions, in collection: CollectionName, to identity: Identity
  ) throws -> Directions {
    let access = try store.access(of: identity, to: collection)
    var allowed: Directions = []
    if access.mayRead { allowed.insert(.pull) }
    if access.mayWrite { allowed.insert(.push) }
    return allowed.intersection(directions)
  }

  public func departed(_ summary: SessionSummary) throws {
    guard let replica = summary.peer?.replica else { return }
    for outcome in summary.outcomes {
      guard let knowledge = outcome.peerKnowledge else { continue }
      try store.notePeer(
        replica, atMilliseconds: wall(), knowledge: knowledge, in: outcome.collection)
    }
  }

  // MARK: Whose a replica is

  /// The first identity that shows a replica has it for ever. An office may present another office's, as a courier does.
  private func checkOwner(of replica: ReplicaID, _ peer: PeerInfo) throws {
    let owner: Identity
    do {
      owner = try store.owner(of: replica) ?? ownerOfNew(replica, peer)
    } catch StorageError.disputed(_, let identities) {
      let names = identities.map(\.description).joined(separator: " and ")
      refusals.log(
        .warning, "a replica is refused until an administrator says whose it is",
        on: peer.identity.description,
        metadata: ["identity": "\(peer.identity)", "replica": "\(replica)", "owners": "\(names)"])
      throw SessionError(
        .replicaOwnedByAnother,
        "\(names) both claim the replica ID \(replica); an administrator has to settle that")
    }
    if owner != peer.identity {
      let names: Logger.Metadata = [
        "identity": "\(peer.identity)", "replica": "\(replica)", "owner": "\(owner)",
      ]
      guard peer.identity.role == .office, owner.role == .office else {
        refusals.log(
          .warning, "a replica was presented by somebody who does not own it",
          on: peer.identity.description, metadata: names)
        throw SessionError(
          .replicaOwnedByAnother,
          "the replica ID \(replica) belongs to another identity than \(peer.identity)")
      }
      refusals.log(
        .notice, "an office presents another office's replica", on: peer.identity.description,
        metadata: names)
    }
    do {
      try store.bind(
        replica: replica, to: owner, name: peer.replicaName, wallMilliseconds: wall())
    } catch StorageError.ownedByAnother {
      // Another connection was quicker.
      throw SessionError(
        .replicaOwnedByAnother, "the replica ID \(replica) belongs to another identity")
    }
  }

  private func ownerOfNew(_ replica: ReplicaID, _ peer: PeerInfo) throws -> Identity {
    guard newReplicas.take(1, of: peer.identity, atMilliseconds: wall()) else {
      throw SessionError(
        .busy, "\(peer.identity) has shown as many new replica IDs as are taken within a day")
    }
    return try author(behind: replica) ?? peer.owner
  }

  /// Who wrote what is here under a replica that never came itself: its writes were relayed by other offices.
  private func author(behind replica: ReplicaID) throws -> Identity? {
    for collection in try store.collections() {
      let snapshot = try store.snapshot(of: collection)
      guard try snapshot.knowledge.vector[replica] > 0 || snapshot.condition.isPartial else {
        continue
      }
      var cursor = EntryCursor(counter: 0)
      for _ in 0..<Self.witnessesMax {
        let rows = try snapshot.entries(of: replica, after: cursor, bytesGoal: 1)
        guard let last = rows.last else { break }
        cursor = last.cursor
        for row in rows {
          let siblings = try snapshot.record(row.id)?.fields.flatMap(\.siblings) ?? []
          if let own = siblings.first(where: { $0.dot.replica == replica }) {
            return own.write.author
          }
        }
      }
    }
    return nil
  }

  // MARK: What somebody may reach

  /// By name.
  public func access(of identity: Identity) throws -> [Welcome.Access] {
    let held = Set(try store.collections())
    var names = held
    for case .collection(let name) in try store.grants().map(\.scope) { names.insert(name) }
    if identity.role == .office { names.insert(.office) }
    var accessible: [Welcome.Access] = []
    for name in names.sorted() {
      let access = try store.access(of: identity, to: name)
      if access == .none { continue }
      accessible.append(
        Welcome.Access(
          collection: name, read: access.mayRead, write: access.mayWrite,
          isHeld: held.contains(name)))
    }
    return Array(accessible.prefix(Limits.collectionsMax))
  }
}
