import ArgumentParser
import OfficeSyncCommandErrors
import OfficeSyncCommandSupport
import OfficeSyncRecords
import OfficeSyncStorage

struct AccessCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "access",
    abstract: "Say who may read and write which collections.",
    discussion: """
      What no grant allows is refused. IDENTITY is office/NAME or field/NAME, or office/* or field/* for everybody of \
      that role; COLLECTION is a name, or '*' for all. A running server acts on a change at once, other offices when they hear of \
      it. Of a grant and a revocation that two offices made at the same time the revocation holds.
      """,
    subcommands: [AccessGrant.self, AccessRevoke.self, AccessList.self])
}

/// Whom and what a grant is about, and which part of it.
struct GrantArguments: ParsableArguments {
  @Argument(help: "office/NAME, field/NAME, 'office/*' or 'field/*'.")
  var identity: String

  @Argument(help: "A collection's name, or '*' for all.")
  var collection: String

  @Flag(help: "Reading.")
  var read = false

  @Flag(help: "Writing, which includes reading.")
  var write = false

  /// - Throws: `CommandError` `bad-identity` (65)
  func subject() throws -> Grant.Subject {
    do { return try Grant.Subject(identity) } catch { throw CommandError.badSubject(identity) }
  }

  /// - Throws: `CommandError` `bad-name`, `offices-own-collection` (65)
  func scope() throws -> Grant.Scope { try Grant.Scope(argument: collection) }
}

extension Grant.Scope {
  /// A collection's name or `*` as someone typed it.
  ///
  /// - Throws: `CommandError` `bad-name`, `offices-own-collection` (65)
  init(argument text: String) throws {
    do throws(NameError) {
      try self.init(text)
    } catch .reserved {
      throw CommandError.officesOwnCollection
    } catch {
      throw CommandError.badName(text, error)
    }
  }
}

struct AccessGrant: ConsoleCommand {
  static let configuration = CommandConfiguration(
    commandName: "grant",
    abstract: "Let somebody read or write a collection; neither flag means both.",
    discussion: """
      Example: syncserver access grant field/amina casablanca-settat --read --write
      Example: syncserver access grant 'field/*' national-list --read
      """)

  @OptionGroup var grant: GrantArguments
  @OptionGroup var author: AuthorOptions
  @OptionGroup var store: StoreOptions
  @OptionGroup var output: OutputOptions

  func run(console: Console) throws {
    let (subject, scope) = (try grant.subject(), try grant.scope())
    let office = try OfficeStore(opening: store.folder(of: .server))
    let access: Access = grant.read && !grant.write ? .read : .write
    let (new, note) = (Grant(subject: subject, scope: scope, access: access), try author.note())
    try office.recording("access grant", by: note, new.members) {
      try office.store.grant(new, note: note, wallMilliseconds: wallMilliseconds())
    }
    try AccessRules.report(subject, scope, in: office, on: console)
    console.next(NextSteps.granted(subject, scope))
  }
}

struct AccessRevoke: ConsoleCommand {
  static let configuration = CommandConfiguration(
    commandName: "revoke",
    abstract: "Take from somebody what was granted; neither flag means both.",
    discussion: """
      With --write alone reading stays; --read takes both, since writing includes reading. What a wider grant ('*' or \
      'field/*') gives cannot be taken from one alone.

      Example: syncserver access revoke field/amina casablanca-settat --write
      """)

  @OptionGroup var grant: GrantArguments
  @OptionGroup var author: AuthorOptions
  @OptionGroup var store: StoreOptions
  @OptionGroup var output: OutputOptions

  func run(console: Console) throws {
    let (subject, scope) = (try grant.subject(), try grant.scope())
    let office = try OfficeStore(opening: store.folder(of: .server))
    let remaining: Access = grant.write && !grant.read ? .read : .none
    let left = Grant(subject: subject, scope: scope, access: remaining)
    let note = try author.note()
    // What is left, as in the answer.
    try office.recording("access revoke", by: note, left.members) {
      try office.store.revoke(
        from: subject, scope: scope, remaining: remaining, note: note,
        wallMilliseconds: wallMilliseconds())
    }
    try AccessRules.report(subject, scope, in: office, on: console)
    console.next(NextSteps.revoked(store))
  }
}

struct AccessList: ConsoleCommand {
  static let configuration = CommandConfiguration(
    commandName: "list",
    abstract: "List all grants.",
    discussion: "Example: syncserver access list --json")

  @OptionGroup var store: StoreOptions
  @OptionGroup var output: OutputOptions

  func run(console: Console) throws {
    let grants = try OfficeStore(opening: store.folder(of: .server)).store.grants()
    for grant in grants { try console.line(.object(grant.members)) }
    if grants.isEmpty { return try console.print(AccessTexts.nothingGranted) }
    var table = console.table([
      Table.Column(AccessTexts.columnIdentity, isKept: true),
      Table.Column(AccessTexts.columnCollection, isKept: true),
      Table.Column(AccessTexts.columnAccess),
    ])
    for grant in grants {
      try table.add([
        grant.subject.description, grant.scope.description, AccessTexts.access(grant.access),
      ])
    }
    try table.finish()
  }
}

/// What granting and revoking have in common.
private enum AccessRules {
  /// Says what stands now.
  static func report(
    _ subject: Grant.Subject, _ scope: Grant.Scope, in office: OfficeStore, on console: Console
  ) throws {
    let now =
      try office.store.grants().first { $0.subject == subject && $0.scope == scope }
      ?? Grant(subject: subject, scope: scope, access: .none)
    try console.document(.object([JSONMember("ok", .boolean(true))] + now.members))
    try console.print(AccessTexts.stands(now))
  }
}

extension Grant {
  var members: [JSONMember] {
    [
      JSONMember("identity", .string(subject.description)),
      JSONMember("collection", .string(scope.description)),
      JSONMember("read", .boolean(access.mayRead)), JSONMember("write", .boolean(access.mayWrite)),
    ]
  }
}
