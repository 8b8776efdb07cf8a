import Foundation
import OfficeSyncCommandSupport
import OfficeSyncRecords
import OfficeSyncStorage
import Testing

@testable import syncclient

struct PurgeCommandTests {
  @Test func valuesAreErasedAndTheTombstoneStays() async throws {
    let office = try CommandLine("office/rabat")
    try await office("put", "contacts", "p1", "phone=0600-112233")
    let purged = try await office("purge", "contacts", "p1")
    #expect(purged.output.contains("Purged p1 from contacts"))
    let bytes = try Data(contentsOf: URL(filePath: "\(office.data)/store.sqlite"))
    #expect(bytes.range(of: Data("0600-112233".utf8)) == nil)
    let record = try await office("get", "contacts", "p1", "--json").json()
    #expect(record["deleted"] == .boolean(true))
    #expect(record["fields"] == .object([]))
    #expect(try await office("ls", "contacts", "--json").output.isEmpty)
  }

  @Test func whatIsNotThereOrPurgedAlreadyIsNoWrite() async throws {
    let office = try CommandLine("office/rabat")
    let never = try await office("purge", "contacts", "p1", "--json")
    #expect(never.output == "{\"dot\":null,\"changed\":false}\n")
    #expect(try office.store().collections().isEmpty)
    try await office("put", "contacts", "p1", "phone=1")
    let first = try await office("purge", "contacts", "p1", "--json")
    #expect(try first.json()["changed"] == .boolean(true))
    let again = try await office("purge", "contacts", "p1", "--json")
    #expect(try again.json()["changed"] == .boolean(false))
    #expect(again.status == .done)
    let told = try await office("purge", "contacts", "p1")
    #expect(told.output.contains("nothing was written"))
  }

  @Test func whatIsOnlyDeletedStillHasItsValues() async throws {
    let office = try CommandLine("office/rabat")
    try await office("put", "contacts", "p1", "phone=0600-112233")
    try await office("rm", "contacts", "p1")
    #expect(
      try await office("purge", "contacts", "p1", "--json").json()["changed"] == .boolean(true))
    let record = try #require(
      try office.store().snapshot(of: CollectionName("contacts")).record(RecordID("p1")))
    #expect(record.isPurged)
    #expect(record.fields.map(\.path) == [.deleted])
  }

  @Test(arguments: ["p1", "$schema"])
  func onlyOfficesMayAndNoSchemaIsPurged(_ id: String) async throws {
    let device = try CommandLine("field/amina")
    try await device("put", "contacts", "p1", "phone=1")
    let answer = try await device("purge", "contacts", id)
    #expect(answer.failure?.name == (id == "p1" ? "offices-only" : "bad-name"))
    #expect(answer.status == (id == "p1" ? .notAllowed : .badData))
  }
}
