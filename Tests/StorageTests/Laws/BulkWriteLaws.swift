import OfficeSyncProtocol
import OfficeSyncRecords
import OfficeSyncStorage
import Testing

/// What every engine owes to an import: new records whose fields were worked out before, in a row of transactions.
@Suite struct BulkWriteLaws {
  private func fields(_ texts: [String: String]) throws -> EncodedFields {
    EncodedFields(try changes(texts).sorted { $0.path < $1.path })
  }

  @Test(arguments: StoreEngine.all)
  func itMakesWhatAnyWriteMakes(engine: StoreEngine) throws {
    let (one, other) = (
      try TestStore(engine, "field/amina", id: 7), try TestStore(engine, "field/amina", id: 7)
    )
    let texts = ["title": "Pôle", "city": "أكادير"]
    let dot = try one.store.write(to: .projects, wallMilliseconds: 5, note: "Salma") {
      try $0.put(RecordID("a"), fields: fields(texts))
    }
    #expect(dot == Dot(one.replica.id, 1))
    try other.store.write(to: .projects, wallMilliseconds: 5, note: "Salma") {
      _ = try $0.put(RecordID("a"), changes: changes(texts), context: nil)
    }
    let (a, b) = (try one.store.snapshot(of: .projects), try other.store.snapshot(of: .projects))
    #expect(try a.record(RecordID("a")) == b.record(RecordID("a")))
    #expect(try a.condition == b.condition)
    #expect(try a.knowledge == b.knowledge)
    try audit(a)
  }

  /// Whoever worked the fields out knew of no record: this is as if he had written on another machine.
  @Test(arguments: StoreEngine.all)
  func whatWasWrittenMeanwhileStaysBesideIt(engine: StoreEngine) throws {
    let test = try TestStore(engine, "office/rabat")
    try test.store.setSchema(["title": .manual])
    try test.store.put("a", ["title": "theirs", "status": "signed", "same": "x"])
    try test.store.write(to: .projects, wallMilliseconds: 9, note: "") { writer in
      _ = try writer.put(RecordID("a"), fields: fields(["title": "ours", "same": "x"]))
    }
    #expect(try test.store.text("a", "title").sorted() == ["ours", "theirs"])
    #expect(try test.store.text("a", "status") == ["signed"])
    let snapshot = try test.store.snapshot(of: .projects)
    #expect(snapshot.openConflictCount == 1)
    #expect(try snapshot.knowledge.vector[test.replica.id] == 3)
    try audit(snapshot)
  }

  @Test(arguments: StoreEngine.all)
  func devicesWriteNoReservedRecords(engine: StoreEngine) throws {
    let test = try TestStore(engine, "field/amina")
    #expect(throws: StorageError.officesOnly) {
      try test.store.write(to: .projects, wallMilliseconds: 9, note: "") {
        _ = try $0.put(.schema, fields: fields(["x": "1"]))
      }
    }
    #expect(try test.store.snapshot(of: .projects).recordCount == 0)
  }

  /// In a row of transactions each is durable and seen by all, whoever writes in between, and whether or not the row comes to its end.
  @Test(arguments: StoreEngine.all, [false, true])
  func eachTransactionOfARowStandsByItself(engine: StoreEngine, comesToItsEnd: Bool) throws {
    let test = try TestStore(engine, "office/rabat")
    try test.store.put("m", ["x": "before"])
    for number in 0..<6 {
      try test.store.write(to: .projects, wallMilliseconds: 9, note: "", moreFollow: true) {
        for id in ["b\(number)", "q\(number)"] {
          _ = try $0.put(RecordID(id), fields: fields(["x": id]))
        }
        // Found in the same transaction, too.
        #expect(try $0.record(RecordID("b\(number)")) != nil)
      }
      if number == 3 { try test.again().put("between", ["x": "1"]) }
      for store in [test.store, try test.again()] {
        #expect(try store.text("q\(number)", "x") == ["q\(number)"])
        #expect(try store.text("b0", "x") == ["b0"])
        try audit(store.snapshot(of: .projects))
      }
    }
    if comesToItsEnd { try test.store.put("m", ["x": "after"]) }
    for store in [test.store, try test.again()] {
      let snapshot = try store.snapshot(of: .projects)
      #expect(snapshot.recordCount == 14)
      #expect(
        try snapshot.recordIDs(after: nil, limit: 3).map(\.description) == ["b0", "b1", "b2"])
      try audit(snapshot)
    }
  }
}
