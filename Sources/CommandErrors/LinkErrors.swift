import OfficeSyncCommandSupport
import OfficeSyncReplication
import OfficeSyncSyncLink

extension CommandError {
  /// Why a connection could not be made, or broke.
  ///
  /// - Parameter server: the address as it was asked for.
  public init(_ error: LinkError, at server: String) {
    self.init(error, SessionContext(server: server))
  }

  /// As above, for a session on which more is known.
  public init(_ error: LinkError, _ context: SessionContext) {
    let server = context.server
    switch error.kind {
    case .unreachable:
      self = CommandError(
        .unreachable, "unreachable", "\(server) cannot be reached: \(error.message).",
        remedy: "Check the address and the network; is `syncserver run` up there?")
    case .broken:
      self = CommandError(
        .unreachable, "link-broken", "The link to \(server) broke: \(error.message).",
        remedy: "What was done is kept; run the same command again to go on.")
    case .security(let error): self.init(error, server: server)
    case .session(let error): self.init(error, context)
    case .storage(let error): self.init(error)
    case .enrolment(let refusal): self.init(refusal, server: server)
    case .stopped: self = .interrupted
    }
  }
}
