import Testing

@testable import OfficeSyncCommandSupport

@Suite struct ProgressBarTests {
  private static let clear = "\r\u{1B}[K"

  private func bar(_ unit: ProgressBar.Unit = .records, columns: Int = 100) -> ProgressBar {
    ProgressBar(title: "pull", unit: unit, for: .screen(columns), now: .seconds(100))
  }

  @Test func shortWorkShowsNothing() {
    var bar = bar()
    #expect(bar.update(done: 10, total: 100, now: .milliseconds(100_400)) == nil)
    #expect(bar.finish().isEmpty)
  }

  @Test func showsShareRateAndTimeLeft() {
    var bar = bar()
    #expect(
      bar.update(done: 5_000, total: 20_000, now: .seconds(101))
        == Self.clear
        + "pull  [#####---------------] 25 %  5,000 / 20,000  5,000/s  0:03 left")
  }

  @Test func withoutATotalThereIsNoBar() {
    var bar = bar(.bytes)
    #expect(
      bar.update(done: 3 << 20, total: nil, now: .seconds(102))
        == Self.clear + "pull  3.0 MiB  1.5 MiB/s")
  }

  @Test func paintsAtMostTenTimesASecond() {
    var bar = bar()
    let painted = (0...3_000).filter { millisecond in
      bar.update(
        done: millisecond, total: 3_000, now: .seconds(100) + .milliseconds(millisecond)) != nil
    }
    #expect(painted.first == 500)
    #expect(painted.count == 26)
  }

  @Test func theRateFollowsTheLink() {
    var bar = bar()
    var done = 0
    var last = ""
    for second in 1...60 {
      done += second <= 30 ? 1_000 : 10
      last = bar.update(done: done, total: nil, now: .seconds(100 + second)) ?? last
    }
    #expect(last.hasSuffix("  11/s"))
  }

  @Test func isClearedOnceAtTheEnd() {
    var bar = bar()
    _ = bar.update(done: 1, total: 2, now: .seconds(101))
    #expect(bar.finish() == Self.clear)
    #expect(bar.finish().isEmpty)
  }

  @Test func fitsTheTerminalAndEscapesItsTitle() {
    var bar = ProgressBar(
      title: "pull\u{1B}[31m", unit: .records, for: .screen(20), now: .zero)
    let text = bar.update(done: 1, total: 2, now: .seconds(1)) ?? ""
    #expect(text.hasPrefix(Self.clear + "pull\\u{1B}[31m"))
    #expect(String(text.dropFirst(Self.clear.count)).columns <= 19)
  }

  @Test(arguments: [
    (0, "0:00"), (59, "0:59"), (61, "1:01"), (3_600, "1:00:00"), (45_296, "12:34:56"),
  ])
  func timesReadLikeAClock(seconds: Int, text: String) {
    #expect(Texts.clock(seconds: seconds) == text)
  }

  @Test(arguments: [(0, "0"), (999, "999"), (27_132, "27,132"), (-1_000_000, "-1,000,000")])
  func countsHaveTheirThousandsApart(value: Int, text: String) {
    #expect(Texts.number(value) == text)
  }

  @Test(arguments: [
    (0, "0 B"), (1_023, "1023 B"), (1_024, "1.0 KiB"), (1_536, "1.5 KiB"), (5 << 30, "5.0 GiB"),
  ])
  func bytesHaveUnits(count: Int, text: String) {
    #expect(Texts.bytes(count) == text)
  }
}
