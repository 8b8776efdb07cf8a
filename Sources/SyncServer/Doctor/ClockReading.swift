import OfficeSyncRecords

/// What this machine's clock shows, and what it can be held against. Milliseconds since 1970 UTC.
struct ClockReading: Hashable, Sendable {
  var now: UInt64
  /// The store's own hybrid clock: the latest time that it has given or followed.
  var newest: UInt64
  /// When this program's file was installed; 0 if that is not known.
  var program: UInt64

  var finding: Finding {
    let shown = moment(now)
    if now < program {
      return .problem(
        .clock, DoctorTexts.clockBeforeProgram(shown, moment(program)), DoctorTexts.setClock)
    }
    // A store follows others' times so far and no further.
    if newest > now, newest - now > HybridClock.aheadMillisecondsMax {
      return .problem(
        .clock, DoctorTexts.clockBehindRecords(shown, moment(newest)), DoctorTexts.setClock)
    }
    return .ok(.clock, DoctorTexts.clockShows(shown))
  }
}
