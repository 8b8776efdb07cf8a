import OfficeSyncRecords
import OfficeSyncTestSupport
import Testing

@Suite struct ResolutionTests {
  /// Three desks disagree on `status`; the first has heard the others. Listed: Closed (c), Active (b), absent (a).
  private func disagreement() throws -> Desk {
    var desks = [
      try Desk("a", author: "office/rabat", schema: SchemaTests.project, wall: 2_000),
      try Desk("b", author: "field/amina", schema: SchemaTests.project, wall: 3_000),
      try Desk("c", author: "office/fes", schema: SchemaTests.project, wall: 4_000),
    ]
    try desks[0].put("status=Active", "title/fr=x")
    for index in 1...2 { try desks[index].pull(from: desks[0]) }
    try desks[0].put("-status")
    try desks[1].put("status=Active", "title/fr=y")
    try desks[1].put("-status")
    try desks[1].put("status=Active")
    try desks[2].put("status=Closed")
    for index in 1...2 { try desks[0].pull(from: desks[index]) }
    return desks[0]
  }

  private func reason(_ body: () throws -> Void) throws -> EditError.Reason {
    try #require(throws: EditError.self, performing: body).reason
  }

  @Test func siblingsAreListedCurrentFirst() throws {
    let conflict = try #require(try disagreement().view.conflicts.first)
    #expect(conflict.isOpen)
    #expect(
      conflict.siblings.map(\.content) == [
        .value(.text("Closed")), .value(.text("Active")), .absent,
      ])
  }

  @Test(arguments: [
    ("1", #""Closed""#), ("2", #""Active""#), ("3", "absent"), ("office/fes", #""Closed""#),
    ("field/amina", #""Active""#), ("office/rabat", "absent"),
    ("00000000000000000000000000000062:3", #""Active""#),
  ])
  func oneIsTaken(_ choice: String, _ expected: String) throws {
    var desk = try disagreement()
    let changes = try desk.resolve(
      "status", .take(try #require(Resolution.Choice(taking: choice))))
    #expect(changes.count == 1)
    #expect(desk.view.conflicts.isEmpty)
    let value = try desk.view.value(at: FieldPath("status"))
    #expect((value?.json.encoded() ?? "absent") == expected)
    // Settled is settled.
    #expect(try desk.resolve("status", .take(.number(1))).isEmpty)
  }

  @Test func anotherValueOrNoneIsTaken() throws {
    var desk = try disagreement()
    try desk.resolve("status", .value(.typed("Active")))
    #expect(try desk.view.value(at: FieldPath("status")) == .text("Active"))
    desk = try disagreement()
    try desk.resolve("status", .absent)
    #expect(try desk.record.siblings(at: FieldPath("status")).map(\.content) == [.absent])
    #expect(
      try reason { try desk.resolve("status", .value(.typed("Open"))) }
        == .notAllowed(.text("Open"), allowed: [.text("Active"), .text("Closed")]))
  }

  @Test func whatCannotBeChosenIsRefused() throws {
    var desk = try disagreement()
    let dot = try Dot(short: "z:1")
    let stranger = try Identity("field/omar")
    #expect(try reason { try desk.resolve("nothing", .absent) } == .unknownPath)
    #expect(try reason { try desk.resolve("$deleted", .absent) } == .unknownPath)
    #expect(try reason { try desk.resolve("status", .take(.dot(dot))) } == .unknownDot(dot))
    #expect(
      try reason { try desk.resolve("status", .take(.number(4))) } == .noSuchNumber(4, count: 3))
    #expect(
      try reason { try desk.resolve("status", .take(.author(stranger))) }
        == .unknownAuthor(stranger))
    for bad in ["", "0", "-1", "amina", "field/", "x:1"] {
      #expect(Resolution.Choice(taking: bad) == nil)
    }
  }

  @Test func anElementIsNotSettledByItself() throws {
    var desk = try Desk("a", author: "office/rabat", schema: SchemaTests.project)
    try desk.put("partners+=x")
    let element = try #require(desk.record.fields.first { $0.path.segments[0] == "partners" })
    #expect(
      try reason { try desk.resolve(element.path.description, .absent) }
        == .below(FieldPath("partners"), .set))
  }

  @Test func anAuthorOfTwoValuesIsAmbiguous() throws {
    var laptop = try Desk("a", author: "field/amina")
    var phone = try Desk("b", author: "field/amina", wall: 5_000)
    try laptop.put("city=Rabat", "place=F\u{E8}s")
    try phone.put("city=Tanger", "place=Fe\u{300}s")
    try laptop.pull(from: phone)
    let amina = Resolution.take(.author(laptop.author))
    #expect(try reason { try laptop.resolve("city", amina) } == .ambiguousAuthor(laptop.author))
    // Two that are equivalent are no choice.
    #expect(throws: Never.self) { try laptop.resolve("place", amina) }
  }

  // MARK: delete/edit

  /// `a` deletes while `b` edits; `a` has heard of it.
  private func disputedDeletion() throws -> Desk {
    var here = try Desk("a", author: "office/rabat", wall: 2_000)
    var there = try Desk("b", author: "field/amina", wall: 3_000)
    try here.put("title=x")
    try there.pull(from: here)
    try here.delete()
    try there.put("title=y")
    try there.put("jobs=5")
    try here.pull(from: there)
    return here
  }

  @Test func aDisputedDeletionIsShownAndNothingVanishes() throws {
    let desk = try disputedDeletion()
    #expect(!desk.view.isDeleted)
    #expect(desk.fields == #"{"jobs":5,"title":"y"}"#)
    let conflict = try #require(desk.view.conflicts.first)
    #expect(conflict.path == .deleted)
    #expect(conflict.isOpen)
    #expect(conflict.siblings.map { $0.value == nil } == [true, true, false])
    #expect(
      conflict.siblings.map(\.dot) == [
        try Dot(short: "b:2"), try Dot(short: "b:1"), try Dot(short: "a:2"),
      ])
  }

  @Test(arguments: ["3", "office/rabat", "00000000000000000000000000000061:2"])
  func takingTheDeletionDeletesKnowingAllEdits(_ choice: String) throws {
    var desk = try disputedDeletion()
    try desk.resolve("$deleted", .take(try #require(Resolution.Choice(taking: choice))))
    #expect(desk.view.isDeleted)
    #expect(desk.view.conflicts.isEmpty)
  }

  @Test(arguments: ["1", "2", "field/amina", "00000000000000000000000000000062:1"])
  func takingAnEditBringsTheRecordBack(_ choice: String) throws {
    var desk = try disputedDeletion()
    try desk.resolve("$deleted", .take(try #require(Resolution.Choice(taking: choice))))
    #expect(!desk.view.isDeleted)
    #expect(desk.view.conflicts.isEmpty)
    #expect(desk.fields == #"{"jobs":5,"title":"y"}"#)
  }

  @Test func trueAndFalseDecideADeletionToo() throws {
    var desk = try disputedDeletion()
    #expect(
      try reason { try desk.resolve("$deleted", .value(.typed("maybe"))) }
        == .value(.notOfType(.boolean)))
    var other = try Desk("c", author: "office/fes", wall: 4_000)
    try other.pull(from: desk)
    try desk.resolve("$deleted", .value(.typed("true")))
    #expect(desk.view.isDeleted)
    try other.resolve("$deleted", .value(.json(.boolean(false))))
    #expect(!other.view.isDeleted)
    #expect(other.view.conflicts.isEmpty)
    // The two decisions, made apart, are a new dispute.
    try desk.pull(from: other)
    #expect(!desk.view.isDeleted)
  }

  @Test func anUndisputedDeletionIsUndoneByTheSameWord() throws {
    var desk = try Desk("a", author: "office/rabat")
    try desk.put("title=x")
    try desk.delete()
    #expect(try desk.resolve("$deleted", .take(.number(1))).isEmpty)
    #expect(try desk.resolve("$deleted", .absent).count == 1)
    #expect(!desk.view.isDeleted)
  }
}
