import OfficeSyncRecords
import OfficeSyncTestSupport
import Testing

/// Laws of merge over records that simulated replicas really made.
@Suite struct MergeLawTests {
  static let seeds = UInt64(1)...25

  private func merged(_ a: Record, _ b: Record) throws -> Record {
    var result = a
    try result.merge(b)
    return result
  }

  @Test(arguments: seeds)
  func mergeIsCommutativeAssociativeAndIdempotent(seed: UInt64) throws {
    var mesh = try Mesh(seed: seed)
    try mesh.run(steps: 80)
    for _ in 0..<60 {
      let picked = (0..<3).map { _ in
        mesh.snapshots[Int.random(in: mesh.snapshots.indices, using: &mesh.random)]
      }
      let (a, b, c) = (picked[0], picked[1], picked[2])
      #expect(try merged(a, b) == merged(b, a))
      #expect(try merged(merged(a, b), c) == merged(a, merged(b, c)))
      #expect(try merged(a, a) == a)
      #expect(try merged(merged(a, b), b) == merged(a, b))
    }
  }

  @Test(arguments: seeds)
  func replicasConverge(seed: UInt64) throws {
    var mesh = try Mesh(seed: seed)
    try mesh.run(steps: 60)
    try mesh.settle()
    #expect(Set(mesh.replicas.map(\.record)).count == 1)
  }

  /// A delta holds only paths with dots that the receiver does not know, each with all its siblings, and the whole clock.
  @Test(arguments: seeds)
  func aDeltaDoesWhatTheWholeRecordDoes(seed: UInt64) throws {
    var mesh = try Mesh(seed: seed)
    try mesh.run(steps: 80)
    for _ in 0..<60 {
      let sender = mesh.snapshots[Int.random(in: mesh.snapshots.indices, using: &mesh.random)]
      let receiver = mesh.snapshots[Int.random(in: mesh.snapshots.indices, using: &mesh.random)]
      let delta = try Record(
        fields: sender.fields.filter { field in
          field.siblings.contains { !receiver.clock.covers($0.dot) }
        }, clock: sender.clock, erased: sender.erased)
      #expect(try merged(receiver, delta) == merged(receiver, sender))
    }
  }

  /// For every write seen, each of its values is there or was overtaken by a write that had seen it; and what was
  /// overtaken does not come back.
  @Test(arguments: seeds)
  func nothingIsLostAndNothingComesBack(seed: UInt64) throws {
    var mesh = try Mesh(seed: seed)
    for _ in 0..<20 {
      try mesh.run(steps: 5)
      for replica in mesh.replicas {
        for dot in mesh.log.keys {
          #expect(replica.record.clock.covers(dot) == replica.seen.contains(dot))
        }
        for dot in replica.seen {
          for path in mesh.log[dot]?.paths ?? [] {
            let isHeld = replica.record.siblings(at: path).contains { $0.dot == dot }
            #expect(isHeld != mesh.isOvertaken(dot, at: path, among: replica.seen))
          }
        }
      }
    }
  }

  @Test(arguments: seeds)
  func everyRecordPassesTheDecodersChecks(seed: UInt64) throws {
    var mesh = try Mesh(seed: seed)
    try mesh.run(steps: 60)
    for record in mesh.snapshots {
      #expect(
        try Record(fields: record.fields, clock: record.clock, erased: record.erased) == record)
    }
  }
}
