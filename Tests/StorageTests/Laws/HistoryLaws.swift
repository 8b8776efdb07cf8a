import OfficeSyncProtocol
import OfficeSyncRecords
import OfficeSyncStorage
import OfficeSyncTestSupport
import Testing

/// What every engine owes to the history: what was seen here and overtaken is kept for a time, and nothing else is.
@Suite struct HistoryLaws {
  private static let day: UInt64 = 86_400_000
  private static let wall: UInt64 = 1_764_000_000_000

  private func history(_ store: any RecordStore, _ id: String) throws -> [OvertakenSibling] {
    try store.snapshot(of: .projects).history(of: RecordID(id))
  }

  /// `path=text`, in the order in which they were overtaken.
  private func texts(_ store: any RecordStore, _ id: String) throws -> [String] {
    try history(store, id).map { overtaken in
      if case .value(.text(let text)) = overtaken.sibling.content {
        "\(overtaken.path)=\(text)"
      } else {
        "\(overtaken.path)"
      }
    }
  }

  @Test(arguments: StoreEngine.all)
  func whatALocalWriteOvertakesIsKeptWithWhoAndWhen(engine: StoreEngine) throws {
    let test = try TestStore(engine, "office/rabat")
    let first = try test.store.put("a", ["x": "1", "y": "1"], at: 1_000)
    #expect(try history(test.store, "a").isEmpty)
    let second = try test.store.put("a", ["x": "2"], at: 5_000)
    for store in [test.store, try test.again()] {
      let kept = try history(store, "a")
      let one = try #require(kept.first)
      #expect(kept.count == 1)
      #expect(one.path == (try FieldPath("x")))
      #expect(one.sibling.dot == first)
      #expect(one.sibling.content == .value(.text("1")))
      #expect(one.sibling.write.author == test.replica.identity)
      #expect(one.sibling.write.time.milliseconds == 1_000)
      #expect(one.milliseconds == 5_000)
      #expect(one.by == second)
    }
    #expect(try history(test.store, "b").isEmpty)
    try audit(test.store.snapshot(of: .projects))
  }

  @Test(arguments: StoreEngine.all)
  func removalsAndDeletionsAreKeptToo(engine: StoreEngine) throws {
    let test = try TestStore(engine, "office/rabat")
    let path = try FieldPath("x")
    try test.store.put("a", ["x": "1"])
    try test.store.write(to: .projects, wallMilliseconds: 1_000, note: "Salma") { writer in
      _ = try writer.put(RecordID("a"), changes: [(path, .absent)], context: nil)
    }
    try test.store.put("a", ["x": "2"])
    try test.store.delete("a")
    try test.store.write(to: .projects, wallMilliseconds: 1_000, note: "") { writer in
      _ = try writer.put(RecordID("a"), changes: [Deletion.undeletion], context: nil)
    }
    let kept = try history(test.store, "a")
    #expect(kept.map(\.path) == [path, path, .deleted])
    #expect(kept[1].sibling.content == .absent)
    #expect(kept[1].sibling.write.note == "Salma")
    #expect(kept[2].sibling.value != nil)
  }

  @Test(arguments: StoreEngine.all)
  func itIsKeptWhereItWasSeenAndDoesNotTravel(engine: StoreEngine) throws {
    let rabat = try TestStore(engine, "office/rabat")
    let fes = try TestStore(engine, "office/fes")
    let late = try TestStore(engine, "office/oujda")
    try rabat.store.put("a", ["x": "1"], at: Self.wall)
    try Carrier(wallMilliseconds: Self.wall).carry(from: rabat, to: fes)
    try rabat.store.put("a", ["x": "2"], at: Self.wall)
    let third = try rabat.store.put("a", ["x": "3"], at: Self.wall)
    try Carrier(wallMilliseconds: Self.wall).carry(from: rabat, to: fes)
    #expect(try texts(rabat.store, "a") == ["x=1", "x=2"])
    // 2 was never here.
    let kept = try history(fes.store, "a")
    #expect(kept.count == 1)
    #expect(kept.first?.sibling.content == .value(.text("1")))
    #expect(kept.first?.by == third)
    #expect(kept.first?.milliseconds == Self.wall)
    try Carrier().carry(from: rabat, to: late)
    #expect(try history(late.store, "a").isEmpty)
    // Twice is once.
    try Carrier().carry(from: rabat, to: fes)
    #expect(try history(fes.store, "a").count == 1)
  }

