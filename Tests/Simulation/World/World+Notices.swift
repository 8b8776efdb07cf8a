import OfficeSyncProtocol
import OfficeSyncRecords
import OfficeSyncReplication
import OfficeSyncStorage

/// What the product does goes into the model here: who has truly seen what.
extension World {
  func note(
    _ notice: Endpoint.Notice, at site: Site, _ side: Connection.Side, of connection: Int
  ) throws {
    switch notice {
    case .deed(let deed):
      touched.insert(site.index)
      try note(deed, at: site, side, of: connection)
    case .received(let message):
      histogram.note(.message(message.kind))
      say("  \(connection): \(site.name) gets \(describe(message))")
      try noteStream(message, at: site, side, of: connection)
    case .finished(let outcome):
      histogram.note(outcome.error.map { .outcome($0.code) } ?? "outcome done")
      if outcome.resumed { histogram.note("outcome resumed") }
      if outcome.deferred > 0 { histogram.note("outcome deferred") }
      if outcome.beginsAgain {
        histogram.note("outcome begins again")
        flights[connection]?.beginsAgain = true
      }
      if outcome.refused > 0 {
        throw Violation("error", "an office refused records of \(site.name)")
      }
      if let error = outcome.error { try expect(error.code, error.message, at: site) }
    case .failed(let error):
      histogram.note(.session(error.code))
      try expect(error.code, error.message, at: site)
      if error.code == .storage, error.side == .here, site.store.takeRefused() > 0 {
        histogram.note(.diskFull)
      }
    case .compared(let comparisons):
      for comparison in comparisons { try note(comparison, at: site) }
    }
  }

  private func note(
    _ deed: WatchedStore.Deed, at site: Site, _ side: Connection.Side, of connection: Int
  ) throws {
    switch deed {
    case .opened(let collection):
      flights[connection]?.frozen[side.rawValue][collection] = site.ghost
    case .applied(let batch): try received(batch, at: site, side, of: connection)
    case .completed(let completion): completed(completion, at: site, side, of: connection)
    case .healed(let healing):
      // A screen goes by the names that it was opened under.
      site.screens = [:]
      for renaming in healing.renamings {
        histogram.note("healing renamed")
        say("\(site.name) renames \(renaming.origin) after \(renaming.after) to \(renaming.name)")
      }
    case .other: break
    }
  }

  /// Nothing is ever damaged here: who knows the same holds the same.
  private func note(_ comparison: ComparisonOutcome, at site: Site) throws {
    if let error = comparison.error { try expect(error.code, error.message, at: site) }
    if comparison.isSame == true { histogram.note("verify same") }
    guard comparison.differences.isEmpty else {
      throw Violation(
        "verify",
        "\(site.name) finds \(comparison.differences.map(\.id)) of \(comparison.collection) damaged"
      )
    }
  }

  private func frozen(
    _ side: Connection.Side, of connection: Int, _ collection: CollectionName
  ) throws -> Ghost {
    guard let ghost = flights[connection]?.frozen[side.rawValue][collection] else {
      throw Violation("order", "records of \(collection) came before it was opened")
    }
    return ghost
  }

  /// Whatever a record's state has in it comes along with the record, if the receiver took it.
  private func received(
    _ batch: IncomingBatch, at site: Site, _ side: Connection.Side, of connection: Int
  ) throws {
    let collection = batch.collection
    let sender = try frozen(side.other, of: connection, collection)
    let known = try frozen(side, of: connection, collection).claims[collection] ?? WriteSet()
    let view = try site.store.snapshot(of: collection)
    let told = flights[connection]?.known[side.rawValue][collection] ?? VersionVector()
    var taken: Set<CausalLog.Key> = []
    var counting: [CausalLog.Key: WriteSet] = [:]
    for incoming in batch.records {
      let key = try key(of: incoming.id, in: collection)
      let earlier = flights[connection]?.earlier[side.rawValue][collection]?[key]
      let isOld = sender.seen(key).isSubset(of: known) || earlier == sender.seen(key)
      // What the receiver has by a new name comes again from somebody who has not heard of that.
      let goesByOneName = sender.seen(key).allSatisfy {
        names.isUnshared(log.writes[$0].dot.replica)
      }
      if isOld && goesByOneName {
        throw Violation(
          "carried-twice", "\(incoming.id) came to \(site.name), which had acknowledged all of it")
      }
      let held = try view.record(incoming.id)?.clock ?? VersionVector()
      if incoming.checked.clock.isCovered(by: held) {
        site.ghost.received(key, from: sender)
        taken.insert(key)
        // One with several entries that the receiver lacks may come once for each: the sender cannot tell that it went out
        // for another. And what the sender itself has ahead of its knowledge does not count.
        // And the schema, which goes ahead of all others, comes again until its place among them is passed.
        if incoming.id != .schema,
          incoming.checked.clock.entries.count(where: { !told.covers($0) }) == 1,
          sender.seen(key).isSubset(of: sender.claims[collection] ?? WriteSet())
        {
          counting[key] = sender.seen(key)
        }
        histogram.note("record taken")
      } else {
        histogram.note("record not taken")
      }
    }
    if taken.count < batch.records.count {
      flights[connection]?.streams[side.rawValue][collection]?.missed()
    }
    guard taken.count == batch.records.count, let progress = batch.progress,
      let source = flights[connection]?.sources[side.rawValue]
    else { return }
    flights[connection]?.streams[side.rawValue][collection]?
      .add(counting, of: taken, progress: progress)
    let place = Ghost.Source(site: source, collection: collection)
    site.ghost.streams[place] = flights[connection]?.streams[side.rawValue][collection]
  }

