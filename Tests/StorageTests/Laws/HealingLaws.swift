import OfficeSyncProtocol
import OfficeSyncRecords
import OfficeSyncStorage
import OfficeSyncTestSupport
import Testing

/// A store that renames writes keeps all that it has added up, and lets nothing back in that was prepared before.
@Suite struct HealingLaws {
  private func stamp(_ test: TestStore) throws -> Stamp {
    let view = try test.store.sessionSnapshot(of: .projects, wallMilliseconds: 1_000) {
      randomToken()
    }
    return try #require(view.knowledge.newestStamps[view.replica.id])
  }

  /// As if a peer had been sent what there is.
  private func show(_ test: TestStore) throws -> Stamp {
    let newest = try stamp(test)
    try test.store.remember(
      token: randomToken(), givenTo: ReplicaID(short: "peer"), in: .projects,
      ownStamp: newest, revision: 0, epoch: nil)
    return newest
  }

  private func heal(_ test: TestStore, _ endings: [Ending]) throws -> Healing {
    try test.store.heal(endings, in: .projects, token: randomToken)
  }

  @Test(arguments: StoreEngine.all)
  func aNewIDTakesAlongWhatNobodyWasShown(engine: StoreEngine) throws {
    let test = try TestStore(engine, "field/amina")
    let other = try CollectionName("other")
    try test.store.put("a", ["x": "shown"])
    let shown = try show(test)
    try test.store.put("a", ["x": "not shown"])
    try test.store.put("b", ["x": "not shown"])
    _ = try stamp(test)
    try test.store.put("o", ["x": "elsewhere"], in: other)

    let healing = try test.store.renew(test.replica.id, isRestored: true, token: randomToken)
    let replica = try test.again().replica()
    #expect(healing.formerReplica == test.replica.id)
    #expect(replica.id != test.replica.id)
    #expect(replica.formerIDs == [test.replica.id])
    #expect(healing.renamings.map(\.name) == [replica.id, replica.id])
    let view = try test.store.snapshot(of: .projects)
    try audit(view)
    #expect(view.replica == replica)
    #expect(
      try view.knowledge.vector == VersionVector([Dot(test.replica.id, 1), Dot(replica.id, 3)]))
    #expect(try view.knowledge.newestStamps == [test.replica.id: shown])
    #expect(
      try view.record(RecordID("a"))?.fields.first?.siblings.map(\.dot) == [Dot(replica.id, 2)])
    #expect(try view.unsentCount == 3)
    #expect(
      try test.store.snapshot(of: other).knowledge.vector == VersionVector(Dot(replica.id, 1)))
    try audit(try test.store.snapshot(of: other))
    // Counters go on; a second call for the ID that is given up does nothing.
    #expect(try test.store.put("c", ["x": "1"]) == Dot(replica.id, 4))
    #expect(
      try test.store.renew(test.replica.id, isRestored: true, token: randomToken).isEmpty)
    #expect(try test.store.replica() == replica)
  }

  /// A copy of this store may have shown what this one never did: what somebody built on keeps its name, with all that one stamp
  /// covers.
  @Test(arguments: StoreEngine.all)
  func whatOthersBuildOnIsNotTakenAlong(engine: StoreEngine) throws {
    let (test, office) = (
      try TestStore(engine, "field/amina"), try TestStore(engine, "office/rabat")
    )
    try test.store.put("a", ["x": "1"])
    try test.store.put("b", ["x": "2"])
    _ = try stamp(test)
    // It is not noted here that anything was sent.
    try Carrier(cutAfterBatches: 1).carry(from: test, to: office)
    try test.store.put("c", ["x": "3"])
    _ = try stamp(test)
    try office.store.delete("a")
    try Carrier().carry(from: office, to: test)

    _ = try test.store.renew(test.replica.id, isRestored: false, token: randomToken)
    let replica = try test.store.replica().id
    let view = try test.store.snapshot(of: .projects)
    try audit(view)
    #expect(
      try view.knowledge.vector
        == VersionVector([Dot(test.replica.id, 2), Dot(office.replica.id, 1), Dot(replica, 3)]))
    #expect(
      try view.record(RecordID("a"))?.clock
        == VersionVector([Dot(test.replica.id, 1), Dot(office.replica.id, 1)]))
  }

  /// What was taken along once is taken along again, and under the name between there is nothing: knowledge of it would stay
  /// without a stamp everywhere, for ever.
  @Test(arguments: StoreEngine.all)
  func aNameThatNobodyWasShownLeavesNoTrace(engine: StoreEngine) throws {
    let test = try TestStore(engine, "office/rabat")
    try test.store.put("a", ["x": "shown"])
    let shown = try show(test)
    try test.store.put("b", ["x": "not shown"])
    _ = try test.store.renew(test.replica.id, isRestored: true, token: randomToken)
    let between = try test.store.replica().id
    _ = try stamp(test)
    _ = try test.store.renew(between, isRestored: true, token: randomToken)

    let replica = try test.again().replica()
    let view = try test.store.snapshot(of: .projects)
    try audit(view)
    #expect(
      try view.knowledge.vector == VersionVector([Dot(test.replica.id, 1), Dot(replica.id, 2)]))
    #expect(try view.knowledge.newestStamps == [test.replica.id: shown])
    #expect(try view.unsentCount == 2)
    #expect(try test.store.put("c", ["x": "1"]) == Dot(replica.id, 3))
  }

  @Test(arguments: StoreEngine.all)
  func aBranchGoesByItsFirstStampAfterTheFork(engine: StoreEngine) throws {
    for identity in ["office/rabat", "field/amina"] {
      let test = try TestStore(engine, identity)
      let origin = ReplicaID(short: "origin")
      let stamps = [2, 5, 9].map { Stamp(counter: $0, token: ReplicaID(high: $0, low: 1)) }
      try test.store.adopt(
        [StampRun(origin: origin, after: nil, stamps: stamps)], in: .projects, epoch: nil)
      var record = Record()
      for counter in UInt64(1)...9 {
        record.write(
          [(try FieldPath("f\(counter % 4)"), .value(.integer(Int64(counter))))],
          as: Dot(origin, counter), info: try WriteInfo(at: counter))
      }
      record.write(
        [Deletion.change(seeing: record.clock)], as: Dot(ReplicaID(short: "d"), 1),
        info: try WriteInfo(at: 10))
      let batch = IncomingBatch(
        collection: .projects, sender: origin, rule: .relayed,
        records: [try incoming("a", record), try incoming("b", record)], progress: nil,
        wallMilliseconds: 1_000)
      _ = try test.store.apply(batch)
      try test.store.complete(
        StreamCompletion(
          collection: .projects, sender: origin, knowledge: VersionVector(Dot(origin, 9))))
      let before = try test.store.snapshot(of: .projects)

      let ending = Ending(origin: origin, stamp: stamps[0])
      #expect(try before.overruns(ending))
      let renaming = Renaming(origin: origin, after: 2, name: stamps[1].token)
      #expect(try heal(test, [ending]).renamings == [renaming])
      let view = try test.again().snapshot(of: .projects)
      try audit(view)
      #expect(
        try view.knowledge.vector == VersionVector([Dot(origin, 2), Dot(stamps[1].token, 9)]))
      #expect(try view.stampList(of: origin, after: 0) == [stamps[0]])
      #expect(try view.stampList(of: stamps[1].token, after: 0) == Array(stamps[1...]))
      #expect(try view.record(RecordID("a")) == record.renamed(by: renaming))
      #expect(view.liveRecordCount == 0)
      #expect(try view.ended.isEmpty)
      #expect(try view.knowledge.closed.endings == [ending])
      #expect(view.epoch > before.epoch)

      // Once is enough; and what was prepared under the old names is refused.
      #expect(try !view.overruns(ending))
      #expect(try heal(test, [ending]).isEmpty)
      #expect(throws: StorageError.namesChanged) {
        var late = batch
        late.epoch = before.epoch
        _ = try test.store.apply(late)
      }
      #expect(throws: StorageError.namesChanged) {
        try test.store.adopt(
          [StampRun(origin: origin, after: stamps[0], stamps: [stamps[1]])], in: .projects,
          epoch: before.epoch)
      }
      #expect(throws: StorageError.namesChanged) {
        try test.store.complete(
          StreamCompletion(
            collection: .projects, sender: origin, knowledge: VersionVector(Dot(origin, 9)),
            epoch: before.epoch))
      }
      // Nor does anything go out by them.
      #expect(throws: StorageError.namesChanged) {
        try test.store.remember(
          token: randomToken(), givenTo: randomToken(), in: .projects, ownStamp: nil,
          revision: 0, epoch: before.epoch)
      }
    }
  }

  /// The same writes may come in under both names; renaming makes them one again, in the store as in the record.
  @Test(arguments: StoreEngine.all)
  func whatCameUnderBothNamesIsOneAgain(engine: StoreEngine) throws {
    let test = try TestStore(engine, "field/amina")
    let origin = ReplicaID(short: "origin")
    let stamps = [1, 2].map { Stamp(counter: $0, token: ReplicaID(high: $0, low: 1)) }
    var record = Record()
    for counter in UInt64(1)...2 {
      record.write(
        [(try FieldPath("f\(counter)"), .value(.integer(1)))], as: Dot(origin, counter),
        info: try WriteInfo(at: counter))
    }
    func take(_ record: Record, _ list: (origin: ReplicaID, stamps: [Stamp])) throws {
      try test.store.adopt(
        [StampRun(origin: list.origin, after: nil, stamps: list.stamps)], in: .projects, epoch: nil)
      _ = try test.store.apply(
        IncomingBatch(
          collection: .projects, sender: origin, rule: .relayed,
          records: [try incoming("a", record)], progress: nil,
          wallMilliseconds: 1_000))
    }
    let renaming = Renaming(origin: origin, after: 1, name: stamps[1].token)
    try take(try record.renamed(by: renaming), (stamps[1].token, [stamps[1]]))
    try take(record, (origin, stamps))
    let path = try FieldPath("f2")
    #expect(
      try test.store.snapshot(of: .projects).record(RecordID("a"))?.siblings(at: path).count == 2)
    _ = try heal(test, [Ending(origin: origin, stamp: stamps[0])])
    let view = try test.store.snapshot(of: .projects)
    try audit(view)
    #expect(try view.record(RecordID("a")) == record.renamed(by: renaming))
  }

  /// A store that holds one half of a twice forked branch by its new name and the other still by the old one.
  @Test(arguments: StoreEngine.all)
  func aBranchThatForkedAgainKeepsItsHalvesApart(engine: StoreEngine) throws {
    let test = try TestStore(engine, "office/rabat")
    let origin = ReplicaID(short: "origin")
    func made(_ counter: UInt64, _ token: UInt64) -> Stamp {
      Stamp(counter: counter, token: ReplicaID(high: token, low: 2))
    }
    let (first, branch) = (made(1, 1), made(2, 2))
    let (left, right) = (made(3, 3), made(3, 4))
    try test.store.adopt(
      [
        StampRun(origin: origin, after: nil, stamps: [first, branch, right]),
        StampRun(origin: branch.token, after: nil, stamps: [branch, left]),
      ], in: .projects, epoch: nil)
    _ = try heal(test, [Ending(origin: origin, stamp: first)])
    let view = try test.store.snapshot(of: .projects)
    #expect(try view.stampList(of: origin, after: 0) == [first])
    #expect(try view.stampList(of: branch.token, after: 0) == [branch])
    #expect(try view.stampList(of: left.token, after: 0) == [left])
    #expect(try view.stampList(of: right.token, after: 0) == [right])
    #expect(
      try Set(view.ended + view.knowledge.closed.endings) == [
        Ending(origin: origin, stamp: first), Ending(origin: branch.token, stamp: branch),
      ])
  }

  @Test(arguments: StoreEngine.all)
  func theStoresOwnIDEndsWithANewOne(engine: StoreEngine) throws {
    let test = try TestStore(engine, "field/amina")
    try test.store.put("a", ["x": "1"])
    let first = try show(test)
    try test.store.put("a", ["x": "2"])
    let second = try show(test)
    try test.store.put("a", ["x": "3"])
    let healing = try heal(test, [Ending(origin: test.replica.id, stamp: first)])
    let replica = try test.store.replica()
    #expect(healing.formerReplica == test.replica.id)
    #expect(replica.formerIDs.sorted() == [test.replica.id, second.token].sorted())
    let view = try test.store.snapshot(of: .projects)
    try audit(view)
    #expect(
      try view.knowledge.vector
        == VersionVector([
          Dot(test.replica.id, 1), Dot(second.token, 2), Dot(replica.id, 3),
        ]))
    #expect(try view.unsentCount == 3)
    // Also if it has written nothing since.
    #expect(
      try heal(test, [Ending(origin: replica.id, stamp: nil)]).formerReplica == replica.id)
  }
}
