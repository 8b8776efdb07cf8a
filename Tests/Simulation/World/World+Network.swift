import OfficeSyncProtocol
import OfficeSyncRecords
import OfficeSyncReplication
import OfficeSyncStorage
import OfficeSyncSyncLink
import OfficeSyncTestSupport

extension World {
  func anyConnection(_ random: inout SplitMix64) -> Connection? {
    connections.isEmpty ? nil : connections[Int.random(in: connections.indices, using: &random)]
  }

  /// Whether bytes get through to a side now.
  func isOpen(_ connection: Connection, to side: Connection.Side) -> Bool {
    let (from, to) = (connection.end(side.other).site, connection.end(side).site)
    return !blocked.contains(Swarm.Link(client: from.index, server: to.index))
  }

  /// Whether bytes get through both ways.
  func isWhole(_ a: Site, _ b: Site) -> Bool {
    !blocked.contains(Swarm.Link(client: a.index, server: b.index))
      && !blocked.contains(Swarm.Link(client: b.index, server: a.index))
  }

  // MARK: Beginning

  func connect(_ random: inout SplitMix64) throws {
    let link = links[Int.random(in: links.indices, using: &random)]
    let (client, server) = (sites[link.client], sites[link.server])
    let isTwin = connections.contains { $0.end(.client).site === client }
    guard !client.isLost, connections.count < swarm.connectionsMax,
      !isTwin || (swarm.faults.contains(.duplicate) && !disabled.contains(.duplicate)),
      isWhole(client, server)
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
    try open(client, server, names ?? client.store.collections()) { views in
      ClientSession(
        me: try client.info(), peerIdentity: server.identity, directions: directions,
        locals: views.map { ClientSession.Local(collection: $0.name, view: $0.view) },
        takesAll: names == nil, sumsFrom: swarm.sumsFrom)
    }
  }

  /// Somebody compares his store with an office's, and has whatever is wrong made good.
  func verify(_ random: inout SplitMix64) throws {
    let link = links[Int.random(in: links.indices, using: &random)]
    let (client, server) = (sites[link.client], sites[link.server])
    guard !client.isLost, connections.count < swarm.connectionsMax, isWhole(client, server),
      let connection = try openVerify(client, server)
    else { return }
    connections.append(connection)
    try hurry(connection, moves: Int.random(in: 1...20, using: &random), &random)
  }

  func openVerify(_ client: Site, _ server: Site) throws -> Connection? {
    try open(client, server, swarm.collections) { views in
      VerifySession(
        me: try client.info(), peerIdentity: server.identity,
        locals: try views.map { name, view in
          VerifySession.Local(
            collection: name, view: view,
            recordCount: try client.store.snapshot(of: name).recordCount)
        }, repairs: true)
    }
  }

  /// - Returns: nil if the client has no room to open what it holds.
  private func open(
    _ client: Site, _ server: Site, _ names: [CollectionName],
    _ session: ([(name: CollectionName, view: LocalView)]) throws -> any SyncSession
  ) throws -> Connection? {
    let number = nextConnection
    nextConnection += 1
    flights[number] = Flight(sources: [server.index, client.index])
    _ = client.store.takeDeeds()
    var executor = storeExecutor(of: client)
    var views: [(name: CollectionName, view: LocalView)] = []
    do {
      for (index, name) in names.enumerated() {
        views.append((name, try executor.open(name, on: Channel(index + 1))))
      }
    } catch StorageError.diskFull {
      histogram.note(.diskFull)
      return nil
    }
    let host = ServerSession(me: try server.info(), peerIdentity: client.identity)
    let connection = Connection(
      number: number,
      client: endpoint(try session(views), at: client, executor, of: number, .client),
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
    _ session: any SyncSession, at site: Site, _ executor: StoreExecutor, of connection: Int,
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
      guard let side = sides.randomElement(using: &random) else { break }
      let pending = connection.pending(for: side)
      let count = random.oneIn(3) ? Int.random(in: 0...pending, using: &random) : pending
      fold(try connection.move(count, to: side))
    }
    if swarm.linesBreak, !disabled.contains(.cut), !connection.isOver, random.oneIn(3) {
      try breakOff(connection)
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
