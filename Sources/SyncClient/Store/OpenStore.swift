import Foundation
import OfficeSyncCommandSupport
import OfficeSyncProtocol
import OfficeSyncRecords
import OfficeSyncStorage

/// The store that a command works on, open.
struct OpenStore {
  let folder: StoreFolder
  let store: SQLiteStore
  let replica: ReplicaInfo
  /// nil for a field device's store: what is done there stands in its records alone.
  let audit: AuditLog?
  private let options: StoreOptions
  /// nil where the file is wrong: that is for the command to tell that needs it.
  private let configuration: StoreConfiguration?

  /// - Throws: `CommandError` `no-store` (64) with the command that makes one, `store-of-other-user` (77);
  ///   `StorageError`.
  init(_ options: StoreOptions) throws {
    self.options = options
    folder = try Self.folder(options)
    store = try SQLiteStore.open(folder: folder.path)
    replica = try store.replica()
    configuration = try? StoreConfiguration(readingFrom: folder)
    audit =
      replica.identity.role == .office
      ? AuditLog(of: folder, megabytes: configuration?.audit) : nil
    if let configuration {
      try store.keepHistory(HistoryRetention(days: configuration.history))
      store.keepReserve(DiskReserve(percent: configuration.reserve))
    }
  }

  /// The folder of a store that is there.
  ///
  /// - Throws: `CommandError` `no-store` (64), `store-of-other-user` (77).
  static func folder(_ options: StoreOptions) throws(CommandError) -> StoreFolder {
    let folder = options.folder(of: .client)
    try folder.requireStore(make: NextSteps.make(options).description)
    return folder
  }

  /// What to do next on this store.
  ///
  /// - Parameter server: what `--server` said.
  func next(server: String? = nil) -> NextSteps {
    let configured = try? configuration?.server()
    return NextSteps(options, server: server, isConfigured: configured != nil)
  }

  /// What to do after a command that makes at most one write.
  ///
  /// - Parameters:
  ///   - dot: the write; nil if there was nothing to write.
  ///   - look: how to look at what was to be written.
  func next(after dot: Dot?, orElse look: (NextSteps) -> NextStep) -> NextStep {
    let next = next()
    let looking = look(next)
    return dot == nil ? looking : next.afterWrite(by: replica.identity.role, orElse: looking)
  }

  /// Does what an administrator of an office has to answer for, once it is written down.
  ///
  /// - Parameter note: who sat at the desk.
  /// - Throws: `CommandError` `not-recorded` (74), and then nothing was done; else what `body` throws.
  @discardableResult
  func recording<Result>(
    _ command: String, by note: String, _ members: [JSONMember], _ body: () throws -> Result
  ) throws -> Result {
    guard let audit else { return try body() }
    return try audit.recording(
      AuditAct(command, by: note, members), at: Self.wallMilliseconds, body)
  }

  /// Makes one write to one record.
  ///
  /// - Parameters:
  ///   - note: who sat at the desk.
  ///   - context: the clock of what the user saw; nil means the record as it stands.
  ///   - changes: what to write, given the record as it stands; none means no write.
  /// - Returns: the write's dot; nil if there was nothing to write.
  func write(
    to id: RecordID, in collection: CollectionName, note: String, context: VersionVector? = nil,
    _ changes: (_ record: Record, _ desk: Desk) throws -> [Record.Change]
  ) throws -> Dot? {
    try store.write(to: collection, wallMilliseconds: Self.wallMilliseconds, note: note) { writer in
      let desk = try Desk(writer)
      return try writer.put(
        id, changes: changes(desk.record(id), desk), context: context)
    }
  }

  /// Erases a record's values for good.
  ///
  /// - Parameter note: who sat at the desk.
  /// - Returns: the write's dot; nil if there was nothing to erase.
  func purge(_ id: RecordID, in collection: CollectionName, note: String) throws -> Dot? {
    try store.write(to: collection, wallMilliseconds: Self.wallMilliseconds, note: note) { writer in
      guard let record = try writer.record(id), !record.isPurged else { return nil }
      return try writer.purge(id)
    }
  }

  /// The wall clock, in milliseconds since 1970 UTC; 0 for a clock before that.
  static var wallMilliseconds: UInt64 {
    UInt64(max(0, Date().timeIntervalSince1970 * 1_000))
  }
}

/// What edits are made with inside one transaction: the schema in force, read once, and the clock.
struct Desk {
  let editor: RecordEditor
  private let writer: any RecordWriter

  init(_ writer: any RecordWriter) throws {
    self.writer = writer
    editor = RecordEditor(schema: try writer.schema(), replica: writer.replica.id)
  }

  /// The record as it stands; an empty one if there is none.
  func record(_ id: RecordID) throws -> Record { try writer.record(id) ?? Record() }

  func changes(_ edits: [Edit], to record: Record) throws -> [Record.Change] {
    // That the clock can throw is a matter of other engines.
    var failure: (any Error)?
    let changes = try editor.changes(edits, to: record) {
      do { return try writer.nextTime() } catch {
        failure = error
        return .zero
      }
    }
    if let failure { throw failure }
    return changes
  }
}

extension RecordEditor {
  init(schema: Schema, replica: ReplicaID) {
    self.init(schema: schema, replica: replica, elementSegment: { $0.elementSegment })
  }
}
