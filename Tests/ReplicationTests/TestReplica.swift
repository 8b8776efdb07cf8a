import Foundation
import OfficeSyncProtocol
import OfficeSyncRecords
import OfficeSyncReplication
import OfficeSyncStorage
import OfficeSyncSyncLink
import OfficeSyncTestSupport
import Synchronization

let projects = CollectionName.projects

extension CollectionName {
  static var projects: CollectionName {
    do { return try CollectionName("projects") } catch { return .office }
  }
}

/// A replica with a real store in a folder of its own.
final class TestReplica: Sendable {
  let identity: Identity
  let folder: TestFolder
  let store: SQLiteStore
  /// What its grants name, whether or not it holds anything of it.
  private let granted: Set<CollectionName>
  private let random: Mutex<SplitMix64>
  /// The wall clock, in milliseconds since 1970.
  var wall: UInt64 {
    get { time.load(ordering: .relaxed) }
    set { time.store(newValue, ordering: .relaxed) }
  }
  private let time = Atomic<UInt64>(1_764_000_000_000)

  init(_ identity: String, seed: UInt64 = 0, granting granted: Set<CollectionName> = []) throws {
    self.granted = granted
    var random = SplitMix64(seed: identity.utf8.reduce(seed) { $0 &* 31 &+ UInt64($1) })
    self.identity = try Identity(identity)
    folder = try TestFolder()
    store = try SQLiteStore.create(
      folder: folder.path + "/store",
      replica: ReplicaInfo(
        id: .random(using: &random), name: self.identity.name, identity: self.identity))
    self.random = Mutex(random)
  }

  /// A copy of another replica's folder, as a disk image would make.
  /// - Parameter change: what becomes of the database's file before it is opened.
  init(copyOf other: TestReplica, changing change: ((inout Data) -> Void)? = nil) throws {
    identity = other.identity
    granted = other.granted
    folder = try TestFolder()
    // The write-ahead log belongs to the database.
    for name in try FileManager.default.contentsOfDirectory(atPath: other.folder.path + "/store") {
      try FileManager.default.createDirectory(
        atPath: folder.path + "/store", withIntermediateDirectories: true)
      try FileManager.default.copyItem(
        atPath: "\(other.folder.path)/store/\(name)", toPath: "\(folder.path)/store/\(name)")
    }
    if let change {
      let file = URL(filePath: folder.path + "/store/store.sqlite")
      var bytes = try Data(contentsOf: file)
      change(&bytes)
      try bytes.write(to: file)
    }
    store = try SQLiteStore.open(folder: folder.path + "/store", in: .unknown)
    random = Mutex(SplitMix64(seed: other.token().low))
  }

  var token: @Sendable () -> ReplicaID {
    { [self] in random.withLock { ReplicaID.random(using: &$0) } }
  }

  var info: LocalInfo {
    get throws {
      LocalInfo(try store.replica(), software: "test")
    }
  }

  /// Sets fields of a record; nil removes one.
  @discardableResult
  func put(_ id: String, _ fields: [String: Value?], in collection: CollectionName = projects)
    throws
    -> Dot?
  {
    try store.write(to: collection, wallMilliseconds: wall, note: "") { writer in
      let changes = try fields.sorted { $0.key < $1.key }.map { path, value in
        (path: try FieldPath(path), content: value.map { Sibling.Content.value($0) } ?? .absent)
      }
      return try writer.put(
        id == "$schema" ? .schema : try RecordID(id), changes: changes, context: nil)
    }
  }

  /// Many records in one transaction, a write each: one field of as many bytes as told.
  func fill(_ prefix: String, count: Int, field: String, bytes: Int) throws {
    try store.write(to: projects, wallMilliseconds: wall, note: "") { writer in
      for n in 0..<count {
        let text = String(repeating: "x", count: bytes) + "\(n)"
        let change = (path: try FieldPath(field), content: Sibling.Content.value(.text(text)))
        _ = try writer.put(try RecordID("\(prefix)\(n)"), changes: [change], context: nil)
      }
    }
  }

  func record(_ id: String, in collection: CollectionName = projects) throws -> Record? {
    try store.snapshot(of: collection).record(try RecordID(id))
  }

  /// The distinct values that a field shows, sorted by dot.
  func values(_ id: String, _ path: String) throws -> [Value?] {
    try record(id)?.siblings(at: try FieldPath(path)).map(\.value) ?? []
  }

  /// Own writes that an office has confirmed: up to this counter.
  func confirmedOwn() throws -> UInt64 { try view().confirmed[store.replica().id] }

  func view(_ collection: CollectionName = projects) throws -> any CollectionSnapshot {
    try store.snapshot(of: collection)
  }

  /// A server that lets everybody do everything.
  var admit: (SessionAction, inout ServerSession, inout StoreExecutor) throws -> [SessionAction] {
    { [self] action, session, executor in
      switch action {
      case .admit:
        let held = Set(try store.collections())
        let access = held.union(granted).sorted().map {
          Welcome.Access(collection: $0, read: true, write: true, isHeld: held.contains($0))
        }
        return session.admitted(access, isRecovering: try store.isRecovering)
      case .authorize(let open):
        let view = try executor.open(open.collection, on: open.channel)
        return session.authorized(open, directions: open.directions, view: view)
      case .send, .store, .awaitDrain, .raiseFrameLimit, .compress, .watch, .review, .finished,
        .close:
        return []
      }
    }
  }
}

extension StoredEntry {
  /// As a store has a record that is what was written.
  init(cursor: EntryCursor, id: RecordID, of collection: CollectionName, _ record: EncodedRecord) {
    let part = Fingerprint(collection: collection, id: id, record: record)
    self.init(
      cursor: cursor, id: id, record: record.bytes,
      checksum: RecordChecksum.of(record, part: part))
  }
}