  @Test(arguments: StoreEngine.all)
  func siblingsOfAConflictAreHistoryOnceItIsSettled(engine: StoreEngine) throws {
    let rabat = try TestStore(engine, "office/rabat")
    let fes = try TestStore(engine, "office/fes")
    try rabat.store.put("a", ["x": "r"])
    try fes.store.put("a", ["x": "f"])
    try Carrier().carry(from: rabat, to: fes)
    #expect(try history(fes.store, "a").isEmpty)
    let settled = try fes.store.put("a", ["x": "both"])
    #expect(Set(try texts(fes.store, "a")) == ["x=r", "x=f"])
    #expect(try history(fes.store, "a").allSatisfy { $0.by == settled })
    try Carrier().carry(from: fes, to: rabat)
    #expect(try texts(rabat.store, "a") == ["x=r"])
  }

  @Test(arguments: StoreEngine.all)
  func aPurgeErasesItHereAndWhereItArrives(engine: StoreEngine) throws {
    let rabat = try TestStore(engine, "office/rabat")
    let fes = try TestStore(engine, "office/fes")
    for id in ["a", "b"] {
      try rabat.store.put(id, ["x": "1"])
      try Carrier().carry(from: rabat, to: fes)
      try rabat.store.put(id, ["x": "2"])
      try Carrier().carry(from: rabat, to: fes)
    }
    // A write that the purge does not know of, and what it overtook, which the purge knows.
    try fes.store.put("a", ["x": "3"])
    try fes.store.put("a", ["x": "4"])
    #expect(try texts(fes.store, "a") == ["x=1", "x=2", "x=3"])
    try rabat.store.write(to: .projects, wallMilliseconds: 1_000, note: "") { writer in
      _ = try writer.purge(RecordID("a"))
    }
    #expect(try history(rabat.store, "a").isEmpty)
    #expect(try texts(rabat.store, "b") == ["x=1"])
    try Carrier().carry(from: rabat, to: fes)
    // What was concurrent survives, its history as well, until a purge that has seen it.
    #expect(try texts(fes.store, "a") == ["x=3"])
    #expect(try texts(fes.store, "b") == ["x=1"])
    try fes.store.write(to: .projects, wallMilliseconds: 1_000, note: "") { writer in
      _ = try writer.purge(RecordID("a"))
    }
    #expect(try history(fes.store, "a").isEmpty)
  }

