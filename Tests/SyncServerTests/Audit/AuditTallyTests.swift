import OfficeSyncCommandSupport
import OfficeSyncRecords
import Testing

@testable import syncserver

@Suite struct AuditTallyTests {
  private let key: ExchangeTally.Key
  private let other: ExchangeTally.Key

  init() throws {
    key = ExchangeTally.Key(session: "a-1", collection: try CollectionName("projects"))
    other = ExchangeTally.Key(session: "a-2", collection: try CollectionName("projects"))
  }

  // MARK: Exchanges

  @Test func aSessionThatLastsIsALineAMinute() {
    var tally = ExchangeTally()
    let one = ExchangeTally.Counts(read: 1, wrote: 2, applied: 1)
    #expect(tally.note(one, of: key, by: [], at: 1_000)?.counts == one)
    for second in 2..<50 {
      #expect(tally.note(one, of: key, by: [], at: UInt64(second) * 1_000) == nil)
    }
    #expect(tally.isWaiting)
    #expect(tally.due(at: 60_999).isEmpty)
    #expect(
      tally.due(at: 61_000).map(\.counts) == [
        ExchangeTally.Counts(read: 48, wrote: 96, applied: 48)
      ])
    #expect(!tally.isWaiting)
    #expect(tally.due(at: 200_000).isEmpty)
    #expect(tally.note(one, of: key, by: [], at: 200_000)?.counts == one)
  }

  @Test func whatIsLeftIsToldAtTheEnd() {
    var tally = ExchangeTally()
    let one = ExchangeTally.Counts(read: 1)
    for key in [key, key, other, other, other] { _ = tally.note(one, of: key, by: [], at: 1_000) }
    #expect(tally.end(of: "a-1").map(\.counts.read) == [1])
    #expect(tally.end(of: "a-1").isEmpty)
    #expect(tally.end().map(\.counts.read) == [2])
    #expect(!tally.isWaiting)
  }

  @Test func nothingIsNoLine() {
    var tally = ExchangeTally()
    #expect(tally.note(ExchangeTally.Counts(), of: key, by: [], at: 1_000) == nil)
    #expect(tally.end().isEmpty)
  }

  @Test func aClockThatWasSetBackKeepsNothingBack() {
    var tally = ExchangeTally()
    let one = ExchangeTally.Counts(read: 1)
    _ = tally.note(one, of: key, by: [], at: 9_000_000)
    #expect(tally.note(one, of: key, by: [], at: 1_000)?.counts == one)
  }

  // MARK: What comes again and again

  private func kind(_ who: String) -> RepeatTally.Kind {
    RepeatTally.Kind(who: who, code: "unknown-authority")
  }

  @Test func theFirstOfAKindHaveALineTheRestIsANumber() {
    var tally = RepeatTally.refusals
    let told = (0..<1_000).count { tally.admits(kind("192.0.2.1"), at: UInt64($0)) }
    #expect(told == RepeatTally.refusals.ofOneKindMax)
    #expect(tally.due(at: RepeatTally.windowMilliseconds - 1).isEmpty)
    let counts = tally.due(at: RepeatTally.windowMilliseconds)
    #expect(counts.map(\.count) == [1_000 - told] && counts.first?.kind == kind("192.0.2.1"))
    let isAdmitted = tally.admits(kind("192.0.2.1"), at: RepeatTally.windowMilliseconds)
    #expect(isAdmitted)
  }

  /// However many addresses somebody has: so many lines in ten minutes, and every refusal is in one of them.
  @Test func manyKindsAreBoundedAndNoneIsForgotten() {
    var tally = RepeatTally.refusals
    var told = 0
    for number in 0..<100_000 where tally.admits(kind("\(number % 20_000)"), at: 5) { told += 1 }
    #expect(told == RepeatTally.refusals.ofAllKindsMax)
    let counts = tally.end()
    #expect(counts.count <= RepeatTally.kindsMax + 1)
    #expect(counts.reduce(0) { $0 + $1.count } + told == 100_000)
    #expect(counts.contains { $0.kind == RepeatTally.Kind() })
    #expect(!tally.isWaiting)
  }

  @Test func windowsThatWereQuietSayNothing() {
    var tally = RepeatTally.refusals
    let first = tally.admits(kind("a"), at: 1_000)
    #expect(first)
    #expect(tally.due(at: 10_000_000).isEmpty)
    let second = tally.admits(kind("a"), at: 10_000_000)
    #expect(second)
    // Set back: a new window.
    for _ in 0..<10 { _ = tally.admits(kind("a"), at: 10_000_000) }
    #expect(tally.due(at: 1_000).map(\.count) == [10 - (RepeatTally.refusals.ofOneKindMax - 1)])
  }

  // MARK: Times

  @Test(arguments: [
    ("30m", AuditTime.ago(milliseconds: 1_800_000)), ("7d", .ago(milliseconds: 604_800_000)),
    ("1970-01-02", .at(86_400_000)), ("1970-01-01T00:00:01Z", .at(1_000)),
  ])
  func times(_ text: String, _ time: AuditTime) {
    #expect(AuditTime(argument: text) == time)
  }

  @Test(arguments: ["", "d", "0d", "-1d", "1.5h", "yesterday", "2026-13-01", "99999999999d", "1w"])
  func whatIsNoTime(_ text: String) {
    #expect(AuditTime(argument: text) == nil)
  }
}
