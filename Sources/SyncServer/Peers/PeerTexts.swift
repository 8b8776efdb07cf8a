import OfficeSyncCommandSupport
import OfficeSyncStorage

/// The words of `syncserver peer`, and of a server that syncs by itself, that people read.
enum PeerTexts {
  static func added(_ peer: StandingPeerEntry) -> Prose {
    "A running server keeps current with \(peer.server), \(how(peer))."
  }

  static func removed(_ server: String) -> Prose { "\(server) is left alone from now on." }
  static func notThere(_ server: String) -> Prose { "\(server) was not among them." }
  static let none: Prose = "This office syncs with nobody by itself."
  static let columnHow = "How"

  static func how(_ peer: StandingPeerEntry) -> String {
    peer.everySeconds.map { "every \($0) s" } ?? "live"
  }

  // MARK: In the log

  static let exchanged = "exchanged with a peer"
  static let lost = "a peer cannot be kept current with; it is tried again"
  static let notFollowed = "changes of the store cannot be followed: peers learn of them later"
  static let notRead = "the list of peers cannot be read"
}
