import OfficeSyncProtocol
import OfficeSyncRecords

/// One collection between two offices: it is opened at the one to learn what that office knows, then with that at the
/// other. Each gets the other's `State` in the place of the courier's, and from there on they talk to each other.
struct RelayChannel {
  enum Step: Hashable, Sendable {
    case send(Message, to: RelayEnd)
    /// Passes on what is being received.
    case forward
  }

  private enum Phase {
    case opening
    /// It is open at `.to` as well, with what `.from` had said.
    case offering(State)
    case streaming
    case finished
  }

  private let channel: Channel
  private var phase = Phase.opening
  private var wanted: Set<RelayEnd>
  /// The offices that said this identity may write the collection.
  private let writable: Set<RelayEnd>
  private var agreed: Set<RelayEnd> = []
  private(set) var outcome: RelayOutcome

  /// - Parameters:
  ///   - wanted: the offices that records are to come from.
  ///   - writable: the offices that said this identity may write the collection.
  init(
    channel: Channel, collection: CollectionName, wanted: Set<RelayEnd>, writable: Set<RelayEnd>
  ) {
    self.channel = channel
    self.wanted = wanted
    self.writable = writable
    outcome = RelayOutcome(collection: collection)
  }

  var isFinished: Bool { if case .finished = phase { true } else { false } }
  var carried: UInt64 { outcome.flows.values.reduce(0) { $0 + $1.carried } }

  func open() -> Step {
    // Nobody's digest: the office answers with its State, whatever it knows.
    open(
      at: .from, Standing(digest: .zero, condition: Condition(fingerprint: .zero, isPartial: false))
    )
  }

  mutating func received(
    _ message: Message, from end: RelayEnd
  ) throws(SessionError) -> [Step] {
    switch (phase, message, end) {
    case (_, .refused(let refused), _):
      outcome.failure = RelayFailure(
        end, SessionError(refused.code, refused.message, side: .peer))
      return finish()
    case (.opening, .fork, .from), (.opening, .again, .from), (.offering, .fork, _),
      (.offering, .again, _):
      // Names changed before the offices could speak to each other.
      outcome.reasons.append(.changed)
      return beginAgain()
    case (.opening, .state(let state), .from):
      restrict(to: state.directions, at: .from)
      outcome.standings[.from] = state.standing
      phase = .offering(state)
      return wanted.isEmpty ? finish() : [open(at: .to, state.standing)]
    case (.offering, .same(let same), .to):
      outcome.standings[.to] = outcome.standings[.from].map {
        Standing(digest: $0.digest, condition: same.condition)
      }
      return finish()
    case (.offering(let first), .state(let second), .to):
      restrict(to: second.directions, at: .to)
      outcome.standings[.to] = second.standing
      // The office at the other end has been told of directions that do not hold: it would wait for what never comes.
      guard first.directions == directions(at: .from) else {
        return wanted.isEmpty ? finish() : beginAgain()
      }
      for end in wanted { outcome.flows[end] = RelayOutcome.Flow() }
      phase = .streaming
      return [.send(.state(first), to: .to), .send(.state(second), to: .from)]
    case (.streaming, _, _): return try stream(message, from: end)
    default: throw .unexpected(message.kind, expecting: expected(from: end))
    }
  }

  // MARK: Streams

  private mutating func stream(
    _ message: Message, from end: RelayEnd
  ) throws(SessionError) -> [Step] {
    switch message {
    case .stamps, .begin, .fork: break
    case .records(let records): outcome.flows[end]?.carried += UInt64(records.entries.count)
    case .part(let part): if part.remaining == 0 { outcome.flows[end]?.carried += 1 }
    case .done(let done):
      if outcome.flows[end.other] == nil {
        outcome.standings[end] = done.standing
      }
    case .result(let result) where outcome.flows[end.other] != nil:
      outcome.flows[end.other]?.result = result
      outcome.standings[end] = result.standing
      if outcome.flows.values.allSatisfy({ $0.result != nil }) { return [.forward] + finish() }
    case .again(let again):
      outcome.reasons.append(again.reason)
      agreed.insert(end)
      if agreed.count == RelayEnd.allCases.count { return [.forward] + beginAgain() }
    default: throw .unexpected(message.kind, expecting: expected(from: end))
    }
    return [.forward]
  }

  // MARK: Parts

  /// Records come from an office if it lets them be pulled and the other lets them be pushed.
  private mutating func restrict(to allowed: Directions, at end: RelayEnd) {
    for source in wanted {
      let direction: Directions = source == end ? .pull : .push
      if allowed.contains(direction) { continue }
      wanted.remove(source)
      let hasGrant = direction == .push && writable.contains(end)
      outcome.denied[source] = RelayFailure(
        end,
        hasGrant
          ? .hasNoRoom(side: .peer)
          : SessionError(.notAllowed, "no grant allows it", side: .peer))
    }
  }

  private func directions(at end: RelayEnd) -> Directions {
    var directions: Directions = []
    if wanted.contains(end) { directions.insert(.pull) }
    if wanted.contains(end.other) { directions.insert(.push) }
    return directions
  }

  private func open(at end: RelayEnd, _ standing: Standing) -> Step {
    let open = Open(
      channel: channel, collection: outcome.collection, directions: directions(at: end),
      digest: standing.digest, condition: standing.condition)
    return .send(.open(open), to: end)
  }

  private mutating func beginAgain() -> [Step] {
    outcome.beginsAgain = wanted
    return finish()
  }

  private mutating func finish() -> [Step] {
    phase = .finished
    outcome.isFinished = true
    guard outcome.failure == nil, outcome.beginsAgain == nil, let one = outcome.standings[.from],
      let other = outcome.standings[.to]
    else { return [] }
    outcome.inSync = one.inSync(
      with: other, bothWays: outcome.flows.count == RelayEnd.allCases.count)
    if one.contradicts(other) {
      outcome.failure = RelayFailure(
        .to,
        SessionError(
          .damaged,
          "equal knowledge but unequal contents: \(one.condition.fingerprint) and "
            + "\(other.condition.fingerprint)"))
    }
    return []
  }

  private func expected(from end: RelayEnd) -> [Message.Kind] {
    switch phase {
    case .opening: [.state, .refused]
    case .offering: end == .to ? [.same, .state, .refused] : []
    case .streaming:
      [.stamps, .begin, .records, .part, .done, .result, .fork, .again, .refused]
    case .finished: []
    }
  }
}
