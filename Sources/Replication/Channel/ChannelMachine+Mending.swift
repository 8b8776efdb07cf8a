import OfficeSyncProtocol
import OfficeSyncRecords

/// What a channel does where names have forked. It ends there; with names in order the collection is begun again in a new
/// session.
extension ChannelMachine {
  // MARK: What was found here

  /// The peer has later writes of this store's own ID than the store itself, or other ones. A new ID does no harm, so a
  /// device is believed that far; that this office lost writes is believed of an office alone.
  mutating func renew(_ trust: Incoming.Trust) -> [Step] {
    phase = .mending
    return [.store(.renew(view.me, isRestored: trust == .office))]
  }

  /// Origins of which the peer's newest stamp is not in the list held here.
  mutating func tell(_ forked: [StampList]) -> [Step] {
    phase = .mending
    return mending.tell(forked, on: channel).map { .send($0) }
  }

  /// The store found out that names changed, or have to, since the channel was opened.
  mutating func interrupted(_ interruption: Interruption, peer: Peer) -> [Step] {
    switch (phase, interruption) {
    case (.finished, _): return []
    // What is left is to note what the peer said last: it is done, and would not answer.
    case (.streaming, _) where isExchanged:
      outcome.beginsAgain = true
      return finish()
    case (_, .ownNameInUse): return renew(peer.trust)
    case (_, .namesChanged): return mended(Healing(), .changed)
    }
  }

  // MARK: What the peer says

  mutating func fork(
    _ message: Fork, peer: Peer
  ) throws(SessionError) -> [Step] {
    if case .opening = phase { throw .unexpected(.fork, expecting: expected) }
    guard let lists = try mending.hear(message) else {
      phase = .mending
      return []
    }
    phase = .mending
    return [.store(.part(lists, trusted: peer.trust.believed))]
  }

  mutating func again(
    _ message: Again, peer: Peer
  ) throws(SessionError) -> [Step] {
    if case .opening = phase { throw .unexpected(.again, expecting: expected) }
    phase = .mending
    outcome.peerReason = message.reason
    let endings = mending.hear(message).filter { peer.trust.believed?.contains($0.origin) ?? true }
    if endings.isEmpty { return mended(Healing(), .forked) }
    return [.store(.heal(endings))]
  }

  // MARK: What the store has done

  mutating func healed(_ healing: Healing, peer: Peer) -> [Step] {
    if case .keepingEndings(let settlement, let theirs) = phase, healing.isEmpty {
      return stream(settlement, theirs, peer: peer)
    }
    return mended(healing, healing.reason)
  }

  mutating func parted(_ healing: Healing, _ endings: [Ending]) -> [Step] {
    mended(healing, healing.reason, endings)
  }

  /// Names are in order here.
  mutating func mended(
    _ healing: Healing, _ reason: Again.Reason, _ endings: [Ending] = []
  ) -> [Step] {
    phase = .mending
    outcome.beginsAgain = true
    outcome.healing.add(healing)
    let words = mending.sayAgain(reason, endings: endings, on: channel)
    return words.map { .send($0) } + (mending.isOver ? finish() : [])
  }
}

/// Why a channel cannot go on though nobody broke a rule.
public enum Interruption: Hashable, Sendable {
  /// Another session renamed writes, or the store took a new ID: what this one learnt goes by old names.
  case namesChanged
  /// The peer knows own writes of this store that the store does not have.
  case ownNameInUse
}

extension Healing {
  /// What the peer is told of it.
  fileprivate var reason: Again.Reason {
    if wasRetired { return .retired }
    return formerReplica == nil ? .forked : .renewed
  }
}

extension Incoming.Trust {
  /// Of whose names the peer is believed; nil for everybody's.
  var believed: Set<ReplicaID>? {
    switch self {
    case .office, .recovery: nil
    case .device(let replicas, _, _): replicas
    }
  }
}
