import Foundation
import OfficeSyncProtocol
import OfficeSyncRecords
import OfficeSyncReplication
import OfficeSyncStorage
import OfficeSyncSyncLink
import Testing

/// A session in which a replica compares what it holds with a server, on a link in memory.
struct VerifyLink {
  private(set) var here: Endpoint<VerifySession>
  private(set) var there: Endpoint<ServerSession>

  /// - Parameters:
  ///   - collections: on the channels 1, 2, …
  ///   - allowed: what the server's grants allow of any collection.
  init(
    _ client: TestReplica, with server: TestReplica, collections: [CollectionName] = [projects],
    repairs: Bool, allowed: Directions = [.pull, .push]
  ) throws {
    var executor = StoreExecutor(
      store: client.store, wall: { [client] in client.wall }, token: client.token)
    let locals = try collections.enumerated().map { index, name in
      VerifySession.Local(
        collection: name, view: try executor.open(name, on: Channel(index + 1)),
        recordCount: try client.view(name).recordCount)
    }
    here = Endpoint(
      session: VerifySession(
        me: try client.info, peerIdentity: server.identity, locals: locals, repairs: repairs),
      executor: executor, wall: client.wall)
    there = try Self.server(server, to: client.identity, allowed: allowed)
    try here.perform(here.session.start(wallMilliseconds: here.wall))
  }

  /// A server that nobody has said anything to.
  /// - Parameter allowed: what its grants allow of any collection.
  static func server(
    _ replica: TestReplica, to identity: Identity, allowed: Directions = [.pull, .push]
  ) throws -> Endpoint<ServerSession> {
    let admit = replica.admit
    return Endpoint(
      session: ServerSession(me: try replica.info, peerIdentity: identity),
      executor: StoreExecutor(
        store: replica.store, wall: { [replica] in replica.wall }, token: replica.token),
      wall: replica.wall
    ) { action, session, executor in
      guard case .authorize(let open) = action, allowed != [.pull, .push] else {
        return try admit(action, &session, &executor)
      }
      let view = try executor.open(open.collection, on: open.channel)
      return session.authorized(open, directions: allowed, view: allowed.isEmpty ? nil : view)
    }
  }

  /// Delivers one message.
  /// - Returns: false if there is none, nor will be.
  mutating func step() throws -> Bool {
    if !here.outbox.isEmpty {
      try there.take(here.outbox.removeFirst())
    } else if !there.outbox.isEmpty {
      try here.take(there.outbox.removeFirst())
    } else if there.wantsDrain {
      try there.drain()
    } else {
      return false
    }
    return true
  }

  mutating func run() throws {
    while try step() {}
  }

  /// The server's grants are other ones now.
  mutating func grantsChanged(to access: [CollectionName: Directions]) throws {
    _ = there.session.accessChanged()
    try there.perform(try there.session.reviewed(access))
  }

  /// Somebody renamed writes of the client's store.
  mutating func namesChanged(on channel: Channel) throws {
    try here.perform(here.session.interrupted(.namesChanged, on: channel))
  }

  /// What came of the first collection.
  var outcome: ComparisonOutcome {
    get throws { try #require(here.session.comparisons.first) }
  }
}

extension TestReplica {
  /// Flips one bit of every copy of some texts in the store's file, and opens it anew: whoever had read a page before
  /// would not notice.
  func damaged(_ texts: [String]) throws -> TestReplica {
    #expect(try store.emptyLog())
    let copy = try TestReplica(copyOf: self) { file in
      for text in texts {
        var from = file.startIndex
        while let place = file.range(of: Data(text.utf8), in: from..<file.endIndex) {
          file[place.lowerBound] ^= 1
          from = place.upperBound
        }
      }
    }
    return copy
  }
}
