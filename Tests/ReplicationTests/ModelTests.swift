import OfficeSyncProtocol
import OfficeSyncRecords
import OfficeSyncReplication
import OfficeSyncStorage
import OfficeSyncTestSupport
import Testing

/// Three offices and three devices write and sync at random over links that get cut; after every session the completeness
/// invariant holds, and once the links are whole everybody shows what the causal log says. Wall clocks jump meanwhile: that
/// may make writes wait, and may never make two of one.
@Suite struct ModelTests {
  static let seeds: [UInt64] = Array(1...16)
  private static let hour: UInt64 = 3_600_000

  @Test(arguments: seeds) func everybodyEndsWithWhatTheLogSays(seed: UInt64) throws {
    var random = SplitMix64(seed: seed)
    var log = CausalLog()
    let offices = try (0..<3).map { try TestReplica("office/o\($0)", seed: seed) }
    let devices = try (0..<3).map { try TestReplica("field/f\($0)", seed: seed) }
    let ids = try (0..<3).map { try RecordID("r\($0)") }
    let paths = try ["a", "b", "c"].map { try FieldPath($0) }

    let start = offices[0].wall
    for step in 0..<100 {
      if random.oneIn(10), let late = (offices + devices).randomElement(using: &random) {
        late.wall = start + UInt64.random(in: 0...3, using: &random) * Self.hour
      }
      if Int.random(in: 0..<100, using: &random) < 45 {
        let author = (offices + devices)[Int.random(in: 0..<6, using: &random)]
        try write(step, by: author, ids, paths, &log, &random)
        continue
      }
      let (client, server, directions) = pair(offices, devices, &random)
      let cut = random.oneIn(3) ? Int.random(in: 0..<14, using: &random) : nil
      let lag = random.oneIn(2) ? random.next() : nil
      let result = try converse(
        client, with: server, directions, collections: [projects], cut: cut, lag: lag)
      #expect(result.clientError == nil && result.serverError == nil, "seed \(seed) step \(step)")
      for replica in [client, server] {
        let fault = try log.fault(in: replica.view())
        #expect(fault == nil, "seed \(seed) step \(step): \(replica.identity) \(fault ?? "")")
      }
    }
    for replica in offices + devices { replica.wall = start + 4 * Self.hour }
    try heal(offices, devices)
    for replica in offices + devices {
      let view = try replica.view()
      for id in ids {
        let record = try view.record(id) ?? Record()
        let shown = Dictionary(
          uniqueKeysWithValues: record.fields.map { field in
            (
              field.path,
              Dictionary(uniqueKeysWithValues: field.siblings.map { ($0.dot, $0.value) })
            )
          })
        #expect(
          shown == log.current(id).mapValues { $0.mapValues(Optional.some) }, "seed \(seed) \(id)")
      }
      #expect(try view.knowledge == offices[0].view().knowledge, "seed \(seed)")
      #expect(try view.condition == offices[0].view().condition, "seed \(seed)")
      #expect(!view.condition.isPartial, "seed \(seed)")
    }
  }

  private func write(
    _ number: Int, by author: TestReplica, _ ids: [RecordID], _ paths: [FieldPath],
    _ log: inout CausalLog, _ random: inout SplitMix64
  ) throws {
    let id = ids[Int.random(in: ids.indices, using: &random)]
    let chosen = paths.shuffled(using: &random).prefix(Int.random(in: 1...2, using: &random))
    let fields = Dictionary(
      uniqueKeysWithValues: chosen.enumerated().map { ($1, Value.integer(Int64(number * 10 + $0))) }
    )
    let clock = try author.view().record(id)?.clock ?? VersionVector()
    let dot = try author.put(
      id.description, Dictionary(uniqueKeysWithValues: fields.map { ($0.description, $1) }))
    if let dot { log.add(dot, id, fields, clock: clock) }
  }

  private func pair(
    _ offices: [TestReplica], _ devices: [TestReplica], _ random: inout SplitMix64
  ) -> (TestReplica, TestReplica, Directions) {
    let directions: [Directions] = [.pull, .push, [.pull, .push]]
    let direction = directions[Int.random(in: 0..<3, using: &random)]
    let server = offices[Int.random(in: 0..<3, using: &random)]
    let others = (offices + devices).filter { $0 !== server }
    return (others[Int.random(in: others.indices, using: &random)], server, direction)
  }

  /// The links are whole again.
  private func heal(_ offices: [TestReplica], _ devices: [TestReplica]) throws {
    for _ in 0..<4 {
      for a in offices {
        for b in offices where a !== b {
          _ = try converse(a, with: b, [.pull, .push], collections: [projects])
        }
      }
      for device in devices {
        _ = try converse(device, with: offices[0], [.pull, .push], collections: [projects])
      }
    }
  }
}