  @Test(arguments: StoreEngine.all)
  func aWriteThatFailsLeavesNoHistory(engine: StoreEngine) throws {
    struct Broken: Error {}
    let test = try TestStore(engine, "office/rabat")
    try test.store.put("a", ["x": "1"])
    #expect(throws: Broken.self) {
      try test.store.write(to: .projects, wallMilliseconds: 9, note: "") { writer in
        _ = try writer.put(RecordID("a"), changes: changes(["x": "2"]), context: nil)
        throw Broken()
      }
    }
    #expect(try history(test.store, "a").isEmpty)
  }

  // MARK: How long

  /// As a session begins, at a wall time.
  private func begin(_ store: any RecordStore, at wall: UInt64) throws {
    _ = try store.sessionSnapshot(of: .projects, wallMilliseconds: wall) { randomToken() }
  }

  @Test(arguments: StoreEngine.all)
  func whatIsOldEnoughGoesWhenASessionBegins(engine: StoreEngine) throws {
    let test = try TestStore(engine, "office/rabat")
    try engine.keepHistory(test.store, HistoryRetention(days: 10))
    try test.store.put("a", ["x": "1"], at: Self.wall)
    try test.store.put("a", ["x": "2"], at: Self.wall + Self.day)
    try test.store.put("a", ["x": "3"], at: Self.wall + 3 * Self.day)
    try begin(test.store, at: Self.wall + 11 * Self.day)
    #expect(try texts(test.store, "a") == ["x=1", "x=2"])
    try begin(test.store, at: Self.wall + 11 * Self.day + 1)
    #expect(try texts(test.store, "a") == ["x=2"])
    try begin(test.store, at: Self.wall + 20 * Self.day)
    #expect(try history(test.store, "a").isEmpty)
    #expect(try test.store.text("a", "x") == ["3"])
  }

  /// More than goes in one transaction.
  @Test(arguments: StoreEngine.all)
  func muchOfItGoesToo(engine: StoreEngine) throws {
    let test = try TestStore(engine, "office/rabat")
    for round in 1...2 {
      try test.store.write(to: .projects, wallMilliseconds: Self.wall, note: "") { writer in
        for number in 0..<4_200 {
          _ = try writer.put(
            RecordID("p\(number)"), changes: changes(["x": "\(round)"]), context: nil)
        }
      }
    }
    #expect(try texts(test.store, "p4199") == ["x=1"])
    try begin(test.store, at: Self.wall + 91 * Self.day)
    #expect(try history(test.store, "p0").isEmpty)
    #expect(try history(test.store, "p4199").isEmpty)
  }

  @Test(arguments: StoreEngine.all)
  func switchedOffThereIsNone(engine: StoreEngine) throws {
    let test = try TestStore(engine, "office/rabat")
    let fes = try TestStore(engine, "office/fes")
    try test.store.put("a", ["x": "1"])
    try test.store.put("a", ["x": "2"])
    let other = try test.again()
    try engine.keepHistory(other, HistoryRetention(days: 0))
    // What has the store open already minds it too.
    #expect(try history(test.store, "a").isEmpty)
    try test.store.put("a", ["x": "3"])
    try fes.store.put("b", ["x": "1"])
    let trace = SessionTrace(
      identity: fes.replica.identity, replica: fes.replica.id, address: "h:1", milliseconds: 1)
    try Carrier(session: trace).carry(from: fes, to: test)
    #expect(try history(test.store, "a").isEmpty)
    #expect(try test.store.snapshot(of: .projects).session(of: Dot(fes.replica.id, 1)) == nil)
    try engine.keepHistory(test.store, .standard)
    try test.store.put("a", ["x": "4"])
    #expect(try texts(test.store, "a") == ["x=3"])
  }

  /// A clock that ran five years ahead would keep others' turn away for five years.
  @Test(arguments: StoreEngine.all)
  func aClockThatIsSetBackTakesTheHistoryAlong(engine: StoreEngine) throws {
    let test = try TestStore(engine, "field/amina")
    let future = Self.wall + 5 * 365 * Self.day
    try test.store.put("a", ["x": "1"], at: future)
    try test.store.put("a", ["x": "2"], at: future)
    try begin(test.store, at: Self.wall)
    #expect(try history(test.store, "a").map(\.milliseconds) == [Self.wall])
    try begin(test.store, at: Self.wall + 91 * Self.day)
    #expect(try history(test.store, "a").isEmpty)
  }

  // MARK: New names

  /// Else a purge, which goes by the new names, would leave what the old ones name.
  @Test(arguments: StoreEngine.all)
  func ownWritesThatAreRenamedAreSoInTheHistory(engine: StoreEngine) throws {
    let test = try TestStore(engine, "office/rabat")
    let old = test.replica.id
    for value in 1...3 { try test.store.put("a", ["x": "\(value)"]) }
    _ = try test.store.renew(old, isRestored: false, token: randomToken)
    let new = try test.store.replica().id
    #expect(try history(test.store, "a").map(\.sibling.dot) == [Dot(new, 1), Dot(new, 2)])
    #expect(try history(test.store, "a").map(\.by) == [Dot(new, 2), Dot(new, 3)])
    try test.store.write(to: .projects, wallMilliseconds: 1_000, note: "") { writer in
      _ = try writer.purge(RecordID("a"))
    }
    #expect(try history(test.store, "a").isEmpty)
  }

  @Test(arguments: StoreEngine.all)
  func aBranchKeepsItsHistoryUnderItsNewName(engine: StoreEngine) throws {
    let rabat = try TestStore(engine, "office/rabat")
    let fes = try TestStore(engine, "office/fes")
    let origin = rabat.replica.id
    let trace = SessionTrace(
      identity: rabat.replica.identity, replica: origin, address: "h:1", milliseconds: 1)
    for value in 1...4 { try rabat.store.put("a", ["x": "\(value)"]) }
    try Carrier(session: trace).carry(from: rabat, to: fes)
    for value in 5...6 { try rabat.store.put("a", ["x": "\(value)"]) }
    try Carrier(session: trace).carry(from: rabat, to: fes)
    for value in 7...8 { try fes.store.put("a", ["x": "\(value)"]) }

    let stamps = [3, 6].map { Stamp(counter: $0, token: ReplicaID(high: $0, low: 1)) }
    try fes.store.adopt(
      [StampRun(origin: origin, after: nil, stamps: stamps)], in: .projects, epoch: nil)
    let healing = try fes.store.heal(
      [Ending(origin: origin, stamp: stamps[0])], in: .projects, token: randomToken)
    let name = stamps[1].token
    #expect(healing.renamings.map(\.name) == [name])
    let kept = try history(fes.store, "a")
    let own = fes.replica.id
    #expect(kept.map(\.sibling.dot) == [Dot(name, 4), Dot(name, 6), Dot(own, 1)])
    #expect(kept.map(\.by) == [Dot(name, 6), Dot(own, 1), Dot(own, 2)])
    let snapshot = try fes.store.snapshot(of: .projects)
    for (dot, expected) in [
      (Dot(origin, 3), trace), (Dot(origin, 4), nil), (Dot(name, 3), nil), (Dot(name, 4), trace),
      (Dot(name, 6), trace),
    ] { #expect(try snapshot.session(of: dot) == expected) }
    try audit(snapshot)
  }

  // MARK: Sessions

  @Test(arguments: StoreEngine.all)
  func eachWriteIsOfTheSessionThatMadeItKnown(engine: StoreEngine) throws {
    let rabat = try TestStore(engine, "office/rabat")
    let fes = try TestStore(engine, "office/fes")
    let (rabatID, fesID) = (rabat.replica.id, fes.replica.id)
    func trace(_ minute: UInt64) -> SessionTrace {
      SessionTrace(
        identity: rabat.replica.identity, replica: rabatID, address: "192.0.2.7:7443",
        milliseconds: Self.wall + minute * 60_000)
    }
    func session(_ dot: Dot) throws -> SessionTrace? {
      try fes.store.snapshot(of: .projects).session(of: dot)
    }
    try rabat.store.put("a", ["x": "1"])
    try rabat.store.put("a", ["x": "2"])
    // Somebody who does not say who he is.
    try Carrier().carry(from: rabat, to: fes)
    try rabat.store.put("a", ["x": "3"])
    try rabat.store.put("b", ["x": "1"])
    try Carrier(session: trace(1)).carry(from: rabat, to: fes)
    try Carrier(session: trace(2)).carry(from: rabat, to: fes)
    try rabat.store.put("b", ["x": "2"])
    try rabat.store.put("c", ["x": "1"])
    try Carrier(batchRecords: 1, cutAfterBatches: 1, session: trace(3)).carry(from: rabat, to: fes)
    #expect(try fes.store.text("b", "x") == ["2"])
    #expect(try session(Dot(rabatID, 5)) == nil)
    try Carrier(session: trace(4)).carry(from: rabat, to: fes)
    try fes.store.put("a", ["x": "4"])

    #expect(try session(Dot(rabatID, 1)) == nil)
    #expect(try session(Dot(rabatID, 2)) == nil)
    #expect(try session(Dot(rabatID, 3)) == trace(1))
    #expect(try session(Dot(rabatID, 4)) == trace(1))
    #expect(try session(Dot(rabatID, 5)) == trace(4))
    #expect(try session(Dot(rabatID, 6)) == trace(4))
    #expect(try session(Dot(rabatID, 7)) == nil)
    #expect(try session(Dot(fesID, 1)) == nil)
    try begin(fes.store, at: Self.wall + 60_001 + 90 * Self.day)
    #expect(try session(Dot(rabatID, 3)) == nil)
    #expect(try session(Dot(rabatID, 5)) == trace(4))
  }
}
