import Logging
import OfficeSyncProtocol
import OfficeSyncRecords
import OfficeSyncReplication

/// What a session came to, for the log line and for `replicas`.
public struct SessionSummary: Sendable {
  public var visitor: Visitor
  /// nil if it never said which replica it is.
  public var peer: PeerInfo?
  public var outcomes: [ChannelOutcome]
  public var traffic = Traffic()
  public var duration: Duration = .zero
  /// Records that were handed out, whole, to a client that compares, by collection; none where the sums were the same.
  public var compared: [CollectionName: UInt64] = [:]
  /// nil for a session that ended well.
  public var failure: LinkError?

  public init(visitor: Visitor, peer: PeerInfo?, outcomes: [ChannelOutcome]) {
    self.visitor = visitor
    self.peer = peer
    self.outcomes = outcomes
  }

  /// As the certificate names it.
  public var identity: Identity { visitor.identity }

  /// Whether something was carried, or went wrong.
  var broughtSomething: Bool {
    outcomes.contains { $0.sent + $0.received > 0 || $0.error != nil }
  }

  /// Whether something that the client wanted was not done.
  var wasTurnedDown: Bool {
    outcomes.contains { $0.turnedDown + $0.withheld > 0 || $0.error != nil }
  }

  /// Who, what, how much, how long. Numbers stay numbers, for logs that machines read.
  var metadata: Logger.Metadata {
    let names = outcomes.map(\.collection.text).sorted()
    var metadata: Logger.Metadata = [
      "identity": "\(identity)", "address": "\(visitor.address)",
      "collections": .array(names.map { "\($0)" }),
      "sent": total(\.sent), "received": total(\.received), "applied": total(\.applied),
      "bytesSent": .stringConvertible(traffic.bytesSent),
      "bytesReceived": .stringConvertible(traffic.bytesReceived),
      "milliseconds": .stringConvertible(duration.milliseconds),
    ]
    if let peer {
      metadata["replica"] = "\(peer.replica)"
      metadata["software"] = "\(peer.software)"
    }
    let refusals = outcomes.compactMap { outcome in
      outcome.error.map { "\(outcome.collection): \($0.message)" }
    }
    for (name, count) in [("withheld", \ChannelOutcome.withheld), ("turnedDown", \.turnedDown)]
    where outcomes.contains(where: { $0[keyPath: count] > 0 }) {
      metadata[name] = total(count)
    }
    if !refusals.isEmpty { metadata["refused"] = .array(refusals.map { "\($0)" }) }
    return metadata
  }

  /// What was done about names that two stores had written under: a line each.
  var healings: [(message: String, metadata: Logger.Metadata)] {
    outcomes.filter(\.beginsAgain).flatMap { outcome in
      var lines: [(message: String, metadata: Logger.Metadata)] = []
      var metadata: Logger.Metadata = [
        "collection": "\(outcome.collection)", "identity": "\(identity)",
      ]
      if let former = outcome.healing.formerReplica {
        metadata["replica"] = "\(former)"
        lines.append(
          (
            outcome.healing.wasRetired
              ? "this store's replica ID was retired: it goes on under a new one"
              : "this store was copied or put back from a copy: it goes on under a new replica ID",
            metadata
          ))
      }
      for renaming in outcome.healing.renamings
      where renaming.origin != outcome.healing.formerReplica {
        metadata["replica"] = "\(renaming.origin)"
        metadata["after"] = .stringConvertible(renaming.after)
        metadata["name"] = "\(renaming.name)"
        lines.append(
          (
            "writes beyond the end of a replica ID, which was forked or retired, go by a new name",
            metadata
          ))
      }
      if let word = outcome.peerReason?.word {
        metadata["replica"] = peer.map { "\($0.replica)" }
        lines.append(
          ("the client's store \(word): it goes on under a new replica ID", metadata))
      }
      return lines
    }
  }

  private func total(_ count: KeyPath<ChannelOutcome, UInt64>) -> Logger.MetadataValue {
    .stringConvertible(outcomes.reduce(0) { $0 + $1[keyPath: count] })
  }
}

extension Again.Reason {
  /// What happened to the store of the side that says this; nil if it has no new replica ID because of it.
  fileprivate var word: String? {
    switch self {
    case .renewed: "was copied or put back from a copy"
    case .retired: "was retired"
    case .forked, .changed: nil
    }
  }
}
