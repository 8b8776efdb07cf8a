import OfficeSyncRecords
import Testing

@testable import syncclient

/// What a device has written and no office has, as a line, and back.
@Suite struct UnsentRecordTests {
  private let own = ReplicaID(high: 1, low: 1)
  private let office = ReplicaID(high: 2, low: 2)
  private let projects: CollectionName
  private let id: RecordID

  init() throws {
    projects = try CollectionName("projects")
    id = try RecordID("p1")
  }

  private func path(_ text: String) throws -> FieldPath { try FieldPath(text) }

  private func write(
    _ record: inout Record, _ dot: Dot, _ changes: [Record.Change]
  ) throws {
    record.write(
      changes, as: dot, info: WriteInfo(time: .zero, author: try Identity("field/amina")))
  }

  /// The office's title and note, then own writes: one confirmed, others not.
  private func record() throws -> Record {
    var record = Record()
    try write(
      &record, Dot(office, 1),
      [(path("title"), .value(.text("Gare"))), (path("note"), .value(.null))])
    try write(&record, Dot(own, 1), [(path("sent"), .value(.integer(1)))])
    try write(
      &record, Dot(own, 2),
      [
        (path("budget"), .value(.decimal(#require(DecimalNumber("12.50"))))),
        (path("note"), .absent),
        (path("day"), .value(.date(#require(CivilDate("2026-11-24"))))),
      ])
    return record
  }

  private func unsent(_ record: Record, isRefused: Bool = false) -> UnsentRecord? {
    UnsentRecord(
      of: id, record, own: [own], confirmed: VersionVector(Dot(own, 1)), isRefused: isRefused)
  }

  private func read(_ text: String) throws -> UnsentRecord {
    guard case .object(let members) = try JSONValue(parsing: text) else { throw ExitStatusless() }
    return try UnsentRecord(members, in: projects)
  }

  private struct ExitStatusless: Error {}

  @Test func onlyOwnValuesThatNoOfficeHas() throws {
    let found = try #require(unsent(record()))
    #expect(try found.values.map(\.path) == ["budget", "day", "note"].map(path))
    #expect(found.values.allSatisfy { $0.dot == Dot(own, 2) })
    // Of a record that an office refused none is there.
    #expect(try unsent(record(), isRefused: true)?.values.count == 4)
    var sent = Record()
    try write(&sent, Dot(own, 1), [(path("sent"), .value(.integer(1)))])
    #expect(unsent(sent) == nil)
  }

  @Test func itComesBackAsItWas() throws {
    var record = try record()
    try write(&record, Dot(own, 3), [Deletion.change(seeing: record.clock)])
    try write(
      &record, Dot(own, 4),
      [
        (path("bytes"), .value(.bytes([0, 255]))),
        (path("list"), .value(.list([.text("a"), .null]))),
        (path("null"), .value(.null)), (path("text"), .value(.text("2026-11-24"))),
        (path("yes"), .value(.boolean(true))),
        (path("half"), .value(.double(#require(FiniteDouble(0.5))))),
        (path("at"), .value(.timestamp(#require(Timestamp("2026-11-24T09:30:00Z"))))),
      ])
    let unsent = try #require(self.unsent(record))
    #expect(try read(unsent.json(collection: projects).encoded()) == unsent)
  }

  @Test func whatIsThereOrKnownIsLeftOut() throws {
    let unsent = try #require(self.unsent(record()))
    func paths(
      _ record: Record, _ isKnown: (FieldPath, Sibling.Content) -> Bool = { _, _ in false }
    )
      -> [String]
    {
      unsent.changes(to: record, isKnown: isKnown).flatMap { $0 }.map { "\($0.path)" }
    }
    #expect(paths(Record()) == ["budget", "day", "note"])
    #expect(paths(Record()) { path, _ in "\(path)" == "day" } == ["budget", "note"])
    // The office has heard of the write itself, however it came there.
    let known = try record()
    #expect(paths(known).isEmpty)
    var same = Record()
    try write(
      &same, Dot(office, 9), [(path("day"), .value(.date(#require(CivilDate("2026-11-24")))))])
    #expect(paths(same) == ["budget", "note"])
  }

  @Test func whatIsTooMuchForOneWriteIsSeveral() throws {
    var record = Record()
    for number in 0..<3 {
      try write(
        &record, Dot(own, UInt64(number + 2)),
        (0..<1_000).map { (try path("f\(number * 1_000 + $0)"), .value(.integer(Int64($0)))) })
    }
    let lists = try #require(unsent(record)).changes(to: Record()) { _, _ in false }
    #expect(lists.map(\.count).reduce(0, +) == 3_000)
    #expect(lists.allSatisfy { $0.count <= WriteLimits.pathsMax })
  }

  @Test(arguments: [
    #"{"collection":"projects","id":"p1","clock":{},"unsent":[]}"#,
    #"{"collection":"projects","id":"p1","clock":{},"unsent":[{"path":"a","dot":"D:1","absent":true}]}"#,
    #"{"collection":"projects","id":"$schema","clock":{"D":1},"unsent":[{"path":"a","dot":"D:1","absent":true}]}"#,
    #"{"collection":"projects","id":"p1","clock":{"D":1},"unsent":[{"path":"$x","dot":"D:1","absent":true}]}"#,
    #"{"collection":"projects","id":"p1","clock":{"D":1},"unsent":[{"path":"$deleted","dot":"D:1","type":"any","value":1}]}"#,
    #"{"collection":"projects","id":"p1","clock":{"D":1},"unsent":[{"path":"a","dot":"D:1","type":"date","value":"soon"}]}"#,
    #"{"collection":"projects","id":"p1","clock":{"D":-1},"unsent":[{"path":"a","dot":"D:1","absent":true}]}"#,
    #"{"collection":"others","id":"p1","clock":{"D":1},"unsent":[{"path":"a","dot":"D:1","absent":true}]}"#,
    #"{"collection":"projects","id":"p1","clock":{"D":1},"unsent":[7]}"#,
    #"{"collection":"projects","id":"p1","clock":{"D":1},"unsent":{}}"#,
  ])
  func whatNobodyExportedIsRefused(_ line: String) {
    let text = line.replacing("D", with: "\(own)")
    #expect(throws: ImportProblem.Reason.self) { try read(text) }
  }
}
