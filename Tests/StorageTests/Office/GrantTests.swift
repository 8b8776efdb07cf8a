import OfficeSyncRecords
import OfficeSyncStorage
import OfficeSyncTestSupport
import Testing

@Suite struct GrantTests {
  private let folder: TestFolder
  private let store: SQLiteStore

  init() throws {
    folder = try TestFolder()
    store = try SQLiteStore.create(folder: folder.path, replica: .rabat())
  }

  private func grant(_ subject: String, _ scope: String, _ access: Access) throws -> Grant {
    Grant(subject: try Grant.Subject(subject), scope: try Grant.Scope(scope), access: access)
  }

  private func give(_ subject: String, _ scope: String, _ access: Access) throws {
    try store.grant(grant(subject, scope, access), wallMilliseconds: 1_000)
  }

  @discardableResult
  private func take(_ subject: String, _ scope: String, leaving remaining: Access) throws -> Bool {
    try store.revoke(
      from: Grant.Subject(subject), scope: Grant.Scope(scope), remaining: remaining,
      wallMilliseconds: 1_000)
  }

  private func access(_ identity: String, _ collection: String) throws -> Access {
    try store.access(of: Identity(identity), to: CollectionName(collection))
  }

  @Test func whatNoGrantAllowsIsRefused() throws {
    #expect(try access("office/fes", "projects") == .none)
    #expect(try store.grants().isEmpty)
  }

  @Test func aGrantHoldsForItsSubjectAndScopeAlone() throws {
    try give("field/amina", "projects", .read)
    #expect(try access("field/amina", "projects") == .read)
    #expect(try access("field/amina", "archive") == .none)
    #expect(try access("field/omar", "projects") == .none)
    #expect(try access("office/amina", "projects") == .none)
  }

  @Test func wildcardsMatchARoleAndAllCollections() throws {
    try give("office/*", "*", .write)
    try give("field/*", "projects", .read)
    #expect(try access("office/fes", "anything") == .write)
    #expect(try access("field/amina", "projects") == .read)
    #expect(try access("field/amina", "archive") == .none)
  }

  @Test func theWidestGrantHolds() throws {
    try give("field/*", "projects", .read)
    try give("field/amina", "projects", .write)
    #expect(try access("field/amina", "projects") == .write)
    #expect(try access("field/omar", "projects") == .read)
  }

  @Test func grantsOnlyAdd() throws {
    try give("field/amina", "projects", .write)
    try give("field/amina", "projects", .read)
    #expect(try access("field/amina", "projects") == .write)
    try give("field/amina", "projects", .none)
    #expect(try store.grants() == [grant("field/amina", "projects", .write)])
  }

  @Test func takingWritingLeavesReading() throws {
    try give("field/amina", "projects", .write)
    #expect(try take("field/amina", "projects", leaving: .read))
    #expect(try access("field/amina", "projects") == .read)
    #expect(try !take("field/amina", "projects", leaving: .read))
    #expect(try take("field/amina", "projects", leaving: .none))
    #expect(try access("field/amina", "projects") == .none)
    #expect(try !take("field/amina", "projects", leaving: .none))
  }

  @Test(arguments: [
    ("field/*", "projects"), ("field/amina", "*"), ("field/*", "*"),
  ])
  func takingWhatAWildcardGivesIsRefused(subject: String, scope: String) throws {
    try give("field/amina", "projects", .write)
    try give(subject, scope, .write)
    let wide = try grant(subject, scope, .write)
    for remaining in [Access.none, .read] {
      #expect(throws: StorageError.grantedByWildcard(wide)) {
        try take("field/amina", "projects", leaving: remaining)
      }
    }
    #expect(try store.grants().count == 2)
    #expect(try take(subject, scope, leaving: .none))
    #expect(try take("field/amina", "projects", leaving: .none))
  }

  @Test func aWildcardThatGivesNoMoreThanRemainsIsNoHindrance() throws {
    try give("field/*", "*", .read)
    try give("field/amina", "projects", .write)
    #expect(try take("field/amina", "projects", leaving: .read))
    #expect(try access("field/amina", "projects") == .read)
  }

  @Test func devicesNeverSeeTheOfficesOwnCollection() throws {
    #expect(try access("office/fes", "$office") == .write)
    try give("field/*", "*", .write)
    #expect(try access("field/amina", "$office") == .none)
    #expect(throws: NameError.reserved) { try give("field/amina", "$office", .write) }
  }

  @Test func changesShowAtOnceOnAnotherInstance() throws {
    let server = try SQLiteStore.open(folder: folder.path)
    try give("field/amina", "projects", .read)
    let (amina, projects) = (try Identity("field/amina"), try CollectionName("projects"))
    #expect(try server.access(of: amina, to: projects) == .read)
    try take("field/amina", "projects", leaving: .none)
    #expect(try server.access(of: amina, to: projects) == .none)
  }

  @Test func subjectsAndScopesReadWhatTheyPrint() throws {
    for text in ["office/*", "field/*", "field/amina"] {
      #expect(try Grant.Subject(text).description == text)
    }
    for text in ["*", "projects"] {
      #expect(try Grant.Scope(text).description == text)
    }
    for text in ["*", "office", "office/", "boss/amina", "field/a*"] {
      #expect(throws: NameError.self) { try Grant.Subject(text) }
    }
    for text in ["p*", "$office"] {
      #expect(throws: NameError.self) { try Grant.Scope(text) }
    }
  }
}
