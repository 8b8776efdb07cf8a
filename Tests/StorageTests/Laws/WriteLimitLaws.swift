import OfficeSyncProtocol
import OfficeSyncRecords
import OfficeSyncStorage
import Testing

/// Local writes are held to the limits; what merging makes of a record is not.
@Suite struct WriteLimitLaws {
  private func put(
    _ test: TestStore, _ changes: [(path: FieldPath, content: Sibling.Content)]
  ) throws {
    try test.store.write(to: .projects, wallMilliseconds: 1, note: "") { writer in
      _ = try writer.put(RecordID("a"), changes: changes, context: nil)
    }
  }

  private func text(_ count: Int) -> Sibling.Content {
    .value(.text(String(repeating: "x", count: count)))
  }

  @Test(arguments: StoreEngine.all)
  func aTextAtTheLimitPassesAndOneByteMoreDoesNot(engine: StoreEngine) throws {
    let test = try TestStore(engine, "field/amina")
    let path = try FieldPath("x")
    try put(test, [(path, text(WriteLimits.textBytesMax))])
    #expect(
      throws: StorageError.limit(.textBytes(path: path, max: WriteLimits.textBytesMax))
    ) { try put(test, [(path, text(WriteLimits.textBytesMax + 1))]) }
    // Lists do not hide it.
    #expect(throws: StorageError.limit(.textBytes(path: path, max: WriteLimits.textBytesMax))) {
      let long = Value.text(String(repeating: "x", count: WriteLimits.textBytesMax + 1))
      try put(test, [(path, .value(.list([.null, long])))])
    }
  }

  @Test(arguments: StoreEngine.all)
  func valuesAndPathsOfOneWriteAreLimited(engine: StoreEngine) throws {
    let test = try TestStore(engine, "field/amina")
    let large = try (0..<5).map { (path: try FieldPath("p\($0)"), content: text(60_000)) }
    #expect(throws: StorageError.limit(.valueBytes(max: WriteLimits.valueBytesMax))) {
      try put(test, large)
    }
    try put(test, Array(large.prefix(4)))
    let many = try (0...WriteLimits.pathsMax).map { number in
      (path: try FieldPath("n\(number)"), content: Sibling.Content.value(.null))
    }
    #expect(throws: StorageError.limit(.paths(max: WriteLimits.pathsMax))) { try put(test, many) }
    try put(test, Array(many.dropLast()))
    try audit(test.store.snapshot(of: .projects))
  }

  @Test(arguments: StoreEngine.all)
  func aPathOccursOnceInAWrite(engine: StoreEngine) throws {
    let test = try TestStore(engine, "field/amina")
    let path = try FieldPath("x")
    #expect(throws: StorageError.pathTwice(path)) {
      try put(test, [(path, text(1)), (path, text(2))])
    }
  }

  @Test(arguments: StoreEngine.all)
  func aLargeRecordMayShrinkButNotGrow(engine: StoreEngine) throws {
    let test = try TestStore(engine, "office/rabat")
    for number in 0..<18 { try put(test, [(try FieldPath("p\(number)"), text(60_000))]) }
    let before = try test.store.snapshot(of: .projects).record(RecordID("a"))
    #expect(throws: StorageError.limit(.recordBytes(max: WriteLimits.recordBytesSoftMax))) {
      try put(test, [(try FieldPath("more"), text(10))])
    }
    #expect(try test.store.snapshot(of: .projects).record(RecordID("a")) == before)
    try put(test, [(try FieldPath("p0"), text(10))])
    try put(test, [(try FieldPath("p1"), .absent)])
    try test.store.delete("a")
    try audit(test.store.snapshot(of: .projects))
  }
}
