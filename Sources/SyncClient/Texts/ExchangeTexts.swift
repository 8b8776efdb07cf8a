import OfficeSyncCommandSupport
import OfficeSyncProtocol
import OfficeSyncRecords
import OfficeSyncReplication
import OfficeSyncSyncLink

/// The words of `pull`, `push` and `sync` that people read.
enum ExchangeTexts {
  static func progress(_ directions: Directions, _ server: NetworkAddress) -> String {
    switch directions {
    case .pull: "Pulling from \(server)"
    case .push: "Pushing to \(server)"
    default: "Syncing with \(server)"
    }
  }

  /// How it went with one collection.
  static func line(_ collection: ExchangeOutcome.Collection) -> Prose {
    let outcome = collection.outcome
    let name = outcome.collection
    let (sent, received) = (count(outcome.sent), count(outcome.received))
    let end: Prose =
      if collection.error != nil {
        "not done."
      } else if !outcome.isFinished {
        "cut off; what came is kept."
      } else {
        switch outcome.inSync {
        case true?: "in sync."
        case false?: "not in sync: something changed meanwhile or has to wait."
        case nil where outcome.directions == .pull: "done; this side has more."
        case nil: "done; the other side has more."
        }
      }
    let parts: Prose = "\(name): \(sent) sent, \(received) received, \(end)"
    return "\(parts)\(notes(outcome))"
  }

  private static func notes(_ outcome: ChannelOutcome) -> Prose {
    var notes: Prose = ""
    if outcome.newConflicts > 0 {
      notes = "\(notes)\n  New conflicts: \(count(outcome.newConflicts))."
    }
    if outcome.deferred > 0 {
      notes =
        "\(notes)\n  Waiting until the office can take them: \(count(outcome.deferred))."
    }
    if outcome.refused > 0 {
      notes =
        "\(notes)\n  Refused for good: \(count(outcome.refused)); `syncclient status` says why."
    }
    return notes
  }

  static func summary(_ outcome: ExchangeOutcome) -> Prose {
    let traffic = outcome.report.traffic
    let who = outcome.peer?.identity.description ?? outcome.server.description
    let (out, back) = (Amounts.bytes(traffic.bytesSent), Amounts.bytes(traffic.bytesReceived))
    let tenths = Int(outcome.report.duration / .milliseconds(100))
    let seconds = "\(tenths / 10).\(tenths % 10)"
    if outcome.collections.isEmpty {
      return "There is nothing yet to exchange with \(who) at \(outcome.server)."
    }
    return "Done with \(who) at \(outcome.server) in \(seconds) s: \(out) out, \(back) in."
  }

  static func warning(_ text: String, _ server: NetworkAddress) -> Prose {
    "warning: \(server): \(text)."
  }

  static func leftOut(_ name: CollectionName, _ server: NetworkAddress) -> Prose {
    "\(name) stays here: \(server) does not give it to this identity."
  }

  /// - Parameter error: why.
  static func notAudited(_ error: CommandError) -> Prose {
    "warning: what was exchanged is not in this office's audit log: \(error.message)"
  }

  static func timesToCome(
    _ name: CollectionName, _ latest: HybridTime, _ office: HybridTime
  ) -> Prose {
    """
    Writes in \(name) bear times up to \(Timestamp(latest)), and the office's clock shows \
    \(Timestamp(office)): they wait until then. Change those fields again to send them now.
    """
  }

  private static func count(_ number: UInt64) -> String { Amounts.count(Int(clamping: number)) }
}