  /// Keeps account of how far each stream got, and where it went on.
  private func noteStream(
    _ message: Message, at site: Site, _ side: Connection.Side, of connection: Int
  ) throws {
    switch message {
    case .welcome, .open, .state, .begin: break
    case .hello, .same, .stamps, .records, .part, .done, .result, .refused, .fork, .again, .fail,
      .compare, .ask, .sums, .fetch, .relay, .watch, .changed, .alive:
      return
    }
    // Out of its place, so that what it holds is changed and not copied.
    guard var flight = flights.removeValue(forKey: connection) else { return }
    defer { flights[connection] = flight }
    switch message {
    case .welcome(let welcome): flight.isRecovering = welcome.isRecovering
    case .open(let open): flight.collections[open.channel] = open.collection
    case .state(let state):
      guard let collection = flight.collections[state.channel] else { break }
      let (receiver, sender) = (flight.sources[side.rawValue], site.index)
      let place = Ghost.Source(site: sender, collection: collection)
      let stream = sites[receiver].ghost.streams[place]
      flight.known[side.other.rawValue][collection] = state.knowledge.vector
      flight.shown[side.other.rawValue][collection] =
        stream?.progress == state.progress ? stream : nil
    case .begin(let begin):
      guard let collection = flight.collections[begin.channel] else { break }
      let shown = flight.shown[side.rawValue][collection]
      let stream = Ghost.Stream(
        begin, told: flight.known[side.rawValue][collection] ?? VersionVector(), resuming: shown)
      flight.earlier[side.rawValue][collection] = stream.passed
      flight.streams[side.rawValue][collection] = stream
    case .hello, .same, .stamps, .records, .part, .done, .result, .refused, .fork, .again, .fail,
      .compare, .ask, .sums, .fetch, .relay, .watch, .changed, .alive:
      break
    }
  }

  private func completed(
    _ completion: StreamCompletion, at site: Site, _ side: Connection.Side, of connection: Int
  ) {
    let collection = completion.collection
    guard let flight = flights[connection],
      let sender = flight.frozen[side.other.rawValue][collection]
    else { return }
    let source = flight.sources[side.rawValue]
    // A device vouches for its own writes alone, unless the office may have lost what it has of others.
    let isBelieved = sites[source].isOffice || flight.isRecovering
    let vouched = isBelieved ? sender.claims[collection] : sender.own[collection]
    let claimed = (vouched ?? WriteSet()).filter { number in
      let dot = log.writes[number].dot
      return names.isUnshared(dot.replica)
        ? completion.knowledge.covers(dot) : !completion.knowledge.isEmpty
    }
    site.ghost.claims[collection, default: WriteSet()].formUnion(WriteSet(claimed))
    site.ghost.streams[Ghost.Source(site: source, collection: collection)] = nil
  }

  private func describe(_ message: Message) -> String {
    switch message {
    case .state(let state):
      let progress = state.progress.map { ", progress \(describe($0.vector))" } ?? ""
      return "state: knows \(describe(state.knowledge.vector))\(progress)"
    case .begin(let begin): return "begin\(begin.resumed ? ", resumed" : "")"
    case .records(let records):
      let entries = records.entries.map { entry in
        let clock = (try? RecordDecoder.decode(entry.record).0.clock) ?? VersionVector()
        return "\(entry.id) for entry \(entry.clockIndex) of \(describe(clock))"
      }
      return "records \(entries.joined(separator: ", "))"
    case .done(let done): return "done: knows \(describe(done.knowledge))"
    case .hello, .welcome, .open, .same, .stamps, .part, .result, .refused, .fork, .again, .fail,
      .compare, .ask, .sums, .fetch, .relay, .watch, .changed, .alive:
      return "\(message.kind)"
    }
  }

  /// A record by its clock and the dots that it holds.
  func describe(_ record: Record?) -> String {
    guard let record else { return "nothing" }
    let fields = record.fields.map { field in
      let dots = field.siblings.map { "\(name(of: $0.dot.replica)):\($0.dot.counter)" }
      return "\(field.path) \(dots.joined(separator: " "))"
    }
    return "\(describe(record.clock)) with \(fields.joined(separator: ", "))"
  }

  func describe(_ vector: VersionVector) -> String {
    let entries = vector.entries.map { "\(name(of: $0.replica)):\($0.counter)" }
    return "[\(entries.joined(separator: " "))]"
  }

  private func name(of replica: ReplicaID) -> String {
    sites.first { $0.replica == replica }?.name ?? replica.description
  }

  func key(of id: RecordID, in collection: CollectionName) throws -> CausalLog.Key {
    let subject = subjects.first { $0.id == id && $0.collection == collection }
    guard let subject else {
      throw Violation("invented", "nobody ever wrote \(collection)/\(id)")
    }
    return subject.key
  }

  /// Errors that this run's faults may bring about; any other is a fault of the product.
  private func expect(_ code: FailureCode, _ detail: String, at site: Site) throws {
    let isDue =
      switch code {
      case .notAllowed: swarm.faults.contains(.access)
      case .clockAhead: swarm.faults.contains(.clock)
      // A full disk, or a clock that was set right in the middle of a session. And what an office grants in its Welcome and not
      // any more a moment later passes for want of room: a client cannot tell the two apart.
      case .storage: !swarm.faults.isDisjoint(with: [.diskFull, .clock, .access])
      // To whoever compares while names change.
      case .knowledgeDiffers: names.copies > 0
      case .forked, .replicaOwnedByAnother, .protocolViolation, .versionUnsupported, .overLimit,
        .shuttingDown, .idle, .damaged,
        .notTrusted, .busy, .unknown:
        false
      }
    if !isDue { throw Violation("error", "\(code) at \(site.name): \(detail)") }
  }
}
