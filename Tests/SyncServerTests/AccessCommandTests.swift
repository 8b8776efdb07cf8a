import OfficeSyncCommandErrors
import OfficeSyncCommandSupport
import OfficeSyncProtocol
import OfficeSyncRecords
import OfficeSyncReplication
import OfficeSyncStorage
import OfficeSyncTestSupport
import Testing

@testable import syncserver

@Suite struct AccessCommandTests {
  let folder: TestFolder
  let store: SQLiteStore

  init() async throws {
    folder = try TestFolder()
    _ = try await typed("init", "--data", folder.path + "/office", "--name", "rabat")
    store = try SQLiteStore.open(folder: folder.path + "/office")
  }

  private func access(
    _ verb: String, _ identity: String, _ collection: String, _ flags: String...
  ) async throws -> String {
    _ = try await typed(
      ["access", verb, "--data", store.folder, identity, collection, "--quiet"] + flags)
    let scope = try Grant.Scope(collection)
    let subject = try Grant.Subject(identity)
    let grant = try store.grants().first { $0.subject == subject && $0.scope == scope }
    return grant.map { "\($0.access)" } ?? "none"
  }

  @Test func flagsSayWhatIsGrantedAndTaken() async throws {
    #expect(try await access("grant", "field/amina", "projects", "--read") == "read")
    #expect(try await access("grant", "field/amina", "projects", "--write") == "write")
    // A grant never takes away.
    #expect(try await access("grant", "field/amina", "projects", "--read") == "write")
    #expect(try await access("revoke", "field/amina", "projects", "--write") == "read")
    #expect(try await access("revoke", "field/amina", "projects") == "none")
    #expect(try await access("grant", "field/amina", "projects") == "write")
    #expect(try await access("revoke", "field/amina", "projects", "--read") == "none")
    #expect(try await access("grant", "field/*", "*", "--read", "--write") == "write")
    #expect(try await access("revoke", "field/*", "*", "--read", "--write") == "none")
  }

  @Test func whatAWildcardGrantsCannotBeTakenFromOne() async throws {
    let error = await #expect(throws: StorageError.self) {
      _ = try await access("revoke", "office/fes", "projects", "--write")
    }
    let told = CommandError(try #require(error))
    #expect(told.status == .badData)
    #expect(told.name == "granted-by-wildcard")
    #expect(told.remedy.contains("syncserver access revoke 'office/*' '*'"))
    // Where the wildcard gives no more than what stays, there is no obstacle.
    _ = try await access("revoke", "office/*", "*", "--write")
    #expect(try await access("grant", "office/fes", "projects") == "write")
    #expect(try await access("revoke", "office/fes", "projects", "--write") == "read")
  }

  @Test func listHasALineAGrant() async throws {
    _ = try await access("grant", "field/amina", "projects", "--read")
    let lines = try await typed("access", "list", "--data", store.folder, "--json").output
    #expect(
      lines == #"{"identity":"field/amina","collection":"projects","read":true,"write":false}"#
        + "\n" + #"{"identity":"office/*","collection":"*","read":true,"write":true}"# + "\n")
    let table = try await typed("access", "list", "--data", store.folder).output
    #expect(table.split(separator: "\n").count == 3)
  }

  @Test func grantSaysWhatStands() async throws {
    let said = try await typed(
      "access", "grant", "--data", store.folder, "field/amina", "projects", "--read", "--json")
    #expect(
      said.output
        == #"{"ok":true,"identity":"field/amina","collection":"projects","read":true,"write":false}"#
        + "\n")
  }

  @Test func itNamesWhatComesNext() async throws {
    for (identity, collection, command) in [
      ("field/amina", "projects", "syncclient pull projects"), ("field/*", "*", "syncclient pull"),
    ] {
      let granted = try await typed(
        "access", "grant", "--data", store.folder, identity, collection)
      #expect(granted.errors == "Next, on a machine of \(identity):\n  \(command)\n")
    }
    let revoked = try await typed(
      "access", "revoke", "--data", store.folder, "field/*", "*")
    #expect(revoked.errors.hasSuffix("\n  syncserver access list --data \(store.folder)\n"))
  }

  @Test func aRefusalQuotesTheLineThatWouldAllowIt() throws {
    let context = SessionContext(
      server: "h:1", identity: try Identity("office/fes"), collection: .office, directions: .pull)
    let told = CommandError(SessionError(.notAllowed, "", side: .peer), context)
    #expect(told.remedy.contains("`syncserver access grant office/fes '$office' --read`"))
  }

  @Test(arguments: [
    ("amina", "projects", "bad-identity"), ("field/Amina", "projects", "bad-identity"),
    ("field/amina", "Projects", "bad-name"), ("field/*x", "projects", "bad-identity"),
    ("field/amina", "$office", "offices-own-collection"),
    ("field/*", "$office", "offices-own-collection"),
  ])
  func refusesWhatCannotBe(_ identity: String, _ collection: String, _ name: String) async throws {
    let error = await #expect(throws: CommandError.self) {
      _ = try await access("grant", identity, collection)
    }
    #expect(error?.name == name)
    #expect(error?.status == .badData)
    #expect(try store.grants().count == 1)
  }
}
