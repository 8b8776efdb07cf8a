import OfficeSyncCommandSupport
import Testing

@Suite struct AmountsTests {
  @Test(arguments: [
    (0, "0:00"), (59, "0:59"), (61, "1:01"), (3_600, "1:00:00"), (45_296, "12:34:56"),
  ])
  func timesReadLikeAClock(seconds: Int, text: String) {
    #expect(Amounts.clock(seconds: seconds) == text)
  }

  @Test(arguments: [(0, "0"), (999, "999"), (27_132, "27,132"), (-1_000_000, "-1,000,000")])
  func countsHaveTheirThousandsApart(value: Int, text: String) {
    #expect(Amounts.count(value) == text)
  }

  @Test(arguments: [
    (0, "0 B"), (1_023, "1023 B"), (1_024, "1.0 KiB"), (1_536, "1.5 KiB"), (5 << 30, "5.0 GiB"),
  ])
  func bytesHaveUnits(count: Int, text: String) {
    #expect(Amounts.bytes(count) == text)
  }
}
