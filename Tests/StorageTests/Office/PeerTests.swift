import OfficeSyncRecords
import OfficeSyncStorage
import OfficeSyncTestSupport
import Testing

@Suite struct PeerTests {
  private let folder: TestFolder
  private let store: SQLiteStore
  private let own = ReplicaID(short: "rabat")
  private let laptop = ReplicaID(short: "laptop")
  private let phone = ReplicaID(short: "phone")

  init() throws {
    folder = try TestFolder()
    store = try SQLiteStore.create(
      folder: folder.path,
      replica: ReplicaInfo(id: own, name: "rabat", identity: Identity("office/rabat")))
  }

  @Test func aReplicaBelongsToTheFirstIdentityForEver() throws {
    let (amina, omar) = (try Identity("field/amina"), try Identity("field/omar"))
    #expect(try store.owner(of: laptop) == nil)
    try store.bind(replica: laptop, to: amina, name: "laptop", wallMilliseconds: 1_000)
    try store.bind(replica: laptop, to: amina, name: "renamed", wallMilliseconds: 1_000)
    #expect(throws: StorageError.ownedByAnother(amina)) {
      try store.bind(replica: laptop, to: omar, name: "stolen", wallMilliseconds: 1_000)
    }
    #expect(throws: StorageError.ownedByAnother(try Identity("office/rabat"))) {
      try store.bind(replica: own, to: amina, name: "me", wallMilliseconds: 1_000)
    }
    #expect(try SQLiteStore.open(folder: folder.path).owner(of: laptop) == amina)
    #expect(try store.peers().map(\.name) == ["renamed"])
  }

  @Test func anIdentityMayHaveSeveralReplicas() throws {
    let amina = try Identity("field/amina")
    try store.bind(replica: laptop, to: amina, name: "laptop", wallMilliseconds: 1_000)
    try store.bind(replica: phone, to: amina, name: "phone", wallMilliseconds: 1_000)
    #expect(try store.peers().map(\.replica) == [laptop, phone].sorted())
  }

  @Test func whatPeersKnewLastIsListed() throws {
    let amina = try Identity("field/amina")
    try store.bind(replica: laptop, to: amina, name: "laptop", wallMilliseconds: 1_000)
    #expect(
      try store.peers() == [
        Peer(
          replica: laptop, identity: amina, name: "laptop", seenMilliseconds: nil, knowledge: [:])
      ])
    let projects = CollectionName.projects
    try store.notePeer(
      laptop, atMilliseconds: 5, knowledge: VersionVector("a:1"), in: projects)
    try store.notePeer(
      laptop, atMilliseconds: 9, knowledge: VersionVector("a:2,b:1"), in: projects)
    #expect(
      try store.peers() == [
        Peer(
          replica: laptop, identity: amina, name: "laptop", seenMilliseconds: 9,
          knowledge: [projects: VersionVector("a:2,b:1")])
      ])
  }

  @Test func theLastContactWithEachServerIsKept() throws {
    let fes = try Identity("office/fes")
    let first = Contact(server: "fes:7443", identity: fes, atMilliseconds: 1, result: "ok")
    try store.note(first)
    try store.note(Contact(server: "[::1]:7443", identity: nil, atMilliseconds: 2, result: "ok"))
    #expect(try store.contacts().map(\.server) == ["[::1]:7443", "fes:7443"])
    try store.note(
      Contact(server: "fes:7443", identity: nil, atMilliseconds: 3, result: "unreachable"))
    let last = try store.contacts().last
    #expect(
      last == Contact(server: "fes:7443", identity: fes, atMilliseconds: 3, result: "unreachable"))
  }
}
