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

  /// - Throws: `CommandError` `no-store` (64) with the command that makes one, `store-of-other-user` (77);
  ///   `StorageError`.
  init(_ options: StoreOptions) throws {
    folder = options.folder(of: .client)
    try folder.requireStore(make: Texts.initCommand(data: options.data))
    store = try SQLiteStore.open(folder: folder.path)
    replica = try store.replica()
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
    // The clock is the transaction's; that it can throw is a matter of other engines.
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
