import OfficeSyncCommandSupport
import OfficeSyncProtocol
import OfficeSyncRecords
import OfficeSyncReplication
import OfficeSyncSyncLink

/// The words of `replicate` that people read.
enum CourierTexts {
  static func progress(_ from: NetworkAddress, _ to: NetworkAddress) -> String {
    "Carrying between \(from) and \(to)"
  }

  static func retrying(_ failure: CommandError, in pause: Duration) -> Prose {
    "\(failure.message) Trying again in \(Int(pause / .seconds(1)) + 1) s."
  }

  /// How it went with one collection.
  static func line(_ collection: CourierOutcome.Collection) -> Prose {
    let outcome = collection.outcome
    let forth = count(outcome.carried(from: .from))
    let back = count(outcome.carried(from: .to))
    let end: Prose =
      if collection.error != nil {
        "not done."
      } else if !outcome.isFinished {
        "cut off; what came is kept."
      } else {
        switch outcome.inSync {
        case true?: "in sync."
        case false?: "not in sync: something changed meanwhile."
        case nil: "done; the other side has more."
        }
      }
    let conflicts = outcome.total(\.newConflicts)
    let note: Prose = conflicts > 0 ? "\n  New conflicts: \(count(conflicts))." : ""
    return "\(outcome.collection): \(forth) there, \(back) back, \(end)\(note)"
  }

  static func summary(_ outcome: CourierOutcome) -> Prose {
    let bytes = outcome.report.traffic.values.reduce(0) { $0 + $1.bytesReceived }
    let tenths = Int(outcome.report.duration / .milliseconds(100))
    let (from, to) = (office(outcome, .from), office(outcome, .to))
    if outcome.collections.isEmpty {
      return "There is nothing yet to carry between \(from) and \(to)."
    }
    return
      "Done between \(from) and \(to) in \(tenths / 10).\(tenths % 10) s: \(Amounts.bytes(bytes))."
  }

  static func leftOut(_ name: CollectionName) -> Prose {
    "\(name) stays where it is: an office does not give it to this identity."
  }

  static func healed(_ name: CollectionName) -> Prose {
    """
    \(name) was begun again: an office's store was copied or put back from a copy, and both offices have put its names \
    in order. Nothing is lost.
    """
  }

  static func next(after outcome: CourierOutcome) -> NextStep {
    if outcome.collections.contains(where: { $0.outcome.total(\.newConflicts) > 0 }) {
      return NextStep(
        "Next, at an office, look at what was changed on both sides",
        ShellCommand("syncclient", "conflicts", "--data", "DIR"))
    }
    return NextStep(
      "Next, at an office, see how far each other one is", ShellCommand("syncserver", "replicas"))
  }

  private static func office(_ outcome: CourierOutcome, _ end: RelayEnd) -> String {
    let name = outcome.report.offices[end]?.identity.description ?? "an office"
    return outcome.servers[end].map { "\(name) at \($0)" } ?? name
  }

  private static func count(_ number: UInt64) -> String { Amounts.count(Int(clamping: number)) }
}
