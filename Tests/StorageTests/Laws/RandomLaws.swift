import OfficeSyncProtocol
import OfficeSyncRecords
import OfficeSyncStorage
import OfficeSyncTestSupport
import Testing

/// Random work on offices and devices: whatever happens, index, fingerprint and counts are what the records add up to,
/// and in the end all show the same.
@Suite struct RandomLaws {
  @Test(arguments: StoreEngine.all, [UInt64](1...12))
  func everythingKeptAddsUp(engine: StoreEngine, seed: UInt64) throws {
    var random = SplitMix64(seed: seed)
    let offices = try ["rabat", "fes", "oujda"].enumerated().map {
      try TestStore(engine, "office/\($1)", id: seed * 100 + UInt64($0))
    }
    let device = try TestStore(engine, "field/amina", id: seed * 100 + 50)
    let all = offices + [device]
    for _ in 0..<60 {
      switch Int.random(in: 0..<10, using: &random) {
      case 0..<5: try write(all.randomElement(using: &random) ?? device, &random)
      case 5: try offices.randomElement(using: &random)?.store.setSchema(randomPolicies(&random))
      case 6..<8: try carry(device, offices.randomElement(using: &random) ?? device, &random)
      default:
        let pair = offices.shuffled(using: &random)
        try carry(pair[0], pair[1], &random)
      }
    }
    for test in all { try audit(test.store.snapshot(of: .projects)) }

    for _ in 0..<3 {
      for sender in all {
        for receiver in all where receiver !== sender {
          try Carrier().carry(from: sender, to: receiver)
        }
      }
    }
    let last = try all.map { try $0.store.snapshot(of: .projects) }
    for snapshot in last {
      try audit(snapshot)
      #expect(try !snapshot.condition.isPartial)
      #expect(try snapshot.condition == last[0].condition)
      #expect(try snapshot.knowledge.vector == last[0].knowledge.vector)
      #expect(snapshot.openConflictCount == last[0].openConflictCount)
    }
  }

  private func carry(_ a: TestStore, _ b: TestStore, _ random: inout SplitMix64) throws {
    let (from, to) = Bool.random(using: &random) ? (a, b) : (b, a)
    guard from !== to else { return }
    let cut = Bool.random(using: &random) ? Int.random(in: 0...2, using: &random) : nil
    try Carrier(batchRecords: Int.random(in: 1...4, using: &random), cutAfterBatches: cut)
      .carry(from: from, to: to)
  }

  private func write(_ test: TestStore, _ random: inout SplitMix64) throws {
    let id = ["a", "b", "c", "d"].randomElement(using: &random) ?? "a"
    let isOffice = test.replica.identity.role == .office
    let clock = try test.store.snapshot(of: .projects).record(RecordID(id))?.clock
    switch Int.random(in: 0..<12, using: &random) {
    case 0: try test.store.delete(id)
    case 1 where clock != nil:
      try test.store.write(to: .projects, wallMilliseconds: 1, note: "") { writer in
        _ = try writer.put(RecordID(id), changes: [Deletion.undeletion], context: nil)
      }
    case 2 where isOffice:
      try test.store.write(to: .projects, wallMilliseconds: 1, note: "") { writer in
        _ = try writer.purge(RecordID(id))
      }
    case 3:
      try test.store.write(to: .projects, wallMilliseconds: 1, note: "") { writer in
        _ = try writer.put(
          RecordID(id), changes: [(FieldPath("x"), .absent)], context: clock)
      }
    default:
      let paths = ["x", "y", "z"].shuffled(using: &random).prefix(2)
      let value = String(UInt16.random(in: 0...99, using: &random))
      // Now and then through a screen from before anything was seen.
      let context = Int.random(in: 0..<5, using: &random) == 0 ? VersionVector() : nil
      try test.store.put(
        id, Dictionary(paths.map { ($0, value) }) { first, _ in first }, context: context)
    }
  }

  private func randomPolicies(_ random: inout SplitMix64) -> [String: Policy] {
    let choices: [Policy] = [.latest, .manual, .max]
    return ["x": choices.randomElement(using: &random) ?? .latest, "y": .manual]
  }
}
