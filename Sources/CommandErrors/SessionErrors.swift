import OfficeSyncCommandSupport
import OfficeSyncProtocol
import OfficeSyncRecords
import OfficeSyncReplication

/// What a session was about, for the sentence that says why it failed.
public struct SessionContext: Sendable {
  /// The address as it was asked for.
  public var server: String
  /// Who asked.
  public var identity: Identity?
  /// The collection that was refused; nil if the session as a whole failed.
  public var collection: CollectionName?
  /// What was wanted of it.
  public var directions: Directions

  public init(
    server: String, identity: Identity? = nil, collection: CollectionName? = nil,
    directions: Directions = [.pull, .push]
  ) {
    self.server = server
    self.identity = identity
    self.collection = collection
    self.directions = directions
  }
}

extension CommandError {
  /// Why a session, or one collection of it, ended without doing what was asked.
  public init(_ error: SessionError, _ context: SessionContext) {
    let server = context.server
    switch error.code {
    case .protocolViolation:
      let who = error.side == .here ? "\(server) broke" : "\(server) says this side broke"
      self = CommandError(
        .protocolViolation, "protocol-violation", "\(who) the protocol: \(error.message).",
        remedy: "Bring both sides to the same version; report it if it comes back.")
    case .versionUnsupported:
      self = CommandError(
        .protocolViolation, "version-unsupported",
        "\(server) speaks another version of the protocol: \(error.message).",
        remedy: "Update the older side.")
    case .notAllowed: self = .notAllowed(context)
    case .replicaOwnedByAnother:
      self = CommandError(
        .notAllowed, "replica-of-another",
        "\(server) knows this store's replica under another identity.",
        remedy: "Use the certificate that the store was made for, or make a new store.")
    case .clockAhead:
      self = CommandError(
        .notAllowed, "clock-ahead",
        "\(server) takes no writes from here while this clock is ahead: \(error.message).",
        remedy: "Set this machine's clock (is NTP running?) and sync again.")
    case .forked: self = .forked(error.message)
    case .overLimit:
      self = CommandError(
        .badData, "over-limit", "\(server) refuses what is over a limit: \(error.message).",
        remedy: "Make it smaller; docs/PROTOCOL.md lists the limits.")
    case .storage:
      switch error.side {
      case .here:
        self = CommandError(
          .storage, "record-damaged",
          "It was not sent: \(error.message).",
          remedy:
            "`syncclient verify --repair` fetches it from an office that has it; docs/ERRORS.md says what to do if none has."
        )
      case .peer:
        self = CommandError(
          .unreachable, "server-storage-failed",
          "\(server) cannot go on: \(error.message).",
          remedy: "Tell whoever runs it; what was done is kept, so the same command goes on later.")
      }
    case .shuttingDown:
      self = CommandError(
        .unreachable, "server-stopping", "\(server) is shutting down.",
        remedy: "What was done is kept; run the same command again when it is back.")
    case .idle:
      self = CommandError(
        .unreachable, "server-gave-up", "\(server) heard nothing for too long and hung up.",
        remedy: "What was done is kept; run the same command again to go on.")
    case .damaged:
      let name = context.collection.map { "Collection \($0)" } ?? "A collection"
      self = CommandError(
        .storage, "contents-differ",
        "\(name) has other contents here than at \(server), though both know the same writes.",
        remedy: "One of the stores is damaged: `syncclient verify` finds the records.")
    case .knowledgeDiffers:
      self = CommandError(
        .busy, "knowledge-differs", "\(server) and this store do not know the same writes.",
        remedy: "Sync first, then compare again.")
    case .notTrusted:
      self = CommandError(
        .notAllowed, "certificate-refused", "\(server) ended the session: \(error.message).",
        remedy: "Ask whoever runs the authority for a certificate, if you should still have access."
      )
    case .busy: self = .serverBusy("\(server) takes nothing more from here now: \(error.message).")
    case .unknown:
      self = CommandError(
        .protocolViolation, "unknown-refusal",
        "\(server) refuses for a reason this version does not know: \(error.message).",
        remedy: "Update this program.")
    }
  }

  private static func notAllowed(_ context: SessionContext) -> CommandError {
    let who = context.identity?.description ?? "this identity"
    let what = context.collection?.text ?? "the collection"
    if context.collection == .office, context.identity?.role == .field {
      return CommandError(
        .notAllowed, "not-allowed", "Field devices have no access to \(what).",
        remedy: "It is for the offices alone.")
    }
    let grant = ShellCommand(
      [
        "syncserver", "access", "grant", context.identity?.description ?? "IDENTITY",
        context.collection?.text ?? "COLLECTION",
      ] + (context.directions == .pull ? ["--read"] : []))
    return CommandError(
      .notAllowed, "not-allowed",
      "\(context.server) does not give \(who) access to \(what), or has no such collection.",
      remedy: "At the office this allows it: `\(grant)`.")
  }

  static func forked(_ message: String) -> CommandError {
    CommandError(
      .notAllowed, "replica-forked", "Copies of a store cannot be told apart: \(message).",
      remedy: "Sync again when nobody copies or restores a store; report it if it comes back.")
  }

  static var restored: CommandError {
    CommandError(
      .notAllowed, "store-restored",
      "Others have later writes of this store than the store itself: an older copy was put back.",
      remedy: "Sync again: the store takes a new replica ID by itself.")
  }
}
