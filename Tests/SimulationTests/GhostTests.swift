import OfficeSyncProtocol
import OfficeSyncRecords
import Testing

@testable import OfficeSyncSimulation

/// The account of what must not come again in a stream that goes on where an earlier one was cut.
@Suite struct GhostTests {
  private let one = ReplicaID(high: 1, low: 0)
  private let other = ReplicaID(high: 2, low: 0)
  private let seen = WriteSet([3])

  private func begin(resumed: Bool) -> Begin {
    Begin(channel: 1, token: one, resumed: resumed, recordsEstimate: 0)
  }

  private func add(_ key: CausalLog.Key, to stream: inout Ghost.Stream) {
    stream.add(
      [key: seen], of: [key], progress: Progress(token: one, vector: VersionVector()))
  }

  /// Seed 7101466: a session that was opened before another of the same two, and went on when that was cut, got a record for an
  /// entry that the other had not asked for.
  @Test func aSessionThatAsksForMoreMayGetARecordAgain() {
    let (before, later) = (VersionVector(Dot(one, 1)), VersionVector(Dot(one, 2)))
    var stream = Ghost.Stream(begin(resumed: false), told: later)
    add(7, to: &stream)
    add(8, to: &stream)
    #expect(stream.passed == [7: seen])
    let same = Ghost.Stream(begin(resumed: true), told: later, resuming: stream)
    #expect(same.passed == [7: seen])
    let more = later.joined(VersionVector(Dot(other, 1)))
    #expect(Ghost.Stream(begin(resumed: true), told: more, resuming: stream).passed == [7: seen])
    #expect(Ghost.Stream(begin(resumed: true), told: before, resuming: stream).passed == [:])
    #expect(Ghost.Stream(begin(resumed: false), told: later, resuming: stream).passed == [:])
  }

  /// Behind a record that was deferred a stream's progress stands still, and the store says no more than that.
  @Test func behindWhatWasNotTakenAllMayComeAgain() {
    var stream = Ghost.Stream(begin(resumed: false), told: VersionVector())
    add(7, to: &stream)
    add(8, to: &stream)
    stream.missed()
    add(9, to: &stream)
    add(10, to: &stream)
    #expect(stream.passed == [7: seen])
  }
}
