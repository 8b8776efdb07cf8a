import OfficeSyncProtocol
import OfficeSyncRecords
import OfficeSyncStorage
import OfficeSyncTestSupport
import Testing

/// What every engine keeps of streams: progress, tokens, confirmations, refusals.
@Suite struct StreamLaws {
  private let sender = ReplicaID(short: "sender")

  @Test(arguments: StoreEngine.all)
  func progressLastsUntilTheStreamCompletes(engine: StoreEngine) throws {
    let test = try TestStore(engine, "office/rabat")
    #expect(try test.store.progress(from: sender, in: .projects) == nil)
    var progress = Progress(token: randomToken(), vector: try VersionVector("a:3"))
    func apply(_ progress: Progress?) throws {
      _ = try test.store.apply(
        IncomingBatch(
          collection: .projects, sender: sender, rule: .relayed, records: [], progress: progress,
          wallMilliseconds: 1_000))
    }
    try apply(progress)
    #expect(try test.again().progress(from: sender, in: .projects) == progress)
    try apply(nil)
    #expect(try test.store.progress(from: sender, in: .projects) == progress)
    progress.vector = try VersionVector("a:9,b:1")
    try apply(progress)
    #expect(try test.store.progress(from: sender, in: .projects) == progress)
    #expect(try test.store.progress(from: randomToken(), in: .projects) == nil)
    #expect(try test.store.progress(from: sender, in: .office) == nil)

    try test.store.complete(
      StreamCompletion(
        collection: .projects, sender: sender, knowledge: VersionVector("a:9,b:1"),
        confirmed: VersionVector()))
    #expect(try test.store.progress(from: sender, in: .projects) == nil)
    #expect(try test.store.snapshot(of: .projects).knowledge.vector == VersionVector("a:9,b:1"))
  }

  /// What was not taken must come again.
  @Test(arguments: StoreEngine.all)
  func progressIsNotKeptWithABatchThatWasNotTakenWhole(engine: StoreEngine) throws {
    let test = try TestStore(engine, "office/rabat")
    let (amina, other) = (ReplicaID(short: "amina"), ReplicaID(short: "other"))
    var record = Record()
    record.write(
      [(try FieldPath("note"), .value(.text("vu")))], as: Dot(other, 1),
      info: try WriteInfo(at: 1))
    record.write(
      [(try FieldPath("note"), .value(.text("revu")))], as: Dot(amina, 1),
      info: try WriteInfo(at: 2, by: "field/amina"))
    let outcome = try test.store.apply(
      IncomingBatch(
        collection: .projects, sender: amina,
        rule: .own(
          replicas: [amina], author: try Identity("field/amina"),
          timeMax: HybridTime(milliseconds: 9)),
        records: [try incoming("a", record)],
        progress: Progress(token: randomToken(), vector: VersionVector("amina:1")),
        wallMilliseconds: 1_000))
    #expect(outcome.deferred == 1)
    #expect(try test.store.progress(from: amina, in: .projects) == nil)
  }

