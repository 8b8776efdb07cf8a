import OfficeSyncProtocol
import OfficeSyncRecords
import OfficeSyncReplication
import OfficeSyncStorage
import OfficeSyncSyncLink
import OfficeSyncTestSupport

extension World {
  private static let connectionsMax = 6

  func anyConnection(_ random: inout SplitMix64) -> Connection? {
    connections.isEmpty ? nil : connections[Int.random(in: connections.indices, using: &random)]
  }

  /// Whether bytes get through to a side now.
  func isOpen(_ connection: Connection, to side: Connection.Side) -> Bool {
    let (from, to) = (connection.end(side.other).site, connection.end(side).site)
    return !blocked.contains(Swarm.Link(client: from.index, server: to.index))
  }

  // MARK: Beginning

  func connect(_ random: inout SplitMix64) throws {
    let link = links[Int.random(in: links.indices, using: &random)]
    let (client, server) = (sites[link.client], sites[link.server])
    let isTwin = connections.contains { $0.end(.client).site === client }
    guard !client.isLost, connections.count < Self.connectionsMax,
      !isTwin || (swarm.faults.contains(.duplicate) && !disabled.contains(.duplicate)),
      !blocked.contains(link),
      !blocked.contains(Swarm.Link(client: link.server, server: link.client))
    else { return }
    let choices: [Directions] = [.pull, .push, [.pull, .push], [.pull, .push]]
    let directions = choices[Int.random(in: choices.indices, using: &random)]
    let names: [CollectionName]? =
      random.oneIn(3) ? nil : random.oneIn(4) ? [swarm.collections[0]] : swarm.collections
    guard let connection = try open(client, server, directions, names) else { return }
    connections.append(connection)
    if isTwin { histogram.note(.duplicate) }
    // Some sessions run on at once, some to their end.
    if Int.random(in: 0..<10, using: &random) < swarm.haste {
      try hurry(connection, moves: Int.random(in: 1...12, using: &random), &random)
    }
  }

  /// - Parameter names: nil for all that the client holds or the server has.
  func open(
    _ client: Site, _ server: Site, _ directions: Directions, _ names: [CollectionName]?
  ) throws -> Connection? {
    let number = nextConnection
    nextConnection += 1
    flights[number] = Flight(sources: [server.index, client.index])
    _ = client.store.takeDeeds()
    var executor = storeExecutor(of: client)
    var locals: [ClientSession.Local] = []
    do {
      for (index, name) in try (names ?? client.store.collections()).enumerated() {
        let view = try executor.open(name, on: Channel(index + 1))
        locals.append(ClientSession.Local(collection: name, view: view))
      }
    } catch StorageError.diskFull {
      histogram.note(.diskFull)
      return nil
    }
    let session = ClientSession(
      me: try client.info(), peerIdentity: server.identity, directions: directions,
      locals: locals, takesAll: names == nil)
    let host = ServerSession(me: try server.info(), peerIdentity: client.identity)
    let connection = Connection(
      number: number,
      client: endpoint(session, at: client, executor, of: number, .client),
      server: endpoint(
        host, at: server, storeExecutor(of: server),
        of: number, .server))
    say("\(client.name) connects to \(server.name) as \(number)")
    try connection.end(.client).report()
    try connection.end(.client).start()
    return connection
  }

  private func storeExecutor(of site: Site) -> StoreExecutor {
    let clock = site.clock
    return StoreExecutor(store: site.store, wall: { clock.milliseconds }, token: site.token)
  }

  private func endpoint(
    _ session: some SyncSession, at site: Site, _ executor: StoreExecutor, of connection: Int,
    _ side: Connection.Side
  ) -> Endpoint {
    Endpoint(
      session, at: site, executor: executor,
      lag: SplitMix64(seed: swarm.seed &+ UInt64(2 * connection + side.rawValue)),
      notify: { [unowned self, unowned site] notice in
        try note(notice, at: site, side, of: connection)
      })
  }

  // MARK: Going on

  func deliver(_ random: inout SplitMix64) throws {
    guard let connection = anyConnection(&random) else { return }
    try hurry(connection, moves: Int.random(in: 1...4, using: &random), &random)
  }

  /// Moves bytes, in pieces as they come.
  func hurry(_ connection: Connection, moves: Int, _ random: inout SplitMix64) throws {
    for _ in 0..<moves where !connection.isOver {
      let sides = Connection.Side.allCases.filter {
        connection.canMove(to: $0) && isOpen(connection, to: $0)
      }
      guard let side = sides.randomElement(using: &random) else { return }
      let pending = connection.pending(for: side)
      let count = random.oneIn(3) ? Int.random(in: 0...pending, using: &random) : pending
      fold(try connection.move(count, to: side))
    }
  }

  enum Ending { case done, again }

  /// Runs a session to its end over a link that is whole.
  func finish(_ connection: Connection) throws -> Ending {
    while !connection.isOver {
      let side = Connection.Side.allCases.first { connection.canMove(to: $0) }
      guard let side else {
        throw Violation("stuck", "connection \(connection.number) waits for ever")
      }
      fold(try connection.move(.max, to: side))
    }
    return flights.removeValue(forKey: connection.number)?.beginsAgain == true ? .again : .done
  }
}
