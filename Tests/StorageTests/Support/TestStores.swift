import Foundation
import OfficeSyncInMemoryStore
import OfficeSyncProtocol
import OfficeSyncRecords
import OfficeSyncStorage
import OfficeSyncTestSupport
import Synchronization
import Testing

/// An engine behind the seam. The laws run for each.
struct StoreEngine: Sendable, CustomTestStringConvertible {
  let testDescription: String
  let create: @Sendable (_ folder: String, _ replica: ReplicaInfo) throws -> any RecordStore
  let open: @Sendable (_ folder: String) throws -> any RecordStore
  let keepHistory: @Sendable (any RecordStore, HistoryRetention) throws -> Void

  static let all = [
    StoreEngine(
      testDescription: "SQLite",
      create: { try SQLiteStore.create(folder: $0, replica: $1) },
      open: { try SQLiteStore.open(folder: $0) },
      keepHistory: { try #require($0 as? SQLiteStore).keepHistory($1) }),
    StoreEngine(
      testDescription: "SQLite, what comes is entered late",
      create: { try SQLiteStore.create(folder: $0, replica: $1).fillingItsTail() },
      open: { try SQLiteStore.open(folder: $0).fillingItsTail() },
      keepHistory: { try #require($0 as? SQLiteStore).keepHistory($1) }),
    StoreEngine(
      testDescription: "in memory",
      create: { InMemoryStore(on: disks.insert(InMemoryStore.Disk(StoreImage(replica: $1)), $0)) },
      open: { InMemoryStore(on: try disks.find($0)) },
      keepHistory: { try #require($0 as? InMemoryStore).keepHistory($1) }),
  ]

  private static let disks = Disks()
}

extension SQLiteStore {
  /// As in a first pull, with batches of any size.
  fileprivate func fillingItsTail() -> SQLiteStore {
    fillTail(withBatchesOf: 1)
    return self
  }
}

/// Stands for the file system of stores in memory.
private final class Disks: Sendable {
  private let byFolder = Mutex<[String: InMemoryStore.Disk]>([:])

  func insert(_ disk: InMemoryStore.Disk, _ folder: String) -> InMemoryStore.Disk {
    byFolder.withLock { $0[folder] = disk }
    return disk
  }

  func find(_ folder: String) throws -> InMemoryStore.Disk {
    let disk = byFolder.withLock { $0[folder] }
    guard let disk else { throw StorageError.noStore(path: folder) }
    return disk
  }
}

extension ReplicaInfo {
  /// The replica of `office/rabat`, under the ID of that short name.
  static func rabat() throws -> ReplicaInfo {
    ReplicaInfo(
      id: ReplicaID(short: "rabat"), name: "rabat", identity: try Identity("office/rabat"))
  }
}

/// A store in a folder of its own.
final class TestStore: Sendable {
  let engine: StoreEngine
  let folder: TestFolder
  let store: any RecordStore
  let replica: ReplicaInfo

  init(_ engine: StoreEngine, _ identity: String, id: UInt64 = .random(in: 1 ... .max)) throws {
    self.engine = engine
    folder = try TestFolder()
    let identity = try Identity(identity)
    replica = ReplicaInfo(
      id: ReplicaID(high: id, low: 7), name: identity.name, identity: identity)
    store = try engine.create(folder.path, replica)
  }

  /// Another instance on the same files.
  func again() throws -> any RecordStore { try engine.open(folder.path) }
}

extension RecordStore {
  /// One write of texts.
  @discardableResult
  func put(
    _ id: String, _ fields: [String: String], in collection: CollectionName = .projects,
    at wallMilliseconds: UInt64 = 1_000, context: VersionVector? = nil
  ) throws -> Dot? {
    try write(to: collection, wallMilliseconds: wallMilliseconds, note: "") { writer in
      try writer.put(
        RecordID(id), changes: changes(fields), context: context)
    }
  }

  func delete(_ id: String, in collection: CollectionName = .projects) throws {
    try write(to: collection, wallMilliseconds: 1_000, note: "") { writer in
      let clock = try writer.record(RecordID(id))?.clock ?? VersionVector()
      _ = try writer.put(RecordID(id), changes: [Deletion.change(seeing: clock)], context: nil)
    }
  }

  /// Declares policies.
  func setSchema(
    _ policies: [String: Policy], in collection: CollectionName = .projects
  ) throws {
    var rules: [FieldPattern: FieldRule] = [:]
    for (pattern, policy) in policies {
      var rule = FieldRule()
      rule.policy = policy
      rules[FieldPattern(try FieldPath(pattern))] = rule
    }
    let schema = try Schema(rules)
    try write(to: collection, wallMilliseconds: 1_000, note: "") { writer in
      let held = try writer.record(.schema) ?? Record()
      _ = try writer.put(
        .schema, changes: schema.changes(replacing: held), context: nil)
    }
  }

  func text(_ id: String, _ path: String, in collection: CollectionName = .projects) throws
    -> [String]
  {
    let record = try snapshot(of: collection).record(RecordID(id))
    return try record?.siblings(at: FieldPath(path)).map { sibling in
      if case .value(.text(let text)) = sibling.content { text } else { "-" }
    }.sorted() ?? []
  }
}

func changes(_ fields: [String: String]) throws -> [(path: FieldPath, content: Sibling.Content)] {
  try fields.map { (try FieldPath($0), .value(.text($1))) }
}

extension CollectionName {
  static let projects = (try? CollectionName("projects")) ?? .office
}
