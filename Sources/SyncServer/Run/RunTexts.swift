import OfficeSyncCommandSupport
import OfficeSyncRecords
import OfficeSyncSyncLink

/// The words of `syncserver run` that people read.
enum RunTexts {
  /// A part of the contract: scripts wait for this line.
  static func listening(_ address: NetworkAddress) -> Prose { "listening on \(address)" }

  // MARK: The log

  static let serving = "serving"
  static let moved =
    "this store was moved, copied or put back from a copy: it goes on under a new replica ID"
  static let recovering =
    "in recovery: devices' copies of lost writes are taken; end it with `syncserver recovery --close`"
  static let onlyThisMachine =
    "only this machine can reach the server; let others in with --listen 0.0.0.0:7443"
  static let stopping = "stopping: what is in flight has ten seconds"
  static let stopped = "stopped"
  static let tooSlow = "stopped, though not everything in flight had finished"
  static let reloaded = "certificates, revocation list and configuration were read anew"
  static let revocationListTaken =
    "there is a newer revocation list, of another office or of the authority that enrols here: it is in force now"
  static let revocationListNotKept =
    "the revocation list could not be compared with those of other offices"
  static let notReloaded = "nothing was read anew; what was in force stays"
  static let listNotFollowed =
    "the revocation list's file cannot be watched: a new one is obeyed after SIGHUP"
  static let enrolmentNotFollowed =
    "the store's folder cannot be watched: an authority that enrols devices is used after SIGHUP"
  static let needsRestart =
    "a change of `listen` or `metrics` takes effect at the next start"
  static let fewDescriptors =
    "the system does not let this process open files for as many connections as `connections` says"
  static let noMetrics = "the file of figures cannot be written"
}

/// The failures of `syncserver run`; `docs/ERRORS.md` lists their names.
extension CommandError {
  static func cannotListen(_ error: ListenError) -> CommandError {
    let address = NetworkAddress(host: error.host, port: error.port)
    return error.isInUse
      ? CommandError(
        .storage, "port-in-use", "Another program listens at \(address) already.",
        remedy: "Stop it, or choose another port with `--listen HOST:PORT`.")
      : CommandError(
        .storage, "cannot-listen", "The server cannot listen at \(address): \(error.reason).",
        remedy: "Choose an address of this machine with `--listen HOST:PORT`.")
  }
}
