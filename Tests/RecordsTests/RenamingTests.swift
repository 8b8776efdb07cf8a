import OfficeSyncRecords
import OfficeSyncTestSupport
import Testing

/// Laws of the renaming that heals a forked replica ID, over records that simulated replicas really made.
@Suite struct RenamingTests {
  static let seeds = UInt64(1)...25

  private func merged(_ a: Record, _ b: Record) throws -> Record {
    var result = a
    try result.merge(b)
    return result
  }

  /// A mesh with some history, and pairs of its snapshots with a renaming of one of its replicas.
  private func pairs(_ seed: UInt64) throws -> [(a: Record, b: Record, renaming: Renaming)] {
    var mesh = try Mesh(seed: seed)
    try mesh.run(steps: 80)
    return (0..<60).map { _ in
      let picked = (0..<2).map { _ in
        mesh.snapshots[Int.random(in: mesh.snapshots.indices, using: &mesh.random)]
      }
      let origin = mesh.replicas[Int.random(in: mesh.replicas.indices, using: &mesh.random)]
      let after = UInt64.random(in: 0...origin.counter, using: &mesh.random)
      let name = ReplicaID(short: mesh.random.oneIn(2) ? "a" : "z")
      return (picked[0], picked[1], Renaming(origin: origin.id, after: after, name: name))
    }
  }

  @Test(arguments: seeds)
  func renamingCommutesWithMergingAndIsIdempotent(seed: UInt64) throws {
    for (a, b, renaming) in try pairs(seed) {
      let whole = try merged(a, b).renamed(by: renaming)
      #expect(try merged(a.renamed(by: renaming), b.renamed(by: renaming)) == whole)
      #expect(try whole.renamed(by: renaming) == whole)
    }
  }

  /// Somebody who has not heard of the renaming may pass on the old names: once heard of, nothing is there twice, nothing is
  /// lost, and nothing that was overtaken under one name stays under the other.
  @Test(arguments: seeds)
  func writesHeldUnderBothNamesBecomeOneAgain(seed: UInt64) throws {
    for (a, b, renaming) in try pairs(seed) {
      let whole = try merged(a, b).renamed(by: renaming)
      #expect(try merged(a, b.renamed(by: renaming)).renamed(by: renaming) == whole)
      #expect(try merged(a.renamed(by: renaming), b).renamed(by: renaming) == whole)
      #expect(try merged(merged(a, b), whole).renamed(by: renaming) == whole)
    }
  }

  @Test(arguments: seeds)
  func theOldNameEndsWhereTheBranchesPart(seed: UInt64) throws {
    for (a, _, renaming) in try pairs(seed) {
      let renamed = try a.renamed(by: renaming)
      #expect(
        try Record(fields: renamed.fields, clock: renamed.clock, erased: renamed.erased) == renamed)
      var vectors = [renamed.clock, renamed.erased]
      for sibling in renamed.siblings(at: .deleted) {
        if let value = sibling.value { vectors.append(try #require(Deletion.clock(in: value))) }
      }
      for vector in vectors { #expect(vector[renaming.origin] <= renaming.after) }
      #expect(renamed.clock.count <= a.clock.count + 1)
      let (before, after) = (a.fields.flatMap(\.siblings), renamed.fields.flatMap(\.siblings))
      #expect(before.count == after.count)
      #expect(Set(before.map(\.write.time)) == Set(after.map(\.write.time)))
      #expect(
        after.allSatisfy {
          $0.dot.replica != renaming.origin || $0.dot.counter <= renaming.after
        })
      #expect(RecordView(renamed).isDeleted == RecordView(a).isDeleted)
      #expect(RecordView(renamed).openConflictCount == RecordView(a).openConflictCount)
    }
  }

  /// Two branches that both wrote (r, 2): after each has renamed its own, both writes are there.
  @Test func bothBranchesShowAfterwards() throws {
    let (r, title) = (ReplicaID(short: "r"), try FieldPath("title"))
    var common = Record()
    common.write([(title, .value(.text("before")))], as: Dot(r, 1), info: try WriteInfo(at: 1))
    var (first, second) = (common, common)
    first.write([(title, .value(.text("first")))], as: Dot(r, 2), info: try WriteInfo(at: 2))
    second.write([(title, .value(.text("second")))], as: Dot(r, 2), info: try WriteInfo(at: 3))
    #expect(throws: RecordError.contradiction(Dot(r, 2))) { try merged(first, second) }

    let healed = try merged(
      first.renamed(by: Renaming(origin: r, after: 1, name: ReplicaID(short: "s"))),
      second.renamed(by: Renaming(origin: r, after: 1, name: ReplicaID(short: "t"))))
    #expect(healed.siblings(at: title).map(\.value) == [.text("first"), .text("second")])
    #expect(try healed.clock == VersionVector("r:1,s:2,t:2"))
  }

  @Test func aVectorFallsBackToTheForkAndTakesInTheNewName() throws {
    let renaming = Renaming(origin: ReplicaID(short: "r"), after: 3, name: ReplicaID(short: "t"))
    func renamed(_ text: String) throws -> VersionVector {
      try VersionVector(text).renamed(by: renaming)
    }
    #expect(try renamed("a:1,r:3") == VersionVector("a:1,r:3"))
    #expect(try renamed("a:1,r:5") == VersionVector("a:1,r:3,t:5"))
    #expect(try renamed("r:5,t:9") == VersionVector("r:3,t:9"))
    let fromStart = Renaming(origin: ReplicaID(short: "r"), after: 0, name: ReplicaID(short: "t"))
    #expect(try VersionVector("r:5").renamed(by: fromStart) == VersionVector("t:5"))
  }

  /// Who has heard of a renaming and who has not may hold one deletion with different clocks: merging them is no
  /// contradiction.
  @Test func oneDeletionSeenUnderTwoNamesIsOne() throws {
    let (r, other) = (ReplicaID(short: "r"), ReplicaID(short: "o"))
    var record = Record()
    record.write(
      [(try FieldPath("a"), .value(.integer(1)))], as: Dot(r, 2), info: try WriteInfo(at: 1))
    record.write(
      [Deletion.change(seeing: record.clock)], as: Dot(other, 1), info: try WriteInfo(at: 2))
    let renaming = Renaming(origin: r, after: 1, name: ReplicaID(short: "t"))
    let renamed = try record.renamed(by: renaming)
    let both = try merged(record, renamed)
    #expect(try merged(renamed, record) == both)
    #expect(both.siblings(at: .deleted).count == 1)
    #expect(try both.renamed(by: renaming) == renamed)
    #expect(RecordView(renamed).isDeleted)
  }
}