  @Test(arguments: StoreEngine.all)
  func knowledgeIsJoinedAndNeverFallsBack(engine: StoreEngine) throws {
    let test = try TestStore(engine, "office/rabat")
    for knowledge in ["a:9,b:1", "a:3,c:4", ""] {
      try test.store.complete(
        StreamCompletion(
          collection: .projects, sender: sender, knowledge: VersionVector(knowledge),
          confirmed: VersionVector()))
    }
    #expect(
      try test.store.snapshot(of: .projects).knowledge.vector == VersionVector("a:9,b:1,c:4"))
  }

  @Test(arguments: StoreEngine.all)
  func aCutStreamLeavesAPartialStoreThatTheNextCompletes(engine: StoreEngine) throws {
    let rabat = try TestStore(engine, "office/rabat")
    let fes = try TestStore(engine, "office/fes")
    for number in 0..<10 { try rabat.store.put("p\(number)", ["x": "1"]) }
    try Carrier(cutAfterBatches: 2).carry(from: rabat, to: fes)
    let cut = try fes.store.snapshot(of: .projects)
    #expect(try cut.condition.isPartial)
    #expect(cut.recordCount == 6)
    try audit(cut)
    try Carrier().carry(from: rabat, to: fes)
    let whole = try fes.store.snapshot(of: .projects)
    #expect(try whole.condition == (try rabat.store.snapshot(of: .projects).condition))
    try audit(whole)
  }

  @Test(arguments: StoreEngine.all)
  func tokensAreRememberedForTheirReceiverAndCollection(engine: StoreEngine) throws {
    let test = try TestStore(engine, "office/rabat")
    let (receiver, token) = (randomToken(), randomToken())
    #expect(try !test.store.remembers(token: token, givenTo: receiver, in: .projects, revision: 0))
    try test.store.remember(
      token: token, givenTo: receiver, in: .projects, ownStamp: nil, revision: 0, epoch: nil)
    #expect(try test.again().remembers(token: token, givenTo: receiver, in: .projects, revision: 0))
    #expect(try test.store.remembers(token: token, givenTo: receiver, in: .projects, revision: 0))
    #expect(
      try !test.store.remembers(token: token, givenTo: randomToken(), in: .projects, revision: 0))
    #expect(try !test.store.remembers(token: token, givenTo: receiver, in: .office, revision: 0))
    #expect(
      try !test.store.remembers(token: randomToken(), givenTo: receiver, in: .projects, revision: 0)
    )
  }

  /// In a later view a record that was written again stands further on: who got as far as that in it lacks what an earlier view
  /// has before.
  @Test(arguments: StoreEngine.all)
  func aStreamGoesOnFromNoEarlierViewThanItDid(engine: StoreEngine) throws {
    let test = try TestStore(engine, "office/rabat")
    let (receiver, token) = (randomToken(), randomToken())
    var revisions: [UInt64] = []
    for text in ["1", "2", "3"] {
      try test.store.put("a", ["x": text])
      revisions.append(try test.store.snapshot(of: .projects).revision)
    }
    #expect(revisions == revisions.sorted() && Set(revisions).count == 3)
    try test.store.remember(
      token: token, givenTo: receiver, in: .projects, ownStamp: nil, revision: revisions[1],
      epoch: nil)
    func goesOn(_ revision: UInt64) throws -> Bool {
      try test.again().remembers(
        token: token, givenTo: receiver, in: .projects, revision: revision)
    }
    #expect(try !goesOn(revisions[0]))
    #expect(try goesOn(revisions[1]))
    #expect(try goesOn(revisions[2]))
    #expect(try goesOn(revisions[1]))
  }

  @Test(arguments: StoreEngine.all)
  func theNewestTokensAreKeptAndOlderThanTheOneShownGo(engine: StoreEngine) throws {
    let test = try TestStore(engine, "office/rabat")
    let receiver = randomToken()
    let tokens = (0..<70).map { _ in randomToken() }
    for token in tokens {
      try test.store.remember(
        token: token, givenTo: receiver, in: .projects, ownStamp: nil, revision: 0, epoch: nil)
    }
    func remembers(_ index: Int) throws -> Bool {
      try test.store.remembers(
        token: tokens[index], givenTo: receiver, in: .projects, revision: 0)
    }
    #expect(try !remembers(5))
    #expect(try remembers(6))
    #expect(try remembers(40))
    #expect(try !remembers(39))
    #expect(try remembers(69))
  }

  @Test(arguments: StoreEngine.all)
  func confirmationsRiseAndRefusalsAreListed(engine: StoreEngine) throws {
    let test = try TestStore(engine, "field/amina")
    for id in ["a", "b"] { try test.store.put(id, ["x": "1"]) }
    func confirm(_ counter: UInt64, _ refusals: [String: String] = [:]) throws {
      try test.store.confirm(
        Confirmation(
          collection: .projects,
          confirmed: VersionVector(Dot(test.replica.id, counter)),
          refusals: refusals.map { .init(id: try RecordID($0), reason: $1) }))
    }
    try confirm(2, ["b": "not yours"])
    try confirm(1)
    let snapshot = try test.again().snapshot(of: .projects)
    #expect(snapshot.confirmed == VersionVector(Dot(test.replica.id, 2)))
    #expect(try snapshot.unsentCount == 0)
    let refusals = try snapshot.refusals
    #expect(refusals.map(\.id.description) == ["b"])
    #expect(refusals.map(\.reason) == ["not yours"])
    try test.store.complete(
      StreamCompletion(
        collection: .projects, sender: sender, knowledge: VersionVector(),
        confirmed: VersionVector(Dot(test.replica.id, 9))))
    #expect(try test.store.snapshot(of: .projects).confirmed[test.replica.id] == 9)
  }
}
