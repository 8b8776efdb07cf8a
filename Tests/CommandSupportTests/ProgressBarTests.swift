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

  @Test(arguments: [
    (66, "pull  [####------------] 25 %  5,000 / 20,000  5,000/s  0:03 left"),
    (57, "pull  [#------] 25 %  5,000 / 20,000  5,000/s  0:03 left"),
    (50, "pull  25 %  5,000 / 20,000  5,000/s  0:03 left"),
    (30, "pull  25 %  5,000 / 20,000  …"),
  ])
  func theBarGivesWayToTheFigures(columns: Int, line: String) {
    var bar = bar(columns: columns)
    #expect(bar.update(done: 5_000, total: 20_000, now: .seconds(101)) == Self.clear + line)
  }

  @Test func fitsTheTerminalAndEscapesItsTitle() {
    var bar = ProgressBar(
      title: "pull\u{1B}[31m", unit: .records, for: .screen(20), now: .zero)
    let text = bar.update(done: 1, total: 2, now: .seconds(1)) ?? ""
    #expect(text.hasPrefix(Self.clear + "pull\\u{1B}[31m"))
    #expect(String(text.dropFirst(Self.clear.count)).columns <= 19)
  }
}
