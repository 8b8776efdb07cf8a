import Foundation
import OfficeSyncCommandSupport

/// The words of `syncserver doctor`, some of which a running server logs as well.
enum DoctorTexts {
  static func line(_ finding: Finding) -> Prose {
    "\(finding.grade.rawValue): \(finding.check.rawValue): \(finding.line)."
  }

  static func date(_ seconds: Int64) -> String {
    Date(timeIntervalSince1970: TimeInterval(seconds)).formatted(.iso8601)
  }

  static func bytes(_ count: UInt64) -> String { Amounts.bytes(Int(clamping: count)) }

  // MARK: Certificates

  static let noHostNames = "the certificate names no host, so clients will refuse it"
  static let issueWithHost = "issue one with `syncserver pki issue --host`"
  static let notForServers = "the certificate is not made for servers, so clients will refuse it"
  static let issueAnother = "issue another with `syncserver pki issue`"

  static func certificateEnds(_ end: String) -> String { "the certificate ends on \(end)" }
  static func authorityEnds(_ end: String) -> String {
    "the authority's certificate ends on \(end)"
  }
  static let newAuthority =
    "make a new authority with `syncserver pki init`, add its ca.pem to everybody's, then issue all certificates anew"

  static let noRevocationList =
    "there is no revocation list, so revoked certificates are let in"
  static let copyList = "copy the authority's crl.pem here"

  static func listDue(_ end: String) -> String { "the revocation list is due on \(end)" }
  static func listWasDue(_ end: String) -> String {
    "the revocation list was due on \(end), so later revocations are not known"
  }
  static let strictWithoutList =
    "there is no revocation list, and with strict-crl nobody is let in without one"
  static func strictListWasDue(_ end: String) -> String {
    "the revocation list was due on \(end), and with strict-crl nobody is let in since"
  }
  static let renewList = "renew it with `syncserver pki renew-list` and copy it here"

  static func enrolmentEnds(_ end: String) -> String {
    "the authority that enrols devices ends on \(end)"
  }
  static let newEnrolment =
    "make another with `syncserver pki enrolment --force`, in the place of the folder `enrolment`"

  // MARK: Clock

  static func clockShows(_ now: String) -> String { "the clock shows \(now)" }
  static func clockBeforeProgram(_ now: String, _ program: String) -> String {
    "the clock shows \(now), and this program was installed on \(program)"
  }
  static func clockBehindRecords(_ now: String, _ newest: String) -> String {
    "the clock shows \(now), and the store has followed times up to \(newest)"
  }
  static let setClock = "set the clock, and let a time service keep it (systemd-timesyncd, chrony)"

  // MARK: Disk

  static func free(_ free: UInt64, _ total: UInt64) -> String {
    "\(bytes(free)) of \(bytes(total)) are free"
  }
  static func belowReserve(_ free: UInt64, _ kept: UInt64) -> String {
    "only \(bytes(free)) are free, less than the reserve of \(bytes(kept)): nothing is taken from others"
  }
  static let freeSpace = "free some space, or give the store a larger disk"
  static let notMeasured = "the system does not say how much is free"

  // MARK: Database

  static func database(_ file: UInt64, log: UInt64) -> String {
    "sound, \(bytes(file)) and a log of \(bytes(log))"
  }
  static func damaged(_ first: String, _ count: Int) -> String {
    count == 1 ? "damaged: \(first)" : "damaged in \(count) places, the first: \(first)"
  }
  static let verify =
    "`syncclient verify --local` tells what is damaged, `verify --repair` mends it with another office's help; see \"A damaged store\" in docs/ERRORS.md"
  static func longLog(_ log: UInt64) -> String { "its log has grown to \(bytes(log))" }
  static let endReader =
    "something has been reading the store for long: end it, or restart the server"
  static func unsafe(_ journal: String, _ synchronous: Int) -> String {
    "journal_mode is \(journal) and synchronous \(synchronous), so a power cut may lose writes"
  }
  static let reopen =
    "stop whatever set that; `syncserver run` sets WAL and FULL when it opens the store"
  static func foreign(_ id: UInt32) -> String {
    "the file's application_id is \(id), which is not OfficeSync's"
  }
  static let putBack = "put the store back from a backup with `syncserver restore`"

  // MARK: Permissions

  static let allPrivate = "key, store and settings are their owner's alone"
  static func open(_ path: String, _ mode: String) -> String {
    "others of this machine can get at \(path) (mode \(mode))"
  }
  static func close(_ mode: String, _ path: String) -> String {
    ShellCommand("chmod", mode, path).description
  }
  static func foreignOwner(_ path: String) -> String { "\(path) belongs to another user" }
  static func own(_ path: String) -> String {
    "give it to the user that the server runs as: \(ShellCommand("chown", "USER", path))"
  }

  static func audited(_ path: String) -> String { "the audit log can be written, in \(path)" }

  // MARK: Others

  static func listens(_ addresses: [NetworkAddress]) -> String {
    "at \(addresses.map(\.description).joined(separator: ", "))"
  }
  static let onlyHere = "only this machine can reach the server, as its settings have it"
  static let letOthersIn =
    "write `listen = [\"0.0.0.0:7443\", \"[::]:7443\"]` into config.toml, unless `run` is given --listen"

  static let noPeers = "this office syncs with nobody by itself, and nobody is behind"
  static func peersWell(_ count: Int) -> String {
    count == 1
      ? "the standing peer is kept current with"
      : "all \(count) standing peers are kept current with"
  }
  static func neverReached(_ server: String) -> String { "\(server) was never reached" }
  static let isServerUp =
    "is `syncserver run` up here and there? `syncserver peer list` and the log tell more"
  static func fails(_ server: String, _ result: String, _ at: String) -> String {
    "\(server) could not be synced with at \(at): \(result)"
  }
  static func look(up name: String) -> String {
    "docs/ERRORS.md says what to do about `\(name)`; the server's log has its reason"
  }
  static func overdue(_ server: String, _ at: String) -> String {
    "\(server) was last synced with at \(at)"
  }
  static func behind(_ who: String, _ writes: UInt64, _ at: String) -> String {
    "\(who) was last seen at \(at) and lacks \(Amounts.count(Int(clamping: writes))) writes"
  }
  static let syncOrRetire =
    "sync with it (`syncserver peer add`), or, if it is gone for good, `syncserver retire` it"

  static let notRecovering = "not in recovery"
  static let recovering =
    "in recovery since it was put back from a copy: devices are believed what others wrote"
  static let closeRecovery =
    "when the devices that matter have synced: `syncserver recovery --close`"
}
