import OfficeSyncCommandSupport
import OfficeSyncProtocol
import OfficeSyncRecords
import OfficeSyncStorage
import OfficeSyncTestSupport
import Testing

@testable import syncclient

/// What `watch` finds and says, without a network.
struct ChangeReaderTests {
  private let client: CommandLine
  private let store: SQLiteStore
  private let projects: CollectionName
  private let replica = "00000000000000010000000000000002"

  init() throws {
    client = try CommandLine("office/rabat")
    store = try client.store()
    projects = try CollectionName("projects")
  }

  private func put(_ id: String, _ path: String, _ value: Value?, at time: UInt64 = 1_000) throws {
    try store.write(to: projects, wallMilliseconds: time, note: "") { writer in
      _ = try writer.put(
        RecordID(id), changes: [(try FieldPath(path), value.map { .value($0) } ?? .absent)],
        context: nil)
    }
  }

  /// What another office wrote, not yet known: its stream goes on.
  private func receive(
    _ id: String, _ path: String, _ value: String, _ counter: UInt64, over clock: VersionVector
  ) throws {
    var record = Record()
    record.write(
      [(try FieldPath(path), .value(.text(value)))], as: Dot(fes, counter),
      info: WriteInfo(time: HybridTime(milliseconds: 5_000), author: try Identity("office/fes")))
    record = try Record(
      fields: record.fields, clock: record.clock.joined(clock), erased: record.erased)
    _ = try store.apply(
      IncomingBatch(
        collection: projects, sender: fes, rule: .relayed,
        records: [IncomingRecord(id: RecordID(id), CheckedRecord(record))], progress: nil,
        wallMilliseconds: 10_000))
  }

  private let fes = ReplicaID(high: 3, low: 4)

  private func complete(_ counter: UInt64) throws {
    try store.complete(
      StreamCompletion(
        collection: projects, sender: fes, knowledge: VersionVector(Dot(fes, counter))))
  }

  private func changes(_ reader: inout ChangeReader) throws -> [RecordChange] {
    var changes: [RecordChange] = []
    try reader.forEachChange { changes.append($0) }
    return changes
  }

  private func lines(_ changes: [RecordChange]) -> [String] {
    let style = TextStyle.charset(of: ["LANG": "C.UTF-8"])
    return changes.flatMap(WatchTexts.lines).map { $0.rendered(for: style) }
  }

  @Test func whatIsThereIsOldAndWhatComesIsTold() throws {
    try put("p1", "title", .text("Gare"))
    var reader = try ChangeReader(store, collections: nil)
    #expect(try changes(&reader).isEmpty)
    try put("p1", "title", .text("Gare de Fès"), at: 2_000)
    try put("p2", "budget", .integer(7), at: 3_000)
    let found = try changes(&reader)
    #expect(
      found.first?.json.encoded() == """
        {"collection":"projects","id":"p1","deleted":false,"fields":{"title":"Gare de Fès"},\
        "clock":{"\(replica)":2},"conflicts":{},"changes":[{"path":"title","value":"Gare de Fès",\
        "dot":"\(replica):2","author":"office/rabat","at":"1970-01-01T00:00:02.000Z",\
        "former":[{"value":"Gare","dot":"\(replica):1","author":"office/rabat",\
        "at":"1970-01-01T00:00:01.000Z"}]}]}
        """)
    #expect(
      lines(found) == [
        "1970-01-01 00:00:02 projects p1 office/rabat", "    title: Gare -> Gare de Fès",
        "1970-01-01 00:00:03 projects p2 office/rabat", "    budget: 7",
      ])
    #expect(try changes(&reader).isEmpty)
  }

  /// Several writes between two looks are one change, from what was known before to what is now.
  @Test func writesInBetweenAreNotSingledOut() throws {
    try put("p1", "title", .text("one"))
    var reader = try ChangeReader(store, collections: [projects])
    for value in ["two", "three"] { try put("p1", "title", .text(value), at: 2_000) }
    #expect(lines(try changes(&reader)).last == "    title: one -> three")
    try put("p1", "title", nil, at: 3_000)
    #expect(lines(try changes(&reader)).last == "    title: three -> (nothing)")
  }

  @Test func aNewCollectionIsSeenAndOthersAreLeftAlone() throws {
    var all = try ChangeReader(store, collections: nil)
    var other = try ChangeReader(store, collections: [CollectionName("visits")])
    try put("p1", "title", .text("one"))
    #expect(try changes(&all).count == 1)
    #expect(try changes(&other).isEmpty)
  }

  @Test func aStreamUnderWayShowsWhenItIsWholeAndOnce() throws {
    try put("p1", "title", .text("one"))
    var reader = try ChangeReader(store, collections: nil)
    let seen = VersionVector(Dot(ReplicaID(high: 1, low: 2), 1))
    try receive("p1", "title", "two", 2, over: seen)
    try receive("p2", "title", "second", 1, over: VersionVector())
    #expect(try changes(&reader).isEmpty)
    // An own write in between shows, and nothing of what came ahead.
    try put("p2", "budget", .integer(7), at: 20_000)
    #expect(try changes(&reader).flatMap(\.entries).map(\.path.description) == ["budget"])
    try complete(2)
    let found = try changes(&reader)
    #expect(Set(found.map(\.id.description)) == ["p1", "p2"])
    #expect(lines(found).contains("    title: one -> two"))
    #expect(found.flatMap(\.entries).count == 2)
    #expect(try changes(&reader).isEmpty)
  }

  @Test func disagreementIsShown() async throws {
    let rules = #"{"fields":{"status":{"policy":"manual"}}}"#
    try await setSchema(rules)
    try put("p1", "status", .text("announced"))
    var reader = try ChangeReader(store, collections: nil)
    try receive("p1", "status", "signed", 1, over: VersionVector())
    try complete(1)
    let found = try changes(&reader)
    #expect(lines(found).last == "    status: announced -> signed (in conflict)")
    #expect(found.first?.json["conflicts"]?["status"]?.items.count == 2)
  }

  @Test func deletionsPurgesSetsAndReservedRecords() async throws {
    var reader = try ChangeReader(store, collections: nil)
    try await setSchema(#"{"fields":{"tags":{"policy":"set"}}}"#)
    #expect(try changes(&reader).isEmpty)
    _ = try await client("put", "projects", "p1", "tags+=rail")
    #expect(lines(try changes(&reader)).last == "    tags: +rail")
    _ = try await client("put", "projects", "p1", "tags-=rail")
    #expect(lines(try changes(&reader)).last == "    tags: -rail")
    _ = try await client("rm", "projects", "p1")
    #expect(lines(try changes(&reader)).last == "    deleted")
    _ = try await client("undo", "projects", "p1", "$deleted")
    #expect(lines(try changes(&reader)).last == "    brought back")
    _ = try await client("purge", "projects", "p1", "--yes")
    #expect(lines(try changes(&reader)).last == "    purged")
  }

  private func setSchema(_ text: String) async throws {
    let file = try client.folder.write(text, to: "schema.json")
    #expect(try await client("schema", "set", "projects", file).status == .done)
  }
}
