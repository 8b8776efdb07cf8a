import OfficeSyncProtocol
import OfficeSyncRecords
import OfficeSyncStorage
import OfficeSyncTestSupport
import Testing

@testable import OfficeSyncReplication

/// Sessions that last.
@Suite struct LiveTests {
  private let casa: TestReplica
  private let rabat: TestReplica
  private var link: VirtualLink

  init() throws {
    casa = try TestReplica("office/casa")
    rabat = try TestReplica("office/rabat")
    try casa.put("p", ["a": .integer(1)])
    try rabat.put("q", ["a": .integer(2)])
    link = try VirtualLink(casa, with: rabat, [.pull, .push], lasts: true)
    while try link.step() {}
    #expect(link.lasts)
    #expect(!link.isClosed)
  }

  private func expectSame() throws {
    #expect(try casa.view().knowledge == rabat.view().knowledge)
    #expect(try casa.view().condition == rabat.view().condition)
  }

  @Test mutating func whatChangesOnEitherSideIsExchanged() throws {
    try expectSame()
    for number in 0..<5 {
      try casa.put("p", ["a": .integer(Int64(number))])
      try link.changed()
      try expectSame()
      try rabat.put("q", ["a": .integer(Int64(number))])
      try link.changed()
      try expectSame()
    }
    try casa.put("p", ["a": .integer(7)])
    try rabat.put("q", ["a": .integer(8)])
    try link.changed()
    try link.changed()
    try expectSame()
    #expect(!link.isClosed)
  }

  @Test mutating func nothingIsSaidWhereNothingIsNew() throws {
    try link.changed()
    let before = link.messages
    for _ in 0..<3 { try link.changed() }
    #expect(link.messages == before)
    // One change is one exchange, and no echo follows.
    try casa.put("p", ["a": .integer(3)])
    try link.changed()
    let after = link.messages
    for _ in 0..<3 { try link.changed() }
    #expect(link.messages == after)
    #expect(link.result.sentByClient.count == 2)
  }

  @Test mutating func aNewCollectionIsFollowedToo() throws {
    let visits = try CollectionName("visits")
    try rabat.put("v", ["a": .integer(1)], in: visits)
    try link.changed()
    #expect(try casa.record("v", in: visits) != nil)
    let notes = try CollectionName("notes")
    try casa.put("n", ["a": .integer(1)], in: notes)
    try link.changed()
    #expect(try rabat.record("n", in: notes) != nil)
  }

  /// It is not opened when the session begins, since the server holds nothing of it.
  @Test func aCollectionThatWasEmptyIsFollowedToo() throws {
    let visits = try CollectionName("visits")
    let office = try TestReplica("office/fes", granting: [visits])
    var link = try VirtualLink(casa, with: office, .pull, collections: nil, lasts: true)
    while try link.step() {}
    #expect(link.lasts)
    #expect(Set(link.result.client.map(\.collection)) == [projects, visits])
    try office.put("v", ["a": .integer(1)], in: visits)
    try link.changed()
    #expect(try casa.record("v", in: visits) != nil)
  }

  /// What happens while a collection is under way is looked at when that is done.
  @Test func whatChangesMeanwhileComesNext() throws {
    var link = link
    try casa.put("p", ["a": .integer(3)])
    try link.changed(meanwhile: {
      try casa.put("p2", ["a": .integer(4)])
      try rabat.put("q2", ["a": .integer(5)])
    })
    try link.changed()
    try expectSame()
    #expect(try rabat.record("p2") != nil)
    #expect(try casa.record("q2") != nil)
  }

  /// A backlog is under way, and what the offices agree on does not wait for its end.
  @Test mutating func aRevocationGoesBesideABacklog() throws {
    try rabat.fill("backlog", count: 200, field: "text", bytes: 6_000)
    try link.begin()
    while !link.isSending, try link.step() {}
    try rabat.put("revoked/x", ["list": .bytes([1])], in: .office)
    try link.begin()
    while try casa.record("revoked/x", in: .office) == nil, try link.step() {}
    #expect(link.channelsUnderWay > 0)
    #expect(try casa.record("backlog199") == nil)
    while try link.step() {}
    try expectSame()
    #expect(try casa.record("backlog199") != nil)
  }

  /// Many exchanges, and nothing is kept of those that are done.
  @Test mutating func itLasts() throws {
    for number in 0..<300 {
      let writer = number % 2 == 0 ? casa : rabat
      try writer.put("p\(number)", ["a": .integer(Int64(number))])
      try link.changed()
    }
    try expectSame()
    #expect(link.channelsUnderWay == 0)
  }

  /// Where names have to be put in order the session ends, and the next one goes on.
  @Test func itEndsWhereNamesFork() throws {
    let copy = try TestReplica(copyOf: rabat)
    try rabat.put("lost", ["a": .integer(1)])
    _ = try converse(casa, with: rabat, [.pull, .push])
    try copy.put("new", ["a": .integer(2)])
    var second = try VirtualLink(casa, with: copy, [.pull, .push], lasts: true)
    while try second.step() {}
    #expect(second.isClosed)
    #expect(second.result.beginsAgain)
    var third = try VirtualLink(casa, with: copy, [.pull, .push], lasts: true)
    while try third.step() {}
    #expect(third.lasts)
    #expect(try copy.values("lost", "a") == [.integer(1)])
    #expect(try casa.values("new", "a") == [.integer(2)])
  }

  // MARK: Grants that change

  @Test mutating func whatMayBeReachedNowIsOpened() throws {
    let visits = try CollectionName("visits")
    try rabat.put("v", ["a": .integer(1)], in: visits)
    // As if nobody had told of the collection: the client might not read it.
    try link.grantsChanged(to: [projects: [.pull, .push], visits: .pull])
    #expect(try casa.record("v", in: visits) != nil)
  }

  @Test mutating func whatIsAsItWasIsLeftAlone() throws {
    let before = link.messages
    try link.grantsChanged(to: [projects: [.pull, .push]])
    #expect(link.messages == before)
  }

  /// A stream that is under way when the right to it goes ends there, on both sides; the session lasts.
  @Test func aStreamIsCutOff() throws {
    var link = link
    try rabat.fill("big", count: 200, field: "a", bytes: 2_000)
    try link.begin()
    while !link.isSending, try link.step() {}
    try link.grantsChanged(to: [projects: .push])
    #expect(link.result.client.last?.error?.code == .notAllowed)
    #expect(link.result.server.last?.error?.code == .notAllowed)
    #expect(link.channelsUnderWay == 0)
    #expect(!link.isClosed)
    #expect(try casa.view().recordCount < rabat.view().recordCount)
  }

  @Test func aWatchThatOnlyPullsShowsNothing() throws {
    let (fes, oujda) = (try TestReplica("office/fes"), try TestReplica("office/oujda"))
    var watch = try VirtualLink(fes, with: oujda, .pull, lasts: true)
    while try watch.step() {}
    try fes.put("p", ["a": .integer(1)])
    try oujda.put("q", ["a": .integer(1)])
    try watch.changed()
    #expect(try fes.record("q") != nil)
    #expect(try oujda.record("p") == nil)
  }
}
