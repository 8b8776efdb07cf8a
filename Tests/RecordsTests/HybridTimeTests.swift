import OfficeSyncRecords
import Testing

@Suite struct HybridTimeTests {
  @Test func readingsRiseWhateverTheWallClockDoes() {
    var clock = HybridClock()
    var last = HybridTime.zero
    for wall: UInt64 in [1_000, 1_000, 5, 0, 2_000, 1_999, 2_001] {
      let next = clock.tick(wallMilliseconds: wall)
      #expect(next > last)
      last = next
    }
    #expect(last == HybridTime(milliseconds: 2_001))
  }

  @Test func aReadingFromElsewhereIsPassed() {
    var clock = HybridClock()
    let far = HybridTime(milliseconds: 9_000, logical: 3)
    let timeMax = HybridClock.timeMax(wallMilliseconds: 10)
    clock.observe(far, timeMax: timeMax)
    clock.observe(HybridTime(milliseconds: 1), timeMax: timeMax)
    #expect(clock.tick(wallMilliseconds: 10) == HybridTime(milliseconds: 9_000, logical: 4))
  }

  @Test func aReadingThatIsTooFarAheadIsNotFollowed() {
    let timeMax = HybridClock.timeMax(wallMilliseconds: 1_000)
    #expect(timeMax.milliseconds == 301_000)
    var clock = HybridClock()
    clock.observe(HybridTime(bits: timeMax.bits + 1), timeMax: timeMax)
    clock.observe(HybridTime(bits: .max), timeMax: timeMax)
    #expect(clock.latest == .zero)
    clock.observe(timeMax, timeMax: timeMax)
    #expect(clock.latest == timeMax)
    #expect(!clock.isAhead(wallMilliseconds: 1_000))
    #expect(clock.isAhead(wallMilliseconds: 999))
    #expect(HybridClock.timeMax(wallMilliseconds: .max) == HybridTime(bits: .max))
    #expect(!HybridClock(latest: HybridTime(bits: .max)).isAhead(wallMilliseconds: .max))
  }

  @Test func aFullCounterCarriesAndTheEndOfTimeDoesNotTrap() {
    var clock = HybridClock(latest: HybridTime(milliseconds: 7, logical: .max))
    #expect(clock.tick(wallMilliseconds: 0) == HybridTime(milliseconds: 8))
    clock = HybridClock(latest: HybridTime(bits: .max))
    #expect(clock.tick(wallMilliseconds: .max) == HybridTime(bits: .max))
    #expect(HybridTime(milliseconds: .max).milliseconds == HybridTime.millisecondsMax)
    // A peer may send any bits: a reading beyond the calendar is shown as its end.
    #expect(Timestamp(HybridTime(bits: .max)).description == "9999-12-31T23:59:59.999Z")
  }
}
