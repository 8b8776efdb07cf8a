import Foundation
import Logging
import OfficeSyncProtocol
import OfficeSyncRecords
import OfficeSyncReplication
import OfficeSyncSecureTransport
import OfficeSyncStorage
import OfficeSyncSyncLink
import OfficeSyncTestSupport
import Synchronization

/// One organisation: the authority that all its certificates come from.
struct Organisation: Sendable {
  let authority: TestPKI

  init() throws {
    authority = try TestPKI()
  }

  /// With a new certificate.
  func context(
    for identity: Identity, as role: TLSConfiguration.Role, revoked: String? = nil
  ) throws -> TLSContext {
    try context(of: issue(for: identity), as: role, revoked: revoked)
  }

  func issue(
    for identity: Identity, validity: ClosedRange<Date> = TestPKI.now()
  ) throws -> TestPKI.Issued {
    try authority.issue(
      uris: [identity.uri], addresses: identity.role == .office ? [[127, 0, 0, 1]] : [],
      usages: identity.role == .office ? [.client, .server] : [.client], validity: validity)
  }

  func context(
    of issued: TestPKI.Issued, as role: TLSConfiguration.Role, revoked: String? = nil,
    strangers: String? = nil
  ) throws -> TLSContext {
    try TLSContext(
      TLSConfiguration(
        role: role, certificateChain: .bytes(Array(issued.chainPEM.utf8)),
        privateKey: .bytes(Array(issued.keyPEM.utf8)),
        authorities: .bytes(Array(authority.authorityPEM.utf8)),
        revocationLists: revoked.map { .bytes(Array($0.utf8)) }, strangerProtocol: strangers,
        acceptsPeerURI: { uri in
          role == .server
            ? (try? Identity(uri: uri)) != nil : (try? Identity(uri: uri))?.role == .office
        }))
  }
}

extension Organisation {
  /// The office of Rabat, and a device that may read and write its projects.
  func officeAndDevice() throws -> (office: Site, device: Site) {
    let office = try Site("office/rabat", in: self)
    let device = try Site("field/amina", in: self)
    try office.grant("field/amina", .projects, .write)
    return (office, device)
  }
}

/// A store with who it belongs to.
final class Site: Sendable {
  let organisation: Organisation
  let identity: Identity
  let store: SQLiteStore
  let replica: ReplicaInfo
  let folder: TestFolder
  let disk = TestDisk()
  private let certificate: TestPKI.Issued?

  /// - Parameters:
  ///   - replicaID: at random unless a test wants two of one name.
  ///   - author: whose store it is, if not the identity's own.
  ///   - certificate: the identity's; a new one for each sync unless given.
  init(
    _ identity: String, in organisation: Organisation, replicaID: ReplicaID? = nil,
    author: String? = nil, certificate: TestPKI.Issued? = nil
  ) throws {
    self.organisation = organisation
    self.certificate = certificate
    self.identity = try Identity(identity)
    var generator = SystemRandomNumberGenerator()
    let owner = try Identity(author ?? identity)
    replica = ReplicaInfo(
      id: replicaID ?? .random(using: &generator), name: owner.name, identity: owner)
    folder = try TestFolder()
    _ = try SQLiteStore.create(folder: folder.path, replica: replica)
    let disk = disk
    store = try SQLiteStore.open(folder: folder.path) { _ in disk.space }
    if owner.role == .office {
      try store.grant(
        Grant(subject: .everyone(.office), scope: .allCollections, access: .write),
        wallMilliseconds: wallClock())
    }
  }

  func grant(_ identity: String, _ collection: CollectionName, _ access: Access) throws {
    try store.grant(
      Grant(subject: Grant.Subject(identity), scope: .collection(collection), access: access),
      wallMilliseconds: wallClock())
  }

  // MARK: Records

  @discardableResult
  func put(
    _ id: String, _ fields: [String: String], in collection: CollectionName = .projects
  ) throws -> Dot? {
    try store.write(to: collection, wallMilliseconds: wallClock(), note: "") { writer in
      try writer.put(
        RecordID(id), changes: fields.map { (try FieldPath($0), .value(.text($1))) },
        context: nil)
    }
  }

  /// Many records in one transaction, with a text that does not compress to less than about `bytes` bytes each.
  func fill(
    _ count: Int, prefix: String, bytes: Int = 600, in collection: CollectionName = .projects
  ) throws {
    var random = SplitMix64(seed: prefix.utf8.reduce(1) { $0 &* 31 &+ UInt64($1) })
    // Six bits a character.
    let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+-")
    try store.write(to: collection, wallMilliseconds: wallClock(), note: "") { writer in
      for number in 0..<count {
        let text = String((0..<bytes * 4 / 3).map { _ in alphabet[Int(random.next() >> 58)] })
        _ = try writer.put(
          RecordID("\(prefix)-\(number)"),
          changes: [(try FieldPath("text"), .value(.text(text + "\(number)")))], context: nil)
      }
    }
  }

  func values(_ id: String, _ path: String, in collection: CollectionName = .projects) throws
    -> [String]
  {
    let record = try store.snapshot(of: collection).record(RecordID(id))
    return try record?.siblings(at: FieldPath(path)).map { sibling in
      if case .value(.text(let text)) = sibling.content { text } else { "-" }
    }.sorted() ?? []
  }

  func snapshot(_ collection: CollectionName = .projects) throws -> any CollectionSnapshot {
    try store.snapshot(of: collection)
  }

  // MARK: Syncing

  /// One session with a server on this machine.
  func sync(
    _ directions: Directions = [.pull, .push], port: Int,
    _ collections: [CollectionName]? = [.projects],
    wall: @escaping @Sendable () -> UInt64 = wallClock
  ) async throws -> SyncClient.Report {
    let context = try organisation.context(
      of: certificate ?? organisation.issue(for: identity), as: .client)
    let client = SyncClient(software: "test", store: store, context: context, wall: wall)
    var request = SyncClient.Request(
      host: "127.0.0.1", port: port, directions: directions, collections: collections)
    request.connectTime = .seconds(120)
    request.idleTime = .seconds(120)
    return await client.sync(request)
  }
}

/// A disk that is as full as a test says.
final class TestDisk: Sendable {
  private let full = Mutex(false)

  var isFull: Bool {
    get { full.withLock { $0 } }
    set { full.withLock { $0 = newValue } }
  }

  var space: DiskSpace { DiskSpace(freeBytes: isFull ? 1 : 1 << 40, totalBytes: 1 << 40) }
}

@Sendable func wallClock() -> UInt64 { UInt64(Date().timeIntervalSince1970 * 1_000) }

extension CollectionName {
  static let projects = (try? CollectionName("projects")) ?? .office
  static let visits = (try? CollectionName("visits")) ?? .office
}

extension SyncClient.Report {
  /// What became of the one collection that was asked for.
  var outcome: ChannelOutcome? { outcomes.first }

  /// What the session itself found wrong, if that is why it ended early.
  var sessionError: SessionError? {
    if case .session(let error) = failure?.kind { error } else { nil }
  }

  /// The code that it failed with.
  var code: FailureCode? { sessionError?.code }
}
