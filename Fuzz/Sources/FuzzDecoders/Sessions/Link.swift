import OfficeSyncInMemoryStore
import OfficeSyncProtocol
import OfficeSyncRecords
import OfficeSyncReplication
import OfficeSyncStorage

/// A client and a server at two ends of a link that somebody else may have in his hands.
struct Link {
  let client: Party
  let server: Party

  /// - Parameter comparing: whether the client verifies, and fetches what is damaged; otherwise it syncs.
  init(
    office: InMemoryStore, client store: InMemoryStore, comparing: Bool, isRecovering: Bool,
    tokens: Tokens
  ) {
    let (officeInfo, clientInfo) = (office.replica(), store.replica())
    var executor = StoreExecutor(store: store, wall: { Party.wall }, token: tokens.next)
    let collection = Scene.projects
    let view: LocalView
    do { view = try executor.open(collection, on: 1) } catch {
      fatalError("a store in memory does not open: \(error)")
    }
    let me = LocalInfo(clientInfo)
    let session: any SyncSession
    let actions: [SessionAction]
    if comparing {
      let local = VerifySession.Local(
        collection: collection, view: view,
        recordCount: store.snapshot(of: collection).recordCount)
      var verify = VerifySession(
        me: me, peerIdentity: officeInfo.identity, locals: [local], repairs: true)
      actions = verify.start(wallMilliseconds: Party.wall)
      session = verify
    } else {
      var sync = ClientSession(
        me: me, peerIdentity: officeInfo.identity, directions: [.pull, .push],
        locals: [ClientSession.Local(collection: collection, view: view)], takesAll: true)
      actions = sync.start(wallMilliseconds: Party.wall)
      session = sync
    }
    client = Party(session, store, executor)
    server = Party(
      ServerSession(me: LocalInfo(officeInfo), peerIdentity: clientInfo.identity), office,
      StoreExecutor(store: office, wall: { Party.wall }, token: tokens.next),
      isRecovering: isRecovering)
    client.begin(actions, session)
  }

  /// Delivers all that is under way, and what that brings forth.
  func run() {
    while true {
      if let frame = client.takeFrame() {
        server.receive(frame.encoded)
      } else if let frame = server.takeFrame() {
        client.receive(frame.encoded)
      } else {
        return
      }
    }
  }
}

extension LocalInfo {
  init(_ replica: ReplicaInfo) {
    self.init(
      identity: replica.identity, replica: replica.id, replicaName: replica.name,
      software: "fuzz", formerReplicas: replica.formerIDs)
  }
}
