import Logging
import OfficeSyncRecords
import OfficeSyncReplication

/// What a session came to, for the log line and for `replicas`.
public struct SessionSummary: Sendable {
  /// As the certificate names it.
  public var identity: Identity
  /// nil if it never said which replica it is.
  public var peer: PeerInfo?
  public var address: String
  public var outcomes: [ChannelOutcome]
  public var traffic: Traffic
  public var duration: Duration
  /// nil for a session that ended well.
  public var failure: String?

  /// Who, what, how much, how long. Numbers stay numbers, for logs that machines read.
  var metadata: Logger.Metadata {
    let names = outcomes.map(\.collection.text).sorted()
    var metadata: Logger.Metadata = [
      "identity": "\(identity)", "address": "\(address)",
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
    if !refusals.isEmpty { metadata["refused"] = .array(refusals.map { "\($0)" }) }
    return metadata
  }

  private func total(_ count: KeyPath<ChannelOutcome, UInt64>) -> Logger.MetadataValue {
    .stringConvertible(outcomes.reduce(0) { $0 + $1[keyPath: count] })
  }
}
