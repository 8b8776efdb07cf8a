import OfficeSyncInMemoryStore
import OfficeSyncProtocol
import OfficeSyncRecords
import OfficeSyncReplication
import OfficeSyncStorage
import Synchronization

/// Three stores that have something to say to each other: an office, another office, and a device. All the same each time.
struct Scene {
  static let office = replica("office/rabat", 1)
  static let otherOffice = replica("office/fes", 2)
  static let device = replica("field/amina", 3)
  /// Those that the device may present: its own, and one that its store had before.
  static let deviceReplicas: Set<ReplicaID> = [device.id, ReplicaID(high: 3, low: 0)]
  static let projects = collection("projects")
  static let courier = replica("office/courier", 4).identity

  let officeStore: StoreImage
  let clientStore: StoreImage

  /// What a device and an office hold that have synced before, and have both gone on since.
  static let withDevice = Scene(client: device)
  static let withOffice = Scene(client: otherOffice)

  private init(client: ReplicaInfo) {
    let office = InMemoryStore(on: InMemoryStore.Disk(StoreImage(replica: Self.office)))
    let there = InMemoryStore(on: InMemoryStore.Disk(StoreImage(replica: client)))
    for (id, path) in [("a", "title"), ("b", "title"), ("c", "budget/amount"), ("d", "title")] {
      Self.write(id, path, .text("from the office"), in: office)
    }
    Self.write("a", "note", .integer(7), in: there)
    let link = Link(
      office: office, client: there, comparing: false, isRecovering: false, tokens: Tokens(1))
    link.run()
    for store in [office, there] {
      Self.write("b", "title", .text("at the same time"), in: store)
      Self.write(store === office ? "e" : "f", "title", .boolean(true), in: store)
    }
    Self.write("c", "$deleted", .boolean(true), in: office)
    officeStore = office.disk.current
    clientStore = there.disk.current
  }

  static func write(_ id: String, _ path: String, _ value: Value, in store: InMemoryStore) {
    do {
      try store.write(to: projects, wallMilliseconds: Party.wall, note: "") { writer in
        _ = try writer.put(
          try RecordID(id), changes: [(path: try FieldPath(path), content: .value(value))],
          context: nil)
      }
    } catch is StorageError {
      // A peer may have brought the record or the counter to a limit.
    } catch {
      require(false, "a local write fails with \(error)")
    }
  }

  private static func replica(_ identity: String, _ number: UInt64) -> ReplicaInfo {
    guard let identity = try? Identity(identity) else { fatalError("no identity: \(identity)") }
    return ReplicaInfo(
      id: ReplicaID(high: number, low: 1), name: identity.name, identity: identity)
  }

  private static func collection(_ name: String) -> CollectionName {
    guard let name = try? CollectionName(name) else { fatalError("no collection: \(name)") }
    return name
  }
}

/// The random bits of one run, always the same.
final class Tokens: Sendable {
  private let random: Mutex<SplitMix64>

  init(_ seed: UInt64) { random = Mutex(SplitMix64(seed: seed)) }

  var next: @Sendable () -> ReplicaID {
    { [self] in random.withLock { ReplicaID.random(using: &$0) } }
  }
}
